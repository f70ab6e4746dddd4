import type { Effect } from '../src/core/effect.ts';
import type { Event } from '../src/core/event.ts';
import { brokenInvariants, initialState, type State, step } from '../src/core/index.ts';
import type { ServiceName } from '../src/core/settings.ts';
import { mapServices } from '../src/core/state.ts';
import {
  lb1,
  lb2,
  lb3,
  other,
  self,
  serviceSettings,
  settings,
  vip,
} from '../test/helpers/core-run.ts';
import { row } from './statistics.ts';

const nowMs = 10_000;
const sessionTimeoutMs = 6_000;

/** Prints what a step of the core costs, with its check of invariants, beside one that decides every service anew. */
export function printCoreCosts(): void {
  console.log(
    [
      row('services x 3 VIPs', 'event', 'us per event', 'everything decided anew (us)', 'ratio'),
      row('---', '---', '---', '---', '---'),
      ...[1, 100, 1_000].flatMap(costsOf),
    ].join('\n'),
  );
}

function costsOf(count: number): readonly string[] {
  const settled = settledState(count);
  const [service] = settled.services.list;
  if (service === undefined) throw new Error('there is no service');
  const { name } = service.settings;
  const [own] = service.vips.keys();
  // The claims of both others are gone: their VIPs are announced by this step.
  const claims = new Map(
    [...service.vips.keys()].filter((of) => of === own).map((of) => [of, self]),
  );
  const events: readonly (readonly [string, Event, number])[] = [
    ['heartbeat', { kind: 'sessionProven', epoch: 1, proofMs: nowMs }, nowMs],
    [
      'two claims of one service gone',
      { kind: 'claimsRead', connection: 1, service: name, claims },
      nowMs,
    ],
    ['belief in the session ends', { kind: 'timerFired' }, nowMs + sessionTimeoutMs / 2],
  ];
  return events.map(([what, event, atMs]) => {
    const usual = costUs(() => run(settled, event, atMs));
    // Copies are other objects, so none counts as decided before; made ahead, since that is no cost of a step.
    const copy = mapServices(settled, (entry) => ({ ...entry }));
    const anew = costUs(() => run(copy, event, atMs));
    return row(`${count}`, what, usual, anew, usual / anew);
  });
}

function run(state: State, event: Event, atMs: number): State {
  const after = step(state, event, atMs);
  const broken = brokenInvariants(state, event, after);
  if (broken.length > 0) throw new Error(broken.join('; '));
  return after.state;
}

/** Microseconds per call: the best of 40 batches of about 20 ms, since what else the machine does only adds to it. */
function costUs(act: () => unknown): number {
  let best = Infinity;
  for (let batch = 0; batch < 40; batch += 1) {
    const startedMs = performance.now();
    let calls = 0;
    for (; performance.now() - startedMs < 20; calls += 10)
      for (let count = 0; count < 10; count += 1) act();
    best = Math.min(best, ((performance.now() - startedMs) * 1_000) / calls);
  }
  return best;
}

/** An agent on an ordinary day: its own VIP of each service announced and claimed, the others' claims standing. */
function settledState(count: number): State {
  const services = Array.from({ length: count }, (_, index) => {
    const net = `10.${index >> 8}.${index & 255}`;
    return serviceSettings({
      name: `service${index}` as ServiceName,
      vips: [lb1, lb2, lb3].map((owner, host) => ({ vip: vip(`${net}.${host}`), owner })),
    });
  });
  let state = initialState(settings({}, { services }), 0);
  const hear = (event: Event, atMs: number) => {
    const waiting = [event];
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const after = step(state, next, atMs);
      state = after.state;
      waiting.push(...after.effects.flatMap(answerTo));
    }
  };
  const established = { epoch: 1, connection: 1, timeoutMs: sessionTimeoutMs, proofMs: 0 };
  hear({ kind: 'speakerIdentified', version: '4.2.21', acks: true }, 0);
  hear({ kind: 'neighborsListed', established: ['10.0.0.1'] }, 0);
  hear({ kind: 'sessionEstablished', ...established }, 0);
  for (const { name: service, vips } of services) {
    const part = { connection: 1, service };
    hear({ kind: 'maintenanceRead', ...part, isPresent: false }, 0);
    hear({ kind: 'drainsRead', ...part, drained: new Set() }, 0);
    hear({ kind: 'membersRead', ...part, members: new Map(), own: self }, 0);
    const claims = new Map(vips.slice(1).map(({ vip: of }) => [of, other]));
    hear({ kind: 'claimsRead', ...part, claims }, 0);
  }
  for (let atMs = 1_000; atMs <= nowMs; atMs += 1_000)
    hear({ kind: 'sessionProven', epoch: 1, proofMs: atMs }, atMs);
  return state;
}

function answerTo(effect: Effect): readonly Event[] {
  const done = { connection: 1, outcome: 'done', detail: '' } as const;
  switch (effect.kind) {
    case 'announceRoute':
    case 'withdrawRoute':
    case 'flushRoutes': {
      const { command } = effect;
      return [{ kind: 'commandAnswered', command, outcome: 'accepted', detail: '' }];
    }
    case 'createClaim':
    case 'deleteClaim': {
      const operation = effect.kind === 'createClaim' ? 'create' : 'delete';
      const { service, vip: of } = effect;
      return [{ kind: 'claimAnswered', ...done, service, vip: of, operation }];
    }
    case 'publishMember':
      return [{ kind: 'memberAnswered', ...done, service: effect.service }];
    default:
      return [];
  }
}
