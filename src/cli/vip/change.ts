import { answerTo } from '../../zookeeper/command-session.ts';
import { parseDrainData } from '../../zookeeper/drain-data.ts';
import type { OperatorNote } from '../../zookeeper/operator-note.ts';
import type { OperatorWrites, Written } from '../../zookeeper/operator-writes.ts';
import type { Requests, Znode } from '../../zookeeper/requests.ts';

/** What became of a drain's znode, in words about the routes, and whether it is now as asked. */
export interface Outcome {
  readonly text: string;
  readonly isAsAsked: boolean;
}

interface Ports {
  readonly requests: Requests;
  readonly writes: OperatorWrites;
}

/** Makes a drain. One that expired is none for the agents, so it is written anew. */
export async function withdraw(
  path: string,
  note: OperatorNote & { readonly sinceMs: number },
  { requests, writes }: Ports,
): Promise<Outcome> {
  const created = await writes.create(path, note);
  if (created.kind !== 'already') return outcomeOf(created, 'withdrawn from now on');
  const found = await answerTo<Znode>((done) => requests.getData(path, undefined, done));
  const { who, reason, expiresMs } = parseDrainData(found.ok ? found.value.data : undefined);
  if (expiresMs !== undefined && expiresMs <= note.sinceMs) {
    return outcomeOf(await writes.rewrite(path, note), 'withdrawn from now on');
  }
  const by = who === undefined ? '' : ` by ${who}`;
  const why = reason === undefined ? '' : `: ${reason}`;
  return outcomeOf(created, `was withdrawn already${by}${why}`);
}

/** Lifts a drain. */
export async function announce(path: string, { writes }: Pick<Ports, 'writes'>): Promise<Outcome> {
  const removed = await writes.remove(path);
  return outcomeOf(removed, removed.kind === 'done' ? 'restored' : 'was not withdrawn');
}

function outcomeOf(written: Written, text: string): Outcome {
  return written.kind === 'failed'
    ? { text: `FAILED: ${written.detail}`, isAsAsked: false }
    : { text, isAsAsked: true };
}
