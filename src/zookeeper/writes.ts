import type { Event, MemberReport, WriteOutcome } from '../core/event.ts';
import type { ServiceName } from '../core/settings.ts';
import { claimName, type Vip } from '../core/vip.ts';
import type { ChildrenReader } from './children-reader.ts';
import { classifyHolder, type Identity } from './holder.ts';
import { ensurePersistent } from './parents.ts';
import { type Answer, anyVersion, parentOf, type Requests, type Znode } from './requests.ts';
import { encodeClaim, encodeMember } from './znode-data.ts';

/** How a write ended. */
interface Result {
  readonly outcome: WriteOutcome;
  readonly detail: string;
}

type Finish = (result: Result) => void;

export interface WritePorts {
  readonly requests: Requests;
  readonly identity: Identity;
  emit(event: Event): void;
  connection(): number;
  session(): string | undefined;
  wallMs(): number;
}

/** The node to write, and the reader that keeps its siblings read. */
interface Target {
  readonly path: string;
  readonly name: string;
  readonly reader: ChildrenReader;
}

/**
 * Writes our claims and member nodes. Writes to one path are carried out one after another, each on the connection
 * that it was asked on: none is kept for a later one.
 */
export class Writes {
  /** Our ephemerals, as far as answers told. */
  readonly ownPaths = new Set<string>();
  readonly #ports: WritePorts;
  readonly #queues = new Map<string, (() => void)[]>();

  constructor(ports: WritePorts) {
    this.#ports = ports;
  }

  createClaim(
    service: ServiceName,
    parent: string,
    vip: Vip,
    replaces: boolean,
    reader: ChildrenReader,
  ): void {
    const target = { path: `${parent}/${claimName(vip)}`, name: claimName(vip), reader };
    this.#inOrder(
      target,
      (finish) => {
        const data = encodeClaim(this.#author());
        if (replaces) this.#replace(target, data, finish);
        else this.#create(target, data, finish);
      },
      (answer) =>
        this.#ports.emit({ kind: 'claimAnswered', service, vip, operation: 'create', ...answer }),
    );
  }

