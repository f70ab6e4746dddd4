import type { Level } from '../core/report.ts';
import type { Vip } from '../core/vip.ts';
import type { Ip, Present } from './ip.ts';

/** Which addresses are ours to remove, over the lives of the agent. */
export interface OwnAddresses {
  /** Added by an earlier life, as far as that is known. */
  earlier(): readonly Vip[];
  keep(addresses: readonly Vip[]): void;
}

export interface AddressesPorts {
  readonly ip: Ip;
  readonly own: OwnAddresses;
  /** In full; an address that bears it was added by us. */
  readonly label: string | undefined;
  note(level: Level, place: string, detail: string): void;
}

/** The VIPs on an interface of this host. Networks are none of its business, and always count as being there. */
export interface Addresses {
  /** Whether it is known to be there, so that there is nothing to wait for. */
  has(vip: Vip): boolean;
  /** Resolves when it is there, to undefined, or to the reason why it could not be added. Never rejects. */
  add(vip: Vip): Promise<string | undefined>;
  /** Removes it, if it was added by us. Resolves when that was tried. Never rejects. */
  remove(vip: Vip): Promise<void>;
  /** Watches from now on over these only; removes nothing. */
  keepOnly(vips: ReadonlySet<Vip>): void;
  /** Adds again what was added, or found there, and was removed by somebody else since. Never rejects. */
  look(): Promise<void>;
}

/**
 * Makes the keeper of an interface's addresses. What is asked for while `ip` runs waits and is done together. What was
 * there before us is never removed.
 */
export function createAddresses(ports: AddressesPorts): Addresses {
  return new InterfaceAddresses(ports);
}

interface Wish {
  readonly kind: 'add' | 'remove';
  readonly answer: Promise<string | undefined>;
  readonly done: (failure: string | undefined) => void;
}

class InterfaceAddresses implements Addresses {
  readonly #ports: AddressesPorts;
  readonly #present = new Set<Vip>();
  readonly #own = new Set<Vip>();
  /** Those that were added, or found, and are to stay. */
  readonly #wanted = new Set<Vip>();
  /** Of these, the ones that are gone and could not be added again. */
  readonly #missing = new Set<Vip>();
  /** The latest for each address stands; nobody asks for both at once. */
  readonly #wishes = new Map<Vip, Wish>();
  #isListed = false;
  #isWorking = false;
  /** Counts what was carried out, so that a look that began before is known to be out of date. */
  #rounds = 0;

  constructor(ports: AddressesPorts) {
    this.#ports = ports;
  }

