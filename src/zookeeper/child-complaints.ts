import type { Complaint } from './complaints.ts';
import type { Znode } from './requests.ts';
import { parseZnodeData } from './znode-data.ts';

/** What could not be read of the children of a znode, or that it cannot be created, under the empty name. */
export function refused(path: string, refusals: ReadonlyMap<string, string>): Complaint[] {
  return [...refusals].map(([name, detail]) =>
    name === ''
      ? { level: 'error', place: path, detail: `missing, and cannot be created: ${detail}` }
      : { level: 'error', place: `${path}/${printable(name)}`, detail: `not readable: ${detail}` },
  );
}

/** A child whose name means nothing. */
export function ignored(path: string, name: string, why: string): Complaint {
  return { level: 'warn', place: `${path}/${printable(name)}`, detail: `ignored: ${why}` };
}

/** A claim or member whose data is not ours. */
export function unreadable(
  path: string,
  name: string,
  znode: Znode | undefined,
): readonly Complaint[] {
  const content = znode === undefined ? undefined : parseZnodeData(znode.data);
  if (znode === undefined || content?.kind !== 'unreadable') return [];
  const detail = `data is unreadable (${content.why})`;
  // Nonsense that is written over nonsense is told no more: anybody could fill the log with it.
  return [{ level: 'warn', place: `${path}/${name}`, detail }];
}

/** Names come from anybody; log lines take them cut and without control characters. */
function printable(name: string): string {
  return name.slice(0, 100).replace(/[^\x20-\x7e]/g, '?');
}
