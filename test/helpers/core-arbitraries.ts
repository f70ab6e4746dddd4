import fc from 'fast-check';
import type { Event, Holder } from '../../src/core/event.ts';
import type { ServiceName } from '../../src/core/settings.ts';
import { lb1, lb2, vip1, vip2, vip6 } from './core-run.ts';

const anyHolder: fc.Arbitrary<Holder> = fc.constantFrom<Holder>(
  { kind: 'self' },
  { kind: 'predecessor', sameSpeaker: true },
  { kind: 'predecessor', sameSpeaker: false },
  { kind: 'twin', detail: 'elsewhere' },
  { kind: 'member', member: 'lb9' },
  { kind: 'unmarked' },
);
const anyNumber = fc.integer({ min: 0, max: 4 });
const anyVip = fc.constantFrom(vip1, vip2, vip6);
const anyOutcome = fc.constantFrom(
  'done' as const,
  'exists' as const,
  'absent' as const,
  'unknown' as const,
  'notConnected' as const,
  'denied' as const,
  'failed' as const,
);
const detail = fc.constant('');

/** Any event at all about these services, whether or not it can be true. */
export function anyEventOf(services: readonly ServiceName[]): fc.Arbitrary<Event> {
  const service = fc.constantFrom(...services);
  return fc.oneof(
    fc.record({ kind: fc.constant('timerFired' as const) }),
    fc.record({
      kind: fc.constant('checkCompleted' as const),
      service,
      check: fc.constantFrom(0, 0, 0, 7),
      passed: fc.boolean(),
      detail,
      durationMs: anyNumber,
    }),
    fc.record({
      kind: fc.constant('sessionEstablished' as const),
      epoch: anyNumber,
      connection: anyNumber,
      timeoutMs: fc.constant(6_000),
      proofMs: fc.integer({ min: 0, max: 60_000 }),
    }),
    fc.record({
      kind: fc.constant('sessionProven' as const),
      epoch: anyNumber,
      proofMs: fc.integer({ min: 0, max: 60_000 }),
    }),
    fc.record({ kind: fc.constant('sessionInterrupted' as const), connection: anyNumber, detail }),
    fc.record({
      kind: fc.constant('sessionEnded' as const),
      epoch: anyNumber,
      reason: fc.constantFrom('expired' as const, 'authenticationFailed' as const),
    }),
    fc.record({
      kind: fc.constant('claimsRead' as const),
      connection: anyNumber,
      service,
      claims: fc.array(fc.tuple(anyVip, anyHolder), { maxLength: 3 }).map((list) => new Map(list)),
    }),
    fc.record({
      kind: fc.constant('maintenanceRead' as const),
      connection: anyNumber,
      service,
      isPresent: fc.boolean(),
    }),
    fc.record({
      kind: fc.constant('drainsRead' as const),
      connection: anyNumber,
      service,
      drained: fc.subarray<string>([lb1, lb2, vip1, vip2]).map((names) => new Set(names)),
    }),
    fc.record({
      kind: fc.constant('membersRead' as const),
      connection: anyNumber,
      service,
      members: fc.constantFrom(
        new Map(),
        new Map([[lb2, undefined]]),
        new Map([[lb2, { health: 'up' as const, announces: [vip1], isLeaving: false }]]),
      ),
      own: fc.option(anyHolder, { nil: undefined }),
    }),
    fc.record({
      kind: fc.constant('claimAnswered' as const),
      connection: anyNumber,
      service,
      vip: anyVip,
      operation: fc.constantFrom('create' as const, 'delete' as const),
      outcome: anyOutcome,
      detail,
    }),
    fc.record({
      kind: fc.constant('memberAnswered' as const),
      connection: anyNumber,
      service,
      outcome: anyOutcome,
      detail,
    }),
    fc.record({
      kind: fc.constant('speakerIdentified' as const),
      version: fc.constant('4.2.21'),
      acks: fc.boolean(),
    }),
    fc.record({
      kind: fc.constant('commandAnswered' as const),
      command: fc.integer({ min: 0, max: 12 }),
      outcome: fc.constantFrom('accepted' as const, 'refused' as const, 'lost' as const),
      detail,
    }),
    fc.record({ kind: fc.constantFrom('speakerSilent' as const, 'speakerResponsive' as const) }),
    fc.record({
      kind: fc.constant('neighborChanged' as const),
      neighbor: fc.constantFrom('n1', 'n2'),
      isEstablished: fc.boolean(),
      detail,
    }),
    fc.record({
      kind: fc.constant('neighborsListed' as const),
      established: fc.constantFrom(undefined, [], ['n1'], ['n1', 'n2']),
    }),
  );
}
