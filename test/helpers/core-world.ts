import type { Agreement, ServiceAgreement } from '../../src/core/agreement.ts';
import type { Effect } from '../../src/core/effect.ts';
import type { Event, Holder, WriteOutcome } from '../../src/core/event.ts';
import { brokenInvariants, initialState, type State, step } from '../../src/core/index.ts';
import type { Attributes } from '../../src/core/route.ts';
import type { ServiceName, Settings } from '../../src/core/settings.ts';
import type { Vip } from '../../src/core/vip.ts';
import { apex, lb2, sessionTimeoutMs } from './core-run.ts';

type Answer = { readonly event: Event; readonly apply: () => unknown };

/**
 * A small but truthful world around one core: ExaBGP and ZooKeeper carry out what they are told when their answer is
 * delivered, in order, and can be cut off. It watches the core from outside, by effects alone, and throws when an order
 * of moves is broken.
 */
export class CoreWorld {
  state: State;
  nowMs = 0;
  wakeAtMs: number | undefined;
  commandsSent = 0;
  readonly #routes = new Map<Vip, Attributes>();
  readonly #claims = new Map<Vip, Holder>();
  #isMaintenance = false;
  #speakerAnswers: Answer[] = [];
  #zooKeeperAnswers: Answer[] = [];
  #openPrefixes = new Map<number, Vip | undefined>();
  #epoch = 0;
  #connection = 0;
  #isConnected = false;
  #checksPass = true;
  #hasStarted = false;
  #canResume = false;
  readonly #settings: Settings;
  readonly #kept = new Map<ServiceName, ServiceAgreement>();

  constructor(settings: Settings) {
    this.#settings = settings;
    this.state = initialState(settings, 0);
    this.#hear({ kind: 'timerFired' });
  }

  get hasEnded(): boolean {
    return this.state.hasEnded;
  }

  routes(): ReadonlyMap<Vip, Attributes> {
    return this.#routes;
  }

  claims(): ReadonlyMap<Vip, Holder> {
    return this.#claims;
  }

