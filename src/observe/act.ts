import {
  listOf,
  maybe,
  oneOf,
  type Read,
  readContent,
  shape,
  text,
  time,
  version1,
} from './reads.ts';

/** Something done to a service on purpose: its maintenance, or a drain in it, came, changed or went. */
export interface Act {
  /** By the clock of whoever did it, or saw it. */
  readonly at: string;
  readonly kind: 'maintenance' | 'drain';
  /** The member or VIP that is drained. */
  readonly name?: string;
  /** `changed`: a drain that was there has another end or reason. */
  readonly action: 'set' | 'changed' | 'lifted';
  readonly who?: string;
  readonly why?: string;
  /** When the drain ends by itself. */
  readonly expires?: string;
}

export const act: Read<Act> = shape<Act>({
  at: time,
  kind: oneOf('maintenance', 'drain'),
  name: maybe(text),
  action: oneOf('set', 'changed', 'lifted'),
  who: maybe(text),
  why: maybe(text),
  expires: maybe(time),
});

/** Acts of one service that are kept; about 10 kB. */
const keptMax = 50;
const bytesMax = 65_536;

interface Journal {
  readonly v: 1;
  readonly acts: readonly Act[];
}

const journal: Read<Journal> = shape<Journal>({ v: version1, acts: listOf(act) });

/** What commands and the page have done to a service, oldest first; nothing when that cannot be read. */
export function parseJournal(data: Uint8Array | undefined): readonly Act[] {
  const content = readContent(data, bytesMax, journal);
  return content.kind === 'record' ? content.record.acts : [];
}

/** The data of a journal with one act more; the oldest go. What was not understood is replaced. */
export function journalWith(data: Uint8Array | undefined, last: Act): Uint8Array {
  let acts = [...parseJournal(data), last].slice(-keptMax);
  for (;;) {
    const next = new TextEncoder().encode(JSON.stringify({ v: 1, acts } satisfies Journal));
    if (next.length <= bytesMax || acts.length === 1) return next;
    acts = acts.slice(1);
  }
}
