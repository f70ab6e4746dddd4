import { unwatchFile, watchFile } from 'node:fs';
import type { Clock } from '../core/clock.ts';

/** How often a file is looked at. */
const everyMs = 1_000;
/** A file counts as written when one look has found it unchanged. */
const quietMs = 1_500;

/**
 * Calls `changed` once whenever a file, or what a link at its path leads to, has become another one and then stayed as
 * it is for a moment. By looking, not by notifications: those are lost when the file is replaced by another one, when a
 * link in its path is turned (as Kubernetes does with the files of a ConfigMap), and on network file systems.
 * @returns ends the watch; twice is harmless.
 */
export function watchForChanges(path: string, clock: Clock, changed: () => void): () => void {
  let cancel = () => {};
  const onChange = () => {
    cancel();
    cancel = clock.setTimer(quietMs, changed);
  };
  watchFile(path, { interval: everyMs, persistent: false }, onChange);
  return () => {
    cancel();
    unwatchFile(path, onChange);
  };
}
