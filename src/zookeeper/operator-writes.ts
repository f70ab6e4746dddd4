import { answerTo } from './command-session.ts';
import { encodeNote, type OperatorNote } from './operator-note.ts';
import { ensurePersistent } from './parents.ts';
import { type Answer, parentOf, type Requests } from './requests.ts';

/** `already`: nothing had to be done. A detail names the path, what ZooKeeper said, and what to do about it. */
export type Written =
  | { readonly kind: 'done' | 'already' }
  | { readonly kind: 'failed'; readonly detail: string };

/** What operators do: the znodes of maintenance and drains, as zkCli makes them, with who and why in them. */
export interface OperatorWrites {
  /** Makes the znode; `already` leaves one as it is that is there. */
  create(path: string, note: OperatorNote): Promise<Written>;
  /** Gives a znode that is there another note, or makes it. */
  rewrite(path: string, note: OperatorNote): Promise<Written>;
  /** Deletes the znode; `already` when there is none. */
  remove(path: string): Promise<Written>;
}

/** @param requests of a session that is established; paths are absolute, a chroot included. */
export function createOperatorWrites(requests: Requests): OperatorWrites {
  const record = (path: string, note: OperatorNote) =>
    answerTo<void>((done) => requests.createRecord(path, encodeNote(note), done));
  const create = async (path: string, note: OperatorNote): Promise<Written> => {
    const first = await record(path, note);
    if (first.ok || first.problem !== 'noNode') return writtenOf(path, first, 'nodeExists');
    // Agents make the parent; where none has run yet, or the tree was cleared, it is ours to make.
    const parent = await answerTo<void>((done) =>
      ensurePersistent(requests, parentOf(path), 'operators', done),
    );
    if (!parent.ok) return writtenOf(parentOf(path), parent);
    return writtenOf(path, await record(path, note), 'nodeExists');
  };
  return {
    create,
    async rewrite(path, note) {
      const set = await answerTo<void>((done) => requests.setData(path, encodeNote(note), done));
      // Deleted meanwhile by somebody else: what is asked for now is that it be there.
      return !set.ok && set.problem === 'noNode' ? create(path, note) : writtenOf(path, set);
    },
    async remove(path) {
      const removed = await answerTo<void>((done) => requests.remove(path, anyVersion, done));
      return writtenOf(path, removed, 'noNode');
    },
  };
}

const anyVersion = -1;

/** @param harmless the problem that means that all is as wanted already. */
function writtenOf(
  path: string,
  answer: Answer<void>,
  harmless?: 'nodeExists' | 'noNode',
): Written {
  if (answer.ok) return { kind: 'done' };
  if (answer.problem === harmless) return { kind: 'already' };
  const isUnknown = answer.problem === 'lost';
  const doubt = isUnknown ? '; it may have been written or not, so run the same again' : '';
  return { kind: 'failed', detail: `${path}: ${answer.detail}${doubt}` };
}