  has(vip: Vip): boolean {
    return !isAddress(vip) || (this.#present.has(vip) && !this.#wishes.has(vip));
  }

  async add(vip: Vip): Promise<string | undefined> {
    const failure = this.has(vip) ? undefined : await this.#wish(vip, 'add');
    if (failure === undefined && isAddress(vip)) this.#wanted.add(vip);
    return failure;
  }

  async remove(vip: Vip): Promise<void> {
    this.#forget(vip);
    if (isAddress(vip)) await this.#wish(vip, 'remove');
  }

  keepOnly(vips: ReadonlySet<Vip>): void {
    for (const vip of this.#wanted) if (!vips.has(vip)) this.#forget(vip);
  }

  #forget(vip: Vip): void {
    this.#wanted.delete(vip);
    this.#missing.delete(vip);
  }

  async look(): Promise<void> {
    if (this.#isWorking || this.#wanted.size === 0) return;
    const round = this.#rounds;
    const found = await this.#ports.ip.list();
    if (typeof found === 'string' || this.#isWorking || round !== this.#rounds) return;
    const there = new Set(found.map(({ vip }) => vip));
    const gone = [...this.#wanted].filter((vip) => !there.has(vip));
    for (const vip of gone) this.#present.delete(vip);
    await Promise.all(gone.map((vip) => this.#restore(vip)));
  }

  async #restore(vip: Vip): Promise<void> {
    const failure = await this.#wish(vip, 'add');
    if (!this.#wanted.has(vip)) return;
    const what = `address ${vip} was removed by somebody else`;
    if (failure === undefined) {
      this.#ports.note('warn', 'host', `${what}: it is there again`);
    } else if (!this.#missing.has(vip)) {
      this.#missing.add(vip);
      this.#ports.note('error', 'host', `${what}, and cannot be added again: ${failure}`);
    }
  }

  #wish(vip: Vip, kind: Wish['kind']): Promise<string | undefined> {
    const before = this.#wishes.get(vip);
    if (before?.kind === kind) return before.answer;
    before?.done('something else was asked for meanwhile');
    let done: Wish['done'] = () => {};
    const answer = new Promise<string | undefined>((resolve) => {
      done = resolve;
    });
    this.#wishes.set(vip, { kind, answer, done });
    if (!this.#isWorking) void this.#work();
    return answer;
  }

  async #work(): Promise<void> {
    this.#isWorking = true;
    // What is asked for in one go is done in one go.
    await Promise.resolve();
    while (this.#wishes.size > 0) {
      this.#rounds += 1;
      const failure = this.#isListed ? undefined : await this.#list();
      const wishes = [...this.#wishes];
      const answers =
        failure === undefined ? await this.#carryOut(wishes) : wishes.map(() => failure);
      for (const [index, [vip, wish]] of wishes.entries()) {
        if (this.#wishes.get(vip) === wish) this.#wishes.delete(vip);
        wish.done(answers[index]);
      }
    }
    this.#isWorking = false;
  }

  async #carryOut(
    wishes: readonly (readonly [Vip, Wish])[],
  ): Promise<readonly (string | undefined)[]> {
    const wanted = (kind: Wish['kind']) =>
      wishes.filter(([, wish]) => wish.kind === kind).map(([vip]) => vip);
    const removed = wanted('remove').filter((vip) => this.#own.has(vip));
    const added = wanted('add').filter((vip) => !this.#present.has(vip));
    if (removed.length + added.length === 0) return [];
    const failure = await this.#ports.ip.change(removed, added);
    if (failure === undefined) this.#changed(removed, added);
    else await this.#findOut(removed, added, failure);
    this.#ports.own.keep([...this.#own]);
    return wishes.map(([vip, { kind }]) =>
      kind === 'remove' || this.#present.has(vip) ? undefined : failure,
    );
  }

  #changed(removed: readonly Vip[], added: readonly Vip[]): void {
    const { note } = this.#ports;
    for (const vip of removed) {
      this.#present.delete(vip);
      this.#own.delete(vip);
      note('debug', 'host', `address ${vip} removed`);
    }
    for (const vip of added) {
      this.#present.add(vip);
      this.#own.add(vip);
      this.#missing.delete(vip);
      note('debug', 'host', `address ${vip} added`);
    }
  }

  /** After a failure, only a look tells what was done all the same. */
  async #findOut(removed: readonly Vip[], added: readonly Vip[], failure: string): Promise<void> {
    const { ip, note } = this.#ports;
    const found = await ip.list();
    if (typeof found === 'string') {
      this.#isListed = false;
      return;
    }
    const present = new Set(found.map(({ vip }) => vip));
    // Somebody may have come before us, so it counts as ours only by its label.
    const labelled = new Set(
      found.filter((address) => this.#isLabelled(address)).map(({ vip }) => vip),
    );
    this.#changed(
      removed.filter((vip) => !present.has(vip)),
      added.filter((vip) => present.has(vip)),
    );
    if (!/File exists/.test(failure)) {
      for (const vip of removed.filter((vip) => present.has(vip)))
        note('error', 'host', `address ${vip} cannot be removed: ${failure}`);
      return;
    }
    for (const vip of added) if (!labelled.has(vip)) this.#own.delete(vip);
  }

  /** Undefined: it is known what is there. */
  async #list(): Promise<string | undefined> {
    const found = await this.#ports.ip.list();
    if (typeof found === 'string') return found;
    const earlier = new Set(this.#ports.own.earlier());
    this.#present.clear();
    for (const address of found) {
      this.#present.add(address.vip);
      if (earlier.has(address.vip) || this.#isLabelled(address)) this.#own.add(address.vip);
    }
    this.#isListed = true;
    return undefined;
  }

  #isLabelled({ label }: Present): boolean {
    return label !== undefined && label === this.#ports.label;
  }
}

function isAddress(vip: Vip): boolean {
  return vip.endsWith(vip.includes(':') ? '/128' : '/32');
}
