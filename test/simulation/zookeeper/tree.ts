import { errorCode } from '../../../src/zookeeper/library.ts';

/** A session's id as the client library hands it out, and its text. */
export interface SessionId {
  readonly hex: string;
  readonly bytes: Buffer;
}

/** What one znode holds. */
export interface Node {
  readonly data: Buffer | undefined;
  readonly owner: SessionId | undefined;
  readonly version: number;
  readonly createdZxid: number;
  readonly changedZxid: number;
}

/** A change that a transaction makes, with nothing left to decide. */
export type Change =
  | {
      readonly kind: 'create';
      readonly path: string;
      readonly data: Buffer | undefined;
      readonly owner: SessionId | undefined;
    }
  | { readonly kind: 'delete'; readonly path: string }
  | { readonly kind: 'set'; readonly path: string; readonly data: Buffer };

/** What a client asks to be changed; versions as in ZooKeeper, -1 for any. */
export type Operation =
  | {
      readonly kind: 'create';
      readonly path: string;
      readonly data: Buffer;
      readonly owner: SessionId | undefined;
    }
  | { readonly kind: 'delete'; readonly path: string; readonly version: number }
  | {
      readonly kind: 'set';
      readonly path: string;
      readonly data: Buffer;
      readonly version: number;
    }
  | { readonly kind: 'check'; readonly path: string };

/** Watch events by ZooKeeper's numbers (`lib/Event.js`). */
const watchEvent = { created: 1, deleted: 2, dataChanged: 3, childrenChanged: 4 } as const;

/** Which watches an event fires: those on the data, the existence (both by path), or the list of children. */
export type Fire = (path: string, type: number, kind: 'data' | 'children') => void;

/** The znodes of one server. */
export class Tree {
  readonly #nodes = new Map<string, Node>();
  readonly #children = new Map<string, Set<string>>([['', new Set()]]);

  get(path: string): Node | undefined {
    return this.#nodes.get(path);
  }

  /** Names below a path; undefined when there is no such znode. */
  children(path: string): readonly string[] | undefined {
    const names = this.#children.get(path === '/' ? '' : path);
    return names === undefined ? undefined : [...names];
  }

  /** Paths of a session's ephemerals. */
  ephemeralsOf(session: SessionId): readonly string[] {
    return [...this.#nodes].flatMap(([path, node]) =>
      node.owner?.hex === session.hex ? [path] : [],
    );
  }

  /** All of the ephemerals and the persistent leaves, for people. */
  entries(): ReadonlyMap<string, Node> {
    return this.#nodes;
  }

  /** The changes an operation comes to, or ZooKeeper's error code. */
  prepare(operation: Operation): Change | undefined | number {
    const { path } = operation;
    const node = this.#nodes.get(path);
    if (operation.kind === 'create') {
      if (node !== undefined) return errorCode.nodeExists;
      if (this.#children.get(parentOf(path)) === undefined) return errorCode.noNode;
      const { data, owner } = operation;
      return { kind: 'create', path, data: data.length === 0 ? undefined : data, owner };
    }
    if (node === undefined) return errorCode.noNode;
    if (operation.kind === 'check') return undefined;
    const { version } = operation;
    if (version !== -1 && version !== node.version) return errorCode.badVersion;
    return operation.kind === 'set'
      ? { kind: 'set', path, data: operation.data }
      : { kind: 'delete', path };
  }

  apply(change: Change, zxid: number, fire: Fire): void {
    const { path } = change;
    if (change.kind === 'set') {
      const node = this.#nodes.get(path);
      if (node === undefined) throw new Error(`set of ${path}, which does not exist`);
      const version = node.version + 1;
      this.#nodes.set(path, { ...node, data: change.data, version, changedZxid: zxid });
      fire(path, watchEvent.dataChanged, 'data');
    } else if (change.kind === 'create') {
      const { data, owner } = change;
      this.#nodes.set(path, { data, owner, version: 0, createdZxid: zxid, changedZxid: zxid });
      this.#children.set(path, new Set());
      this.#children.get(parentOf(path))?.add(path.slice(path.lastIndexOf('/') + 1));
      fire(path, watchEvent.created, 'data');
      fire(parentOf(path), watchEvent.childrenChanged, 'children');
    } else {
      this.#nodes.delete(path);
      this.#children.delete(path);
      this.#children.get(parentOf(path))?.delete(path.slice(path.lastIndexOf('/') + 1));
      fire(path, watchEvent.deleted, 'data');
      fire(path, watchEvent.deleted, 'children');
      fire(parentOf(path), watchEvent.childrenChanged, 'children');
    }
  }
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'));
}
