import { statSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Clock } from '../core/clock.ts';

/** How often a file is looked at. */
const everyMs = 1_000;

/**
 * Calls `changed` once whenever a file, or what a link at its path leads to, has become another one and one more look has
 * found it as it was: whoever writes it may not be done. By looking, not by notifications: those are lost when the file
 * is replaced by another one, when a link in its path is turned (as Kubernetes does with the files of a ConfigMap), and
 * on network file systems.
 * @returns ends the watch; twice is harmless.
 */
export function watchForChanges(path: string, clock: Clock, changed: () => void): () => void {
  let told = firstWord(path);
  let seen = told;
  let isOver = false;
  let cancel = () => {};
  const look = async () => {
    const found = wordOf(await stat(path, { bigint: true }).catch(() => undefined));
    if (isOver) return;
    const isNews = found === seen && found !== told;
    seen = found;
    if (isNews) told = found;
    lookLater();
    if (isNews) changed();
  };
  const lookLater = () => {
    cancel = clock.setTimer(everyMs, () => void look());
  };
  lookLater();
  return () => {
    isOver = true;
    cancel();
  };
}

/** At once, so that whatever comes later is a change. */
function firstWord(path: string): string {
  try {
    return wordOf(statSync(path, { bigint: true }));
  } catch {
    return wordOf(undefined);
  }
}

/** The same as long as the file is. What cannot be looked at is as good as absent. */
function wordOf(
  stats: { dev: bigint; ino: bigint; size: bigint; mtimeNs: bigint; ctimeNs: bigint } | undefined,
): string {
  if (stats === undefined) return 'absent';
  const { dev, ino, size, mtimeNs, ctimeNs } = stats;
  return [dev, ino, size, mtimeNs, ctimeNs].join();
}
