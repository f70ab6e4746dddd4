import { beatMs, eventNames, type Message } from '../wire.ts';
import { browserClock } from './clock.ts';

/** Whether the server is heard. */
export type Connection =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'open' }
  | { readonly kind: 'lost'; readonly sinceMs: number };

interface Listener {
  onMessage(message: Message, isWhole: boolean): void;
  onConnection(connection: Connection): void;
}

const retryMs = { least: 300, most: 5_000 } as const;
/** A connection can die without a word: a laptop that slept, a firewall that forgot. */
const silenceMs = beatMs * 3;

/**
 * Hears the server, for as long as the page is open, and connects again whenever it is not heard. The browser's own
 * reconnection gives up for good when a proxy answers with an error, and knows nothing of silence.
 */
export function listenToServer(listener: Listener): void {
  let delayMs: number = retryMs.least;
  let cancelWatchdog = () => {};
  let lostMs: number | undefined;

  const connect = () => {
    const source = new EventSource('events');
    const isHeard = () => {
      cancelWatchdog();
      cancelWatchdog = browserClock.after(silenceMs, again);
    };
    const again = () => {
      cancelWatchdog();
      source.close();
      lostMs ??= browserClock.wallMs();
      listener.onConnection({ kind: 'lost', sinceMs: lostMs });
      browserClock.after(delayMs, connect);
      delayMs = Math.min(delayMs * 2, retryMs.most);
    };
    const hear = (isWhole: boolean) => (event: MessageEvent<string>) => {
      isHeard();
      const message: Message = JSON.parse(event.data);
      if (isWhole) {
        delayMs = retryMs.least;
        lostMs = undefined;
        listener.onConnection({ kind: 'open' });
      }
      listener.onMessage(message, isWhole);
    };
    isHeard();
    source.addEventListener(eventNames.whole, hear(true));
    source.addEventListener(eventNames.change, hear(false));
    source.addEventListener(eventNames.beat, isHeard);
    source.onerror = again;
  };
  connect();
}
