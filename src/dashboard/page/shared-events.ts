import { beatMs } from '../wire.ts';
import { browserClock } from './clock.ts';
import type { Hearer } from './events.ts';
import type { Relayed, TabWord } from './relay.ts';

/** Of browsers that guard what is run; it may only be the relay. Its type is a text to TypeScript. */
declare const trustedTypes:
  | {
      createPolicy(
        name: string,
        rules: { createScriptURL(): string },
      ): { createScriptURL(text: string): string };
    }
  | undefined;

const relayFile = 'relay.js';
/** The relay notices a silent server sooner; what is silent then is the relay. */
const silenceMs = beatMs * 5;

/**
 * Hears the server by the connection that all tabs share; undefined where the browser has no shared workers, as on
 * Android. Returns what asks for everything, and connects again.
 * @param broken the relay does not answer; nothing is heard by it any more.
 */
export function shareEvents({ hear, lost }: Hearer, broken: () => void): (() => void) | undefined {
  if (typeof SharedWorker === 'undefined') return undefined;
  const { port, worker } = startRelay();
  let cancelWatchdog = () => {};
  const stop = () => {
    cancelWatchdog();
    port.onmessage = null;
    broken();
  };
  const isHeard = () => {
    cancelWatchdog();
    cancelWatchdog = browserClock.after(silenceMs, stop);
  };
  const say = (word: TabWord) => port.postMessage(word);
  worker.onerror = stop;
  port.onmessage = ({ data }: MessageEvent<Relayed>) => {
    isHeard();
    if (data === 'lost') lost();
    else hear(data);
  };
  window.addEventListener('pagehide', () => say('bye'));
  return () => {
    isHeard();
    say('open');
  };
}

function startRelay() {
  const url =
    typeof trustedTypes === 'undefined'
      ? relayFile
      : trustedTypes
          .createPolicy('relay', { createScriptURL: () => relayFile })
          .createScriptURL(relayFile);
  // By its name: while a tab of an earlier build is open, that one's relay runs on, and is for that tab alone.
  const worker = new SharedWorker(url, document.documentElement.dataset['relay']);
  return { worker, port: worker.port };
}
