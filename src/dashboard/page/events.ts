import { beatMs, eventNames } from '../wire.ts';
import { browserClock } from './clock.ts';

/** An event of the server, as it came. */
export interface ServerEvent {
  readonly name: (typeof eventNames)[keyof typeof eventNames];
  readonly data: string;
}

/** Whoever hears the server. */
export interface Hearer {
  hear(event: ServerEvent): void;
  /** The server is not heard any more; told once. */
  lost(): void;
}

/** A connection can die without a word: a laptop that slept, a firewall that forgot. */
const silenceMs = beatMs * 3;

/**
 * Hears the server until the connection breaks or falls silent, or until the function is called that this returns. The
 * browser's own reconnection gives up for good when a proxy answers with an error, and knows nothing of silence.
 */
export function openEvents({ hear, lost }: Hearer): () => void {
  const source = new EventSource('events');
  let cancelWatchdog = () => {};
  const close = () => {
    cancelWatchdog();
    source.close();
  };
  const end = () => {
    close();
    lost();
  };
  const isHeard = () => {
    cancelWatchdog();
    cancelWatchdog = browserClock.after(silenceMs, end);
  };
  isHeard();
  for (const name of Object.values(eventNames)) {
    source.addEventListener(name, ({ data }: MessageEvent<string>) => {
      isHeard();
      hear({ name, data });
    });
  }
  source.onerror = end;
  return close;
}
