import { eventNames, type Message } from '../wire.ts';
import { browserClock } from './clock.ts';
import { type Hearer, openEvents } from './events.ts';
import { shareEvents } from './shared-events.ts';

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

/** Hears the server, for as long as the page is open, and connects again whenever it is not heard. */
export function listenToServer(listener: Listener): void {
  let delayMs: number = retryMs.least;
  let lostMs: number | undefined;
  let build: string | undefined;
  const hearer: Hearer = {
    hear({ name, data }) {
      if (name === eventNames.beat) return;
      const message: Message = JSON.parse(data);
      const isWhole = name === eventNames.whole;
      if (isWhole) {
        // A server of another version came in its place: what it says is for its own page.
        if (build !== undefined && message.build !== build) location.reload();
        build = message.build;
        delayMs = retryMs.least;
        lostMs = undefined;
        listener.onConnection({ kind: 'open' });
      }
      listener.onMessage(message, isWhole);
    },
    lost() {
      lostMs ??= browserClock.wallMs();
      listener.onConnection({ kind: 'lost', sinceMs: lostMs });
      browserClock.after(delayMs, () => connect());
      delayMs = Math.min(delayMs * 2, retryMs.most);
    },
  };
  const connectAlone = () => {
    openEvents(hearer);
  };
  let connect: () => void = connectAlone;
  connect =
    shareEvents(hearer, () => {
      connect = connectAlone;
      hearer.lost();
    }) ?? connectAlone;
  connect();
}
