import type { Agreement } from '../../src/core/agreement.ts';
import { describeEffect } from '../../src/core/describe.ts';
import type { Effect } from '../../src/core/effect.ts';
import type { AsNumbers, Event, Holder, MemberReport, ZnodeNote } from '../../src/core/event.ts';
import { brokenInvariants, initialState, type State, step } from '../../src/core/index.ts';
import type { Decision } from '../../src/core/ownership.ts';
import type { Report } from '../../src/core/report.ts';
import { type Asn, nextHopSelf, parseAsn, parseMed } from '../../src/core/route.ts';
import type {
  CheckSettings,
  MemberId,
  ServiceName,
  ServiceSettings,
  Settings,
} from '../../src/core/settings.ts';
import { isVip, parseVip, type Vip } from '../../src/core/vip.ts';

/** Parses a VIP that the test knows to be right. */
export function vip(text: string): Vip {
  const parsed = parseVip(text);
  if (!isVip(parsed)) throw new Error(`${text}: ${parsed}`);
  return parsed;
}

export const apex = 'apex' as ServiceName;
export const lb1 = 'lb1' as MemberId;
export const lb2 = 'lb2' as MemberId;
export const lb3 = 'lb3' as MemberId;
export const vip1 = vip('10.20.255.1');
export const vip2 = vip('10.20.255.2');
export const vip6 = vip('2001:db8:30::/64');

const med = (value: number) => {
  const parsed = parseMed(value);
  if (parsed === undefined) throw new Error(`${value} is no MED`);
  return parsed;
};

/** Parses an AS number that the test knows to be right. */
export function asn(value: number): Asn {
  const parsed = parseAsn(value);
  if (parsed === undefined) throw new Error(`${value} is no AS number`);
  return parsed;
}

export const ownerAttributes = { nextHop: nextHopSelf, med: med(100) };
export const backupAttributes = { nextHop: nextHopSelf, med: med(200) };
export const standbyAttributes = { nextHop: nextHopSelf, med: med(300) };
export const downAttributes = { nextHop: nextHopSelf, med: med(1000) };

export const check: CheckSettings = {
  probe: { kind: 'exec', command: 'true' },
  intervalMs: 5_000,
  fastIntervalMs: 1_000,
  timeoutMs: 2_000,
  rise: 2,
  fall: 2,
};

/** lb1 owns vip1, lb2 owns vip2, lb3 owns the IPv6 network; no checks unless asked for. */
export function serviceSettings(overrides: Partial<ServiceSettings> = {}): ServiceSettings {
  return {
    name: apex,
    vips: [
      { vip: vip1, owner: lb1 },
      { vip: vip2, owner: lb2 },
      { vip: vip6, owner: lb3 },
    ],
    checks: [],
    announce: { owner: ownerAttributes, backup: backupAttributes, down: undefined },
    takeover: { delayMs: 0, releaseMs: 2_000, settleMs: 3_000 },
    drainTimeoutMs: 30_000,
    ...overrides,
  };
}

/** Settings of lb1 for one service. */
export function settings(
  service: Partial<ServiceSettings> = {},
  overrides: Partial<Settings> = {},
): Settings {
  return {
    member: lb1,
    onCoordinationLoss: 'freeze',
    coldStart: { afterMs: undefined, policy: 'own' },
    neighbors: { require: 'any', stableForMs: 3_000 },
    services: [serviceSettings(service)],
    ...overrides,
  };
}

export const sessionTimeoutMs = 6_000;
export const self: Holder = { kind: 'self' };
export const other: Holder = { kind: 'unmarked' };
/** Every VIP of {@link settings} claimed: ours by us. */
export const claimsOfAll = [
  [vip1, self],
  [vip2, other],
  [vip6, other],
] as const;
/** The same, less that of a VIP whose owner is gone. */
export const vip2Missing = [
  [vip1, self],
  [vip6, other],
] as const;

/** One core, driven by hand: every step is checked against the invariants, and effects are kept until taken. */
export class CoreRun {
  state: State;
  nowMs = 1_000;
  wakeAtMs: number | undefined;
  readonly reports: Report[] = [];
  /** What was kept for the next life, one line each time. */
  readonly kept: string[] = [];
  #effects: Effect[] = [];
  #connection = 0;
  #epoch = 0;

  constructor(ofSettings: Settings = settings(), agreement?: Agreement) {
    this.state = initialState(ofSettings, this.nowMs, agreement);
    this.hear({ kind: 'timerFired' });
  }

  get connection(): number {
    return this.#connection;
  }

  get epoch(): number {
    return this.#epoch;
  }

  hear(event: Event): void {
    const before = this.state;
    const after = step(before, event, this.nowMs);
    const broken = brokenInvariants(before, event, after);
    if (broken.length > 0)
      throw new Error(`broken after ${JSON.stringify(event)}: ${broken.join('; ')}`);
    this.state = after.state;
    this.wakeAtMs = after.wakeAtMs;
    for (const effect of after.effects) {
      if (effect.kind === 'report') this.reports.push(effect.report);
      else if (effect.kind === 'keepAgreement') this.kept.push(describeEffect(effect));
      else this.#effects.push(effect);
    }
  }

  /** Lets time pass, waking the core whenever it asked for it, with proofs of the session as long as it is connected. */
  advance(ms: number, { isProven = true } = {}): void {
    const endMs = this.nowMs + ms;
    while (this.nowMs < endMs) {
      const beatMs = this.nowMs + sessionTimeoutMs / 6;
      const nextMs = Math.min(endMs, this.wakeAtMs ?? endMs, isProven ? beatMs : endMs);
      this.nowMs = Math.max(nextMs, this.nowMs + 1);
      if (isProven && this.state.session.connection !== undefined) this.prove();
      else this.hear({ kind: 'timerFired' });
    }
  }

