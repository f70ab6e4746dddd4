import type { Level } from '../core/report.ts';

/** Something that is wrong at a place. */
export interface Complaint {
  readonly level: Level;
  readonly place: string;
  readonly detail: string;
}

/**
 * Says what is wrong once, and again only when it comes back after it was mended: `standing` is told all that is wrong
 * about a topic now, which replaces what it was told before.
 */
export interface Complaints {
  standing(topic: string, complaints: readonly Complaint[]): void;
}

/** Who has so many complaints to see to needs no more lines; and what comes from outside must not fill the memory. */
const standingMax = 100;

const textOf = ({ place, detail }: Complaint) => `${place} ${detail}`;

export function createComplaints(
  note: (level: Level, place: string, detail: string) => void,
): Complaints {
  const told = new Map<string, ReadonlySet<string>>();
  let count = 0;
  let isFull = false;

  /** Says what is new, and answers with all that stands and was told. */
  function tell(
    complaints: readonly Complaint[],
    before: ReadonlySet<string>,
  ): ReadonlySet<string> {
    const now = new Set<string>();
    // What was told comes first: ZooKeeper lists children in any order, and each one would tell another hundred.
    const old = complaints.filter((complaint) => before.has(textOf(complaint)));
    for (const complaint of [...old, ...complaints]) {
      const { level, place, detail } = complaint;
      const full = textOf(complaint);
      if (now.has(full)) continue;
      if (count + now.size >= standingMax) {
        if (!isFull) note('warn', place, `and more is wrong: ${standingMax} things were told`);
        isFull = true;
        break;
      }
      now.add(full);
      if (!before.has(full)) note(level, place, detail);
    }
    return now;
  }

  return {
    standing(topic, complaints) {
      const before = told.get(topic) ?? new Set<string>();
      count -= before.size;
      const now = tell(complaints, before);
      count += now.size;
      if (count < standingMax) isFull = false;
      if (now.size === 0) told.delete(topic);
      else told.set(topic, now);
    },
  };
}