  startSpeaker(): void {
    if (this.#hasStarted) return;
    this.#hasStarted = true;
    this.#hear({ kind: 'speakerIdentified', version: '4.2.21', acks: true });
    this.#hear({ kind: 'neighborsListed', established: ['n1'] });
  }

  reload(settings: Settings): void {
    this.#hear({ kind: 'settingsChanged', settings });
  }

  setNeighbor(isEstablished: boolean): void {
    if (!this.#hasStarted) return;
    this.#hear({ kind: 'neighborChanged', neighbor: 'n1', isEstablished, detail: '' });
  }

  setSilent(isSilent: boolean): void {
    if (!this.#hasStarted) return;
    this.#hear({ kind: isSilent ? 'speakerSilent' : 'speakerResponsive' });
  }

  setChecks(pass: boolean): void {
    this.#checksPass = pass;
  }

  /** Connects with the same session, be it an earlier life's, or a new one when it is asked for or there was none. */
  connect(isNew: boolean): void {
    if (this.#isConnected) return;
    if (isNew || this.#epoch === 0) {
      if (this.#epoch > 0)
        this.#hear({ kind: 'sessionEnded', epoch: this.#epoch, reason: 'expired' });
      this.#epoch += 1;
      if (isNew || !this.#canResume) this.#expireOwn();
      this.#canResume = true;
    }
    this.#isConnected = true;
    this.#connection += 1;
    const connection = this.#connection;
    this.#hear({
      kind: 'sessionEstablished',
      epoch: this.#epoch,
      connection,
      timeoutMs: sessionTimeoutMs,
      proofMs: this.nowMs,
    });
    this.readAll();
  }

  /** Cuts the connection. Writes under way are applied or lost, and nobody is told which. */
  cut(areApplied: boolean): void {
    if (!this.#isConnected) return;
    for (const { apply } of this.#zooKeeperAnswers) if (areApplied) apply();
    this.#zooKeeperAnswers = [];
    this.#isConnected = false;
    this.#hear({ kind: 'sessionInterrupted', connection: this.#connection, detail: 'cut' });
  }

  /** The agent is killed and started again, with what it had kept; ExaBGP carries out what it was sent, or is new. */
  restart({ isSpeakerNew }: { readonly isSpeakerNew: boolean }): void {
    this.cut(true);
    for (const { apply } of this.#speakerAnswers) apply();
    this.#speakerAnswers = [];
    this.#openPrefixes.clear();
    this.#hasStarted = false;
    if (isSpeakerNew) this.#routes.clear();
    for (const [vip, { kind }] of this.#claims)
      if (kind === 'self')
        this.#claims.set(vip, { kind: 'predecessor', sameSpeaker: !isSpeakerNew });
    this.#epoch = 0;
    const agreement: Agreement = { sessionTimeoutMs, services: this.#kept };
    this.state = initialState(this.#settings, this.nowMs, agreement);
    this.#hear({ kind: 'timerFired' });
    this.startSpeaker();
  }

  setMaintenance(isPresent: boolean): void {
    this.#isMaintenance = isPresent;
    this.readAll();
  }

  setPeerClaim(vip: Vip, isPresent: boolean): void {
    if (isPresent) this.#claims.set(vip, { kind: 'member', member: lb2 });
    else this.#claims.delete(vip);
    this.readAll();
  }

  /** Every part of the view as it is when ZooKeeper answers, in the queue behind what was asked before. */
  readAll(): void {
    if (!this.#isConnected) return;
    const connection = this.#connection;
    const read = (make: () => Event) => {
      this.#zooKeeperAnswers.push({
        get event() {
          return make();
        },
        apply: () => undefined,
      });
    };
    read(() => ({ kind: 'claimsRead', connection, service: apex, claims: new Map(this.#claims) }));
    read(() => ({
      kind: 'maintenanceRead',
      connection,
      service: apex,
      isPresent: this.#isMaintenance,
    }));
    read(() => ({ kind: 'drainsRead', connection, service: apex, drained: new Set() }));
    read(() => ({
      kind: 'membersRead',
      connection,
      service: apex,
      members: new Map(),
      own: { kind: 'self' },
    }));
  }

  /** Delivers the oldest answer of ExaBGP or ZooKeeper; false when there is none. */
  deliver(from: 'speaker' | 'zooKeeper', outcome: 'accepted' | 'refused' = 'accepted'): boolean {
    const queue = from === 'speaker' ? this.#speakerAnswers : this.#zooKeeperAnswers;
    const answer = queue.shift();
    if (answer === undefined) return false;
    if (outcome === 'accepted') answer.apply();
    const event = answer.event;
    if (event.kind === 'commandAnswered') {
      this.#openPrefixes.delete(event.command);
      this.#hear({ ...event, outcome });
    } else this.#hear(event);
    return true;
  }

  advance(ms: number): void {
    const endMs = this.nowMs + ms;
    while (this.nowMs < endMs && !this.hasEnded) {
      const nextMs = Math.min(endMs, this.wakeAtMs ?? endMs, this.nowMs + 1_000);
      this.nowMs = Math.max(nextMs, this.nowMs + 1);
      if (this.#isConnected) {
        this.#hear({ kind: 'sessionProven', epoch: this.#epoch, proofMs: this.nowMs });
      } else this.#hear({ kind: 'timerFired' });
    }
  }

  /** Lets everything work again and answers everything for a while. */
  heal(peers: readonly Vip[]): void {
    this.startSpeaker();
    this.setSilent(false);
    this.setNeighbor(true);
    this.#checksPass = true;
    this.connect(false);
    this.setMaintenance(false);
    for (const peer of peers) this.setPeerClaim(peer, true);
    for (let round = 0; round < 400; round += 1) this.settle();
  }

  settle(): void {
    while (this.deliver('speaker') || this.deliver('zooKeeper'));
    this.advance(250);
  }

  #expireOwn(): void {
    for (const [vip, holder] of this.#claims) if (isOurs(holder)) this.#claims.delete(vip);
  }

  #hear(event: Event): void {
    const before = this.state;
    const after = step(before, event, this.nowMs);
    const broken = brokenInvariants(before, event, after);
    if (broken.length > 0) throw new Error(broken.join('; '));
    this.state = after.state;
    this.wakeAtMs = after.wakeAtMs;
    const runs: Effect[] = [];
    for (const effect of after.effects) {
      if (effect.kind === 'runCheck') runs.push(effect);
      else this.#carryOut(effect);
    }
    for (const run of runs) this.#runCheck(run);
  }

  #runCheck(effect: Effect): void {
    if (effect.kind !== 'runCheck') return;
    const passed = this.#checksPass;
    const { service, check } = effect;
    this.#hear({ kind: 'checkCompleted', service, check, passed, detail: '', durationMs: 1 });
  }

  #carryOut(effect: Effect): void {
    if (effect.kind === 'announceRoute') {
      this.#send(effect.command, effect.vip, () => this.#routes.set(effect.vip, effect.attributes));
    } else if (effect.kind === 'withdrawRoute') {
      this.#send(effect.command, effect.vip, () => this.#routes.delete(effect.vip));
    } else if (effect.kind === 'flushRoutes') {
      this.#send(effect.command, undefined, () => undefined);
    } else if (effect.kind === 'keepAgreement') {
      this.#kept.set(effect.service, effect.agreement);
    } else if (effect.kind === 'createClaim') {
      this.#createClaim(effect.vip, effect.replaces);
    } else if (effect.kind === 'deleteClaim') {
      this.#write(effect.vip, 'delete', () => {
        if (!isOurs(this.#claims.get(effect.vip))) return 'absent';
        this.#claims.delete(effect.vip);
        return 'done';
      });
    } else if (effect.kind === 'setServices') {
      // Whatever is new to it is read.
      this.readAll();
    } else if (effect.kind === 'publishMember') {
      const { service } = effect;
      const connection = this.#connection;
      this.#zooKeeperAnswers.push({
        event: { kind: 'memberAnswered', connection, service, outcome: 'done', detail: '' },
        apply: () => undefined,
      });
    }
  }

  #createClaim(vip: Vip, replaces: boolean): void {
    if (!this.#routes.has(vip)) throw new Error(`${vip} claimed before it was announced`);
    this.#write(vip, 'create', () => {
      if (this.#claims.has(vip) && !replaces) return 'exists';
      this.#claims.set(vip, { kind: 'self' });
      return 'done';
    });
  }

  #send(command: number, vip: Vip | undefined, apply: () => unknown): void {
    if (!this.#hasStarted) throw new Error('a command before the speaker was known');
    if (vip !== undefined && [...this.#openPrefixes.values()].includes(vip)) {
      throw new Error(`a second command for ${vip} before the first was answered`);
    }
    this.commandsSent += 1;
    this.#openPrefixes.set(command, vip);
    this.#speakerAnswers.push({
      event: { kind: 'commandAnswered', command, outcome: 'accepted', detail: '' },
      apply,
    });
  }

  #write(vip: Vip, operation: 'create' | 'delete', apply: () => WriteOutcome): void {
    if (!this.#isConnected) throw new Error('a write while disconnected');
    const connection = this.#connection;
    let outcome: WriteOutcome = 'unknown';
    this.#zooKeeperAnswers.push({
      apply: () => {
        outcome = apply();
      },
      get event(): Event {
        return {
          kind: 'claimAnswered',
          connection,
          service: apex,
          vip,
          operation,
          outcome,
          detail: '',
        };
      },
    });
    // ZooKeeper's watch: whatever changed is read again behind the write.
    this.readAll();
  }
}

function isOurs(holder: Holder | undefined): boolean {
  return holder?.kind === 'self' || holder?.kind === 'predecessor';
}