  prove(): void {
    this.hear({ kind: 'sessionProven', epoch: this.#epoch, proofMs: this.nowMs });
  }

  /** Effects since the last call, one line each, without checks. */
  take(): readonly string[] {
    const taken = this.#effects.filter((effect) => effect.kind !== 'runCheck');
    this.#effects = [];
    return taken.map(describeEffect);
  }

  /** The speaker is there, and one neighbor is established. */
  speakerUp(): this {
    this.hear({ kind: 'speakerIdentified', version: '4.2.21', acks: true });
    this.hear({ kind: 'neighborsListed', established: ['10.0.0.1'] });
    return this;
  }

  neighbor(isEstablished: boolean, asNumbers?: AsNumbers): void {
    const change = { neighbor: '10.0.0.1', isEstablished, detail: '', asNumbers };
    this.hear({ kind: 'neighborChanged', ...change });
  }

  /** A handshake; `isNew` for a new session. */
  connect({ isNew = false } = {}): this {
    if (isNew || this.#epoch === 0) this.#epoch += 1;
    this.#connection += 1;
    this.hear({
      kind: 'sessionEstablished',
      epoch: this.#epoch,
      connection: this.#connection,
      timeoutMs: sessionTimeoutMs,
      proofMs: this.nowMs,
    });
    return this;
  }

  disconnect(): void {
    this.hear({ kind: 'sessionInterrupted', connection: this.#connection, detail: 'cut' });
  }

  claims(claims: readonly (readonly [Vip, Holder])[]): void {
    const connection = this.#connection;
    this.hear({ kind: 'claimsRead', connection, service: apex, claims: new Map(claims) });
  }

  maintenance(isPresent: boolean, note?: ZnodeNote): void {
    const connection = this.#connection;
    this.hear({ kind: 'maintenanceRead', connection, service: apex, isPresent, note });
  }

  drains(names: readonly string[], notes?: ReadonlyMap<string, ZnodeNote>): void {
    const connection = this.#connection;
    const drained = new Set(names);
    this.hear({ kind: 'drainsRead', connection, service: apex, drained, notes });
  }

  members(
    members: readonly (readonly [MemberId, MemberReport | undefined])[] = [],
    own: Holder | 'nobody' = self,
  ): void {
    const connection = this.#connection;
    this.hear({
      kind: 'membersRead',
      connection,
      service: apex,
      members: new Map(members),
      own: own === 'nobody' ? undefined : own,
    });
  }

  /** A whole view: these claims, no maintenance, no drains, these members. */
  view(
    claims: readonly (readonly [Vip, Holder])[] = [],
    members: readonly (readonly [MemberId, MemberReport | undefined])[] = [],
  ): this {
    this.claims(claims);
    this.maintenance(false);
    this.drains([]);
    this.members(members);
    return this;
  }

  /** Answers every open command, and commands that follow from it. */
  ack(outcome: 'accepted' | 'refused' | 'lost' = 'accepted'): this {
    for (let open = this.openCommands(); open.length > 0; open = this.openCommands()) {
      for (const command of open) {
        this.hear({ kind: 'commandAnswered', command, outcome, detail: outcome });
      }
      if (outcome !== 'accepted') break;
    }
    return this;
  }

  openCommands(): readonly number[] {
    const routes = this.#vips().flatMap(({ route }) => route.open?.command ?? []);
    const { flush } = this.state.speaker;
    return typeof flush === 'number' ? [...routes, flush] : routes;
  }

  answerClaims(
    outcome: 'done' | 'exists' | 'unknown' | 'denied' | 'notConnected' | 'absent' = 'done',
  ): this {
    for (const { vip: address, claimWrite } of this.#vips()) {
      if (claimWrite === undefined) continue;
      const { operation, connection } = claimWrite;
      this.hear({
        kind: 'claimAnswered',
        connection,
        service: apex,
        vip: address,
        operation,
        outcome,
        detail: '',
      });
    }
    return this;
  }

  answerMember(outcome: 'done' | 'failed' = 'done', service: ServiceName = apex): this {
    const connection = this.#connection;
    this.hear({ kind: 'memberAnswered', connection, service, outcome, detail: '' });
    return this;
  }

  verdict(passed: boolean): void {
    this.hear({
      kind: 'checkCompleted',
      service: apex,
      check: 0,
      passed,
      detail: passed ? 'exit 0' : 'exit 7',
      durationMs: 10,
    });
  }

  decision(of: Vip): Decision {
    const found = this.#vips().find((entry) => entry.vip === of);
    if (found === undefined) throw new Error(`${of} is not configured`);
    return found.decision;
  }

  #vips() {
    return this.state.services.list.flatMap(({ vips }) => [...vips.values()]);
  }
}

/** lb1 in the middle of an ordinary day: settled, its claim made, the others' claims standing. */
export function settledRun(ofSettings: Settings = settings()): CoreRun {
  const run = new CoreRun(ofSettings).speakerUp().connect();
  run.view([
    [vip2, other],
    [vip6, other],
  ]);
  for (let count = 0; count < (ofSettings.services[0]?.checks[0]?.rise ?? 0); count += 1)
    run.verdict(true);
  run.ack().answerClaims().answerMember();
  run.claims([
    [vip1, self],
    [vip2, other],
    [vip6, other],
  ]);
  run.advance(4_000);
  run.ack().answerMember();
  run.take();
  return run;
}
