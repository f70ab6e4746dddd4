import fc from 'fast-check';
import type { Event, Holder } from '../../src/core/event.ts';
import type { ServiceName, Settings } from '../../src/core/settings.ts';
import { apex, check, lb1, lb2, lb3, serviceSettings, vip1, vip2, vip6 } from './core-run.ts';

/** The second service of {@link anySettingsLike}. */
export const edge = 'edge' as ServiceName;

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
      isDisabled: fc.constantFrom(undefined, undefined, undefined, true as const),
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
        new Map([
          [lb2, { health: 'up' as const, announces: [vip6], isLeaving: false }],
          [lb3, { health: 'up' as const, announces: [vip2], isLeaving: false }],
        ]),
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

const anyPlace = fc.record({
  service: fc.constantFrom(apex, apex, edge, undefined),
  owner: fc.constantFrom(lb1, lb2),
});
const anyCheck = fc.constantFrom(check, {
  ...check,
  probe: { kind: 'exec' as const, command: 'second' },
});

/** Settings of lb1 in which three VIPs belong to either of two services or to none, and to whomever. */
export function anySettingsLike(base: Settings): fc.Arbitrary<Settings> {
  return fc
    .record({
      places: fc.tuple(anyPlace, anyPlace, anyPlace),
      checks: fc.array(anyCheck, { maxLength: 2 }),
      hasEmpty: fc.boolean(),
      require: fc.constantFrom('any' as const, 'off' as const),
    })
    .map(({ places, checks, hasEmpty, require }) => {
      const services = [apex, edge].map((name) => ({
        ...serviceSettings({ name, checks: name === apex ? checks : [] }),
        vips: [vip1, vip2, vip6].flatMap((vip, index) => {
          const place = places[index];
          return place?.service === name ? [{ vip, owner: place.owner }] : [];
        }),
      }));
      return {
        ...base,
        neighbors: { ...base.neighbors, require },
        services: services.filter(({ vips }) => hasEmpty || vips.length > 0),
      };
    });
}