  deleteClaim(service: ServiceName, parent: string, vip: Vip, reader: ChildrenReader): void {
    const target = { path: `${parent}/${claimName(vip)}`, name: claimName(vip), reader };
    this.#inOrder(
      target,
      (finish) => this.#delete(target, finish),
      (answer) =>
        this.#ports.emit({ kind: 'claimAnswered', service, vip, operation: 'delete', ...answer }),
    );
  }

  publishMember(
    service: ServiceName,
    parent: string,
    report: MemberReport,
    reader: ChildrenReader,
  ): void {
    const name = this.#ports.identity.member;
    const target = { path: `${parent}/${name}`, name, reader };
    this.#inOrder(
      target,
      (finish) => {
        const data = encodeMember(this.#author(), report);
        if (this.ownPaths.has(target.path)) this.#update(target, data, finish);
        else this.#createOrUpdate(target, data, finish);
      },
      (answer) => this.#ports.emit({ kind: 'memberAnswered', service, ...answer }),
    );
  }

  unpublishMember(service: ServiceName, parent: string, reader: ChildrenReader): void {
    const name = this.#ports.identity.member;
    const target = { path: `${parent}/${name}`, name, reader };
    this.#inOrder(
      target,
      (finish) => this.#delete(target, finish),
      (answer) => this.#ports.emit({ kind: 'memberAnswered', service, ...answer }),
    );
  }

  /** A new session owns nothing yet. */
  forgetOwn(): void {
    this.ownPaths.clear();
  }

  #author() {
    const { member, instance } = this.#ports.identity;
    return { member, instance, wallMs: this.#ports.wallMs() };
  }

  #inOrder(
    target: Target,
    write: (finish: Finish) => void,
    answered: (answer: Result & { readonly connection: number }) => void,
  ): void {
    const connection = this.#ports.connection();
    const queue = this.#queues.get(target.path);
    const run = () => {
      const finish: Finish = (result) => {
        target.reader.writeAnswered();
        answered({ connection, ...result });
        // Only a read tells what is true now; after `done` the watch asks for it.
        if (result.outcome !== 'done' && result.outcome !== 'notConnected') target.reader.refresh();
        this.#runNext(target.path);
      };
      if (connection === this.#ports.connection()) write(finish);
      else
        finish({ outcome: 'notConnected', detail: 'the connection was lost before it was sent' });
    };
    if (queue !== undefined) {
      queue.push(run);
      return;
    }
    this.#queues.set(target.path, []);
    run();
  }

  #runNext(path: string): void {
    const next = this.#queues.get(path)?.shift();
    if (next === undefined) this.#queues.delete(path);
    else next();
  }

  #create(target: Target, data: Buffer, finish: Finish): void {
    this.#ports.requests.createEphemeral(target.path, data, (answer) => {
      if (answer.ok) return this.#created(target, finish);
      if (answer.problem !== 'noNode') return finish(resultOf(answer));
      ensurePersistent(this.#ports.requests, parentOf(target.path), 'us', (above) => {
        if (!above.ok) return finish(resultOf(above));
        this.#ports.requests.createEphemeral(target.path, data, (again) =>
          again.ok ? this.#created(target, finish) : finish(resultOf(again)),
        );
      });
    });
  }

  #created(target: Target, finish: Finish): void {
    this.ownPaths.add(target.path);
    finish(done);
  }

  /** Verifies that it is still our predecessor's, and makes it ours. */
  #replace(target: Target, data: Buffer, finish: Finish): void {
    this.#ports.requests.getData(target.path, undefined, (answer) => {
      if (!answer.ok)
        return answer.problem === 'noNode'
          ? this.#create(target, data, finish)
          : finish(resultOf(answer));
      const holder = this.#holderOf(target, answer.value);
      if (holder.kind === 'self') return this.#created(target, finish);
      if (holder.kind !== 'predecessor')
        return finish({ outcome: 'exists', detail: `held by ${describeHolder(holder)}` });
      this.#succeed(target, answer.value, data, finish);
    });
  }

  #succeed(target: Target, old: Znode, data: Buffer, finish: Finish): void {
    if (old.owner !== this.#ports.session()) {
      this.#swap(target, old, data, finish);
      return;
    }
    // It stands in the session that we continue already: only its data is another life's.
    this.ownPaths.add(target.path);
    this.#update(target, data, finish);
  }

  /**
   * The version guards against a write since the read, not against a node that was deleted and made anew meanwhile:
   * ZooKeeper's transactions cannot check who owns a node.
   */
  #swap(target: Target, old: Znode, data: Buffer, finish: Finish): void {
    this.#ports.requests.replace(target.path, old.version, data, (answer) => {
      if (answer.ok) return this.#created(target, finish);
      // It expired between the two: nobody stands in the way any more.
      if (answer.problem === 'noNode') return this.#create(target, data, finish);
      finish(resultOf(answer));
    });
  }

  #delete(target: Target, finish: Finish): void {
    const known = target.reader.current(target.name);
    // A watch stands behind what is known, so that the claim of a broken service goes one round trip earlier.
    if (known !== undefined && known.owner === this.#ports.session()) {
      this.#remove(target, known, finish);
      return;
    }
    this.#ports.requests.getData(target.path, undefined, (answer) => {
      if (!answer.ok) return finish(resultOf(answer));
      const holder = this.#holderOf(target, answer.value);
      if (holder.kind === 'self' || holder.kind === 'predecessor')
        return this.#remove(target, answer.value, finish);
      finish({ outcome: 'absent', detail: `not ours: held by ${describeHolder(holder)}` });
    });
  }

  #remove(target: Target, znode: Znode, finish: Finish): void {
    this.#ports.requests.remove(target.path, znode.version, (answer) => {
      if (answer.ok) this.ownPaths.delete(target.path);
      finish(answer.ok ? done : resultOf(answer));
    });
  }

  #update(target: Target, data: Buffer, finish: Finish): void {
    this.#ports.requests.setData(target.path, data, anyVersion, (answer) => {
      if (answer.ok) return finish(done);
      if (answer.problem !== 'noNode') return finish(resultOf(answer));
      this.ownPaths.delete(target.path);
      this.#createOrUpdate(target, data, finish);
    });
  }

  #createOrUpdate(target: Target, data: Buffer, finish: Finish): void {
    this.#create(target, data, (result) => {
      if (result.outcome !== 'exists') return finish(result);
      this.#ports.requests.getData(target.path, undefined, (answer) => {
        if (!answer.ok) return finish(resultOf(answer));
        const holder = this.#holderOf(target, answer.value);
        if (holder.kind === 'predecessor') return this.#succeed(target, answer.value, data, finish);
        if (holder.kind !== 'self')
          return finish({ outcome: 'exists', detail: `held by ${describeHolder(holder)}` });
        this.ownPaths.add(target.path);
        this.#update(target, data, finish);
      });
    });
  }

  #holderOf({ path }: Target, znode: Znode) {
    return classifyHolder(path, znode, this.#ports.session(), this.#ports.identity);
  }
}

const done: Result = { outcome: 'done', detail: '' };

function resultOf(answer: Answer<unknown> & { readonly ok: false }): Result {
  const { detail } = answer;
  switch (answer.problem) {
    case 'notConnected':
      return { outcome: 'notConnected', detail };
    case 'lost':
      return { outcome: 'unknown', detail };
    case 'nodeExists':
      return { outcome: 'exists', detail };
    case 'noNode':
      return { outcome: 'absent', detail };
    case 'noAuth':
      return { outcome: 'denied', detail };
    case 'badVersion':
    case 'other':
      return { outcome: 'failed', detail };
  }
}

function describeHolder(holder: ReturnType<typeof classifyHolder>): string {
  switch (holder.kind) {
    case 'member':
      return `member ${holder.member}`;
    case 'twin':
      return `another agent with our member id, ${holder.detail}`;
    case 'unmarked':
      return 'a session that left no data';
    case 'persistent':
      return `a persistent znode (zkCli: delete ${holder.path})`;
    case 'self':
    case 'predecessor':
      return 'us';
  }
}
