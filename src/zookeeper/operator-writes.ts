import { answerTo } from './command-session.ts';
import { encodeNote, type OperatorNote } from './operator-note.ts';
import { ensurePersistent } from './parents.ts';
import { type Answer, anyVersion, parentOf, type Requests, type Znode } from './requests.ts';

/** A detail names the path, what ZooKeeper said, and what to do about it. */
export interface Failed {
  readonly kind: 'failed';
  readonly detail: string;
}

/** `already`: nothing had to be done. */
export type Written = { readonly kind: 'done' | 'already' } | Failed;

/** `overtaken`: somebody else has written or deleted the znode since it was read. */
export type Rewritten = { readonly kind: 'done' | 'overtaken' } | Failed;

export type Found =
  | { readonly kind: 'found'; readonly znode: Znode }
  | { readonly kind: 'absent' }
  | Failed;

/** What operators do: the znodes of maintenance and drains, as zkCli makes them, with who and why in them. */
export interface OperatorWrites {
  /** What is there. */
  read(path: string): Promise<Found>;
  /** Makes the znode; `already` leaves one as it is that is there. */
  create(path: string, note: OperatorNote): Promise<Written>;
  /** Gives a znode another note, provided it is at the version that was read. */
  rewrite(path: string, note: OperatorNote, version: number): Promise<Rewritten>;
  /** Deletes the znode; `already` when there is none. */
  remove(path: string): Promise<Written>;
}

/** @param requests of a session that is established; paths are absolute, a chroot included. */
export function createOperatorWrites(requests: Requests): OperatorWrites {
  const record = (path: string, note: OperatorNote) =>
    answerTo<void>((done) => requests.createRecord(path, encodeNote(note), done));
  return {
    async read(path) {
      const found = await answerTo<Znode>((done) => requests.getData(path, undefined, done));
      if (found.ok) return { kind: 'found', znode: found.value };
      return found.problem === 'noNode' ? { kind: 'absent' } : failed(path, found);
    },
    async create(path, note) {
      const first = await record(path, note);
      if (first.ok || first.problem !== 'noNode') return writtenOf(path, first, 'nodeExists');
      // Agents make the parent; where none has run yet, or the tree was cleared, it is ours to make.
      const parent = await answerTo<void>((done) =>
        ensurePersistent(requests, parentOf(path), 'operators', done),
      );
      if (!parent.ok) return failed(parentOf(path), parent);
      return writtenOf(path, await record(path, note), 'nodeExists');
    },
    async rewrite(path, note, version) {
      const set = await answerTo<void>((done) =>
        requests.setData(path, encodeNote(note), version, done),
      );
      if (set.ok) return { kind: 'done' };
      const isOvertaken = set.problem === 'badVersion' || set.problem === 'noNode';
      return isOvertaken ? { kind: 'overtaken' } : failed(path, set);
    },
    async remove(path) {
      const removed = await answerTo<void>((done) => requests.remove(path, anyVersion, done));
      return writtenOf(path, removed, 'noNode');
    },
  };
}

/** @param harmless the problem that means that all is as wanted already. */
function writtenOf(path: string, answer: Answer<void>, harmless: 'nodeExists' | 'noNode'): Written {
  if (answer.ok) return { kind: 'done' };
  return answer.problem === harmless ? { kind: 'already' } : failed(path, answer);
}

function failed(path: string, { problem, detail }: Answer<never> & { readonly ok: false }): Failed {
  const isUnknown = problem === 'lost';
  const doubt = isUnknown ? '; it may have been written or not, so run the same again' : '';
  return { kind: 'failed', detail: `${path}: ${detail}${doubt}` };
}
