import type { Operator } from '../zookeeper/operator.ts';

/** Where an ExaZK member looks, and what it announces. */
export interface ExazkMemberOptions {
  readonly claims: string;
  readonly maintenance: string;
  readonly own: string;
  readonly others: readonly string[];
}

/** When a route was last announced, and with which MED. */
export interface StandInRoute {
  readonly med: number;
  readonly atMs: number;
}

/** Real ones look every ten seconds, or 0.1 s after a watch fired. */
const cycleMs = 100;

/**
 * What the other members see of an ExaZK: a claim without data that is made before anything is announced, its own VIP
 * at MED 100 for as long as a claim by that name is there, whoever's it is, the others' at 200 while theirs is missing,
 * and nothing at all, its claim deleted, during maintenance or while its check fails. It knows of no member znodes.
 */
export class ExazkMember {
  readonly routes = new Map<string, StandInRoute>();
  /** The verdict of its local check. */
  isHealthy = true;
  readonly #operator: Operator;
  readonly #options: ExazkMemberOptions;
  readonly #claim: string;
  #hasClaimed = false;
  #isStopped = false;
  #cycle: Promise<void> = Promise.resolve();
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param operator its session; closed by `stop`. */
  constructor(operator: Operator, options: ExazkMemberOptions) {
    this.#operator = operator;
    this.#options = options;
    this.#claim = `${options.claims}/${options.own}`;
  }

  start(): void {
    this.#cycle = this.#run();
  }

  /** Ends it; its session, and with it its claim, goes at once. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.#cycle;
    this.routes.clear();
    this.#operator.close();
  }

  /** MEDs by VIP. */
  meds(): Record<string, number> {
    return Object.fromEntries([...this.routes].map(([vip, { med }]) => [vip, med]));
  }

  async #run(): Promise<void> {
    await this.#look();
    if (this.#isStopped) return;
    this.#timer = setTimeout(() => {
      this.#cycle = this.#run();
    }, cycleMs);
  }

  async #look(): Promise<void> {
    const { claims, maintenance } = this.#options;
    if (!this.isHealthy || (await this.#operator.exists(maintenance))) {
      if (this.#hasClaimed) await this.#operator.remove(this.#claim).catch(() => undefined);
      this.#hasClaimed = false;
      this.routes.clear();
      return;
    }
    if (!this.#hasClaimed && !(await this.#tryClaim())) return;
    const children = await this.#operator.children(claims);
    this.#announce(this.#options.own, children.includes(this.#options.own) ? 100 : undefined);
    for (const vip of this.#options.others)
      this.#announce(vip, children.includes(vip) ? undefined : 200);
  }

  /** At its start it waits for as long as somebody else's claim is there. */
  async #tryClaim(): Promise<boolean> {
    await this.#operator.create(this.#claim, '', true).then(
      () => {
        this.#hasClaimed = true;
      },
      () => undefined,
    );
    return this.#hasClaimed;
  }

  #announce(vip: string, med: number | undefined): void {
    if (med === undefined) this.routes.delete(vip);
    else if (this.routes.get(vip)?.med !== med)
      this.routes.set(vip, { med, atMs: performance.now() });
  }
}
