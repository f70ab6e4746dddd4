import type { Level } from '../core/report.ts';

/** Says each thing once. Bounded: what comes from outside must not fill the memory. */
export type NoteOnce = (level: Level, place: string, detail: string, key?: string) => void;

const keysMax = 1_000;

/** `key` tells two occurrences apart that read alike; without one the same place and detail are said once. */
export function createNoteOnce(
  note: (level: Level, place: string, detail: string) => void,
): NoteOnce {
  const told = new Set<string>();
  return (level, place, detail, key = detail) => {
    const full = `${place} ${key}`;
    if (told.has(full)) return;
    if (told.size >= keysMax) told.clear();
    told.add(full);
    note(level, place, detail);
  };
}
