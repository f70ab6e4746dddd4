import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AgreedRole, Agreement } from '../../src/core/agreement.ts';
import type { Event } from '../../src/core/event.ts';
import { brokenInvariants, initialState, step } from '../../src/core/index.ts';
import type { NeighborAddress } from '../../src/core/route.ts';
import type { CoordinationLossPolicy, MemberId, Settings } from '../../src/core/settings.ts';
import type { Vip } from '../../src/core/vip.ts';
import { anyEventOf, anySettingsLike, edge } from '../helpers/core-arbitraries.ts';
import {
  apex,
  backupAttributes,
  check,
  downAttributes,
  lb1,
  lb2,
  lb3,
  ownerAttributes,
  settings,
  standbyAttributes,
  vip,
  vip1,
  vip2,
  vip6,
} from '../helpers/core-run.ts';
import { CoreWorld } from '../helpers/core-world.ts';

const vip3 = vip('10.20.255.3');
const runs = Number(process.env['PROPERTY_RUNS'] ?? 400);

const anySettings: fc.Arbitrary<Settings> = fc
  .record({
    policy: fc.constantFrom<CoordinationLossPolicy>('freeze', 'own', 'all', 'withdraw'),
    hasCheck: fc.boolean(),
    hasDown: fc.boolean(),
    told: fc.constantFrom({}, {}, { neighbors: ['n1' as NeighborAddress] }),
    hasStandby: fc.boolean(),
    hasDrain: fc.boolean(),
    damping: fc.constantFrom(undefined, { falls: 1, halfLifeMs: 2_000, maxMs: 5_000 }),
    backups: fc.constantFrom('all' as const, 1, 2),
    delayMs: fc.constantFrom(0, 700),
    isStandalone: fc.constantFrom(false, false, false, true),
    coldAfterMs: fc.constantFrom(undefined, 5_000),
    require: fc.constantFrom('any' as const, 'all' as const, 'off' as const, 2),
  })
  .map(({ policy, hasCheck, hasDown, hasStandby, hasDrain, damping, backups, ...rest }) =>
    settings(
      {
        checks: hasCheck ? [check] : [],
        takeover: { delayMs: rest.delayMs, releaseMs: 2_000, settleMs: 3_000, backups, damping },
        announce: {
          owner: { ...ownerAttributes, ...rest.told },
          backup: backupAttributes,
          standby: hasStandby ? standbyAttributes : undefined,
          drain: hasDrain ? downAttributes : undefined,
          disabled: hasDrain ? downAttributes : undefined,
          down: hasDown ? downAttributes : undefined,
        },
      },
      {
        isStandalone: rest.isStandalone,
        onCoordinationLoss: policy,
        coldStart: { afterMs: rest.coldAfterMs, policy },
        neighbors: { require: rest.require, stableForMs: 3_000 },
      },
    ),
  );

const anyAgreement: fc.Arbitrary<Agreement> = fc
  .record({
    isInMaintenance: fc.boolean(),
    drained: fc.subarray<string>([lb1, vip1, vip2]),
    vips: fc
      .array(
        fc.tuple(
          fc.constantFrom(vip1, vip2, vip6),
          fc.constantFrom<AgreedRole>('owner', 'backup', 'withdrawn'),
        ),
      )
      .map((list) => new Map(list)),
  })
  .map((ofApex) => ({ sessionTimeoutMs: 6_000, services: new Map([[apex, ofApex]]) }));

const anyRestart = fc.record({
  isBackup: fc.boolean(),
  hasCheck: fc.boolean(),
  isSpeakerNew: fc.boolean(),
  isExpired: fc.boolean(),
});

const anyEvent: fc.Arbitrary<Event> = fc.oneof(
  { weight: 20, arbitrary: anyEventOf([apex]) },
  { weight: 4, arbitrary: anyEventOf([edge]) },
  {
    weight: 2,
    arbitrary: anySettingsLike(settings()).map(
      (to): Event => ({ kind: 'settingsChanged', settings: to }),
    ),
  },
);

const anyEnd: fc.Arbitrary<readonly Event[]> = fc.constantFrom<readonly Event[]>(
  [],
  [{ kind: 'stopRequested', signal: 'SIGTERM' }],
  [
    { kind: 'stopRequested', signal: 'SIGTERM' },
    { kind: 'stopRequested', signal: 'SIGTERM' },
  ],
  [{ kind: 'speakerClosed', detail: 'EOF' }],
);

type Move = (world: CoreWorld) => void;

function reloaded(...owners: readonly (readonly [Vip, MemberId])[]): Settings {
  return settings({ vips: owners.map(([of, owner]) => ({ vip: of, owner })) });
}

/** What may befall a truthful world. */
const anyMove: fc.Arbitrary<Move> = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom<Move>((world) => void world.deliver('speaker')) },
  { weight: 10, arbitrary: fc.constantFrom<Move>((world) => void world.deliver('zooKeeper')) },
  {
    weight: 4,
    arbitrary: fc.integer({ min: 1, max: 4_000 }).map(
      (ms): Move =>
        (world) =>
          world.advance(ms),
    ),
  },
  {
    weight: 8,
    arbitrary: fc.constantFrom<Move>(
      (world) => world.startSpeaker(),
      (world) => world.connect(false),
      (world) => world.connect(true),
      (world) => world.cut(true),
      (world) => world.cut(false),
      (world) => world.restart({ isSpeakerNew: false }),
      (world) => world.restart({ isSpeakerNew: true }),
      (world) => world.setMaintenance(true),
      (world) => world.setMaintenance(false),
      (world) => world.setPeerClaim(vip2, true),
      (world) => world.setPeerClaim(vip2, false),
      (world) => world.setPeerClaim(vip6, false),
      (world) => world.setNeighbor(false),
      (world) => world.setNeighbor(true),
      (world) => world.setSilent(true),
      (world) => world.setSilent(false),
      // Its VIPs change hands, go and come.
      (world) => world.reload(reloaded([vip1, lb1], [vip2, lb1])),
      (world) => world.reload(reloaded([vip1, lb2], [vip6, lb3])),
      (world) => world.reload(reloaded([vip2, lb2], [vip3, lb1])),
      (world) => world.setChecks(false),
      (world) => world.setChecks(true),
      (world) => void world.deliver('speaker', 'refused'),
    ),
  },
);

/** Other settings never make an agent that is alone one of many, nor the other way round. */
function fitting({ isStandalone }: Settings, event: Event): Event {
  return event.kind === 'settingsChanged'
    ? { ...event, settings: { ...event.settings, isStandalone } }
    : event;
}

describe('step', () => {
  it('keeps every invariant whatever it hears, in whatever order', () => {
    fc.assert(
      fc.property(
        anySettings,
        fc.option(anyAgreement, { nil: undefined }),
        fc.array(fc.tuple(anyEvent, fc.integer({ min: 0, max: 2_500 })), { maxLength: 60 }),
        anyEnd,
        (ofSettings, agreement, events, end) => {
          let state = initialState(ofSettings, 0, agreement);
          let nowMs = 0;
          for (const [event, waitMs] of [...events, ...end.map((event) => [event, 10] as const)]) {
            nowMs += waitMs;
            const heard = fitting(ofSettings, event);
            const after = step(state, heard, nowMs);
            expect(brokenInvariants(state, heard, after)).toEqual([]);
            if (after.wakeAtMs !== undefined) expect(after.wakeAtMs).toBeGreaterThan(nowMs);
            state = after.state;
          }
        },
      ),
      { numRuns: runs * 3 },
    );
  });

  it('is a function of its input: the same state, event and time give the same step', () => {
    fc.assert(
      fc.property(anySettings, fc.array(anyEvent, { maxLength: 40 }), (ofSettings, events) => {
        const run = () => {
          let state = initialState(ofSettings, 0);
          return events.map((event, index) => {
            const after = step(state, fitting(ofSettings, event), index * 300);
            state = after.state;
            return [after.effects, after.wakeAtMs];
          });
        };
        expect(run()).toEqual(run());
      }),
      { numRuns: runs },
    );
  });

  it('never claims before it announces, has one command per prefix open, and settles once the world heals', () => {
    fc.assert(
      fc.property(anySettings, fc.array(anyMove, { maxLength: 80 }), (ofSettings, moves) => {
        // Two neighbors are asked for by some settings, but this world has one.
        const neighbors = { require: 'any', stableForMs: 3_000 } as const;
        const fleetSettings = { ...ofSettings, neighbors, isStandalone: false };
        const world = new CoreWorld(fleetSettings);
        for (const move of moves) move(world);
        world.reload(fleetSettings);
        world.heal([vip2, vip6]);
        expect(world.routes().get(vip1)).toEqual(ofSettings.services[0]?.announce.owner);
        const { standby } = ofSettings.services[0]?.announce ?? {};
        for (const of of [vip2, vip6]) expect(world.routes().get(of)).toEqual(standby);
        expect(world.claims().get(vip1)).toEqual({ kind: 'self' });
        const sent = world.commandsSent;
        for (let round = 0; round < 100; round += 1) world.settle();
        expect(world.commandsSent).toBe(sent);
      }),
      { numRuns: runs },
    );
  });

  it('carries what it carried though it is killed and started again in an outage, ExaBGP as well', () => {
    fc.assert(
      fc.property(anyRestart, ({ isBackup, hasCheck, isSpeakerNew, isExpired }) => {
        const world = new CoreWorld(settings({ checks: hasCheck ? [check] : [] }));
        world.heal(isBackup ? [vip6] : [vip2, vip6]);
        const before = [...world.routes()].sort();
        const settle = (isRestoring: boolean) => {
          world.settle();
          if (!isRestoring) expect([...world.routes()].sort()).toEqual(before);
        };
        world.restart({ isSpeakerNew });
        // Under the same ExaBGP at every moment, under a new one in the end.
        for (let round = 0; round < 40; round += 1) settle(isSpeakerNew && round < 39);
        world.connect(isExpired);
        for (let round = 0; round < 100; round += 1) settle(false);
        expect(world.claims().get(vip1)).toEqual({ kind: 'self' });
      }),
      { numRuns: 40 },
    );
  });

  it('changes no route under freeze however long and often ZooKeeper is away', () => {
    const outage = fc.tuple(
      fc.boolean(),
      fc.boolean(),
      fc.integer({ min: 1, max: 40_000 }),
      fc.integer({ min: 0, max: 3_000 }),
    );
    fc.assert(
      fc.property(fc.boolean(), fc.array(outage, { maxLength: 6 }), (isBackup, outages) => {
        const world = new CoreWorld(settings());
        world.heal(isBackup ? [vip6] : [vip2, vip6]);
        const before = new Map(world.routes());
        const sent = world.commandsSent;
        for (const [areApplied, isNewSession, awayMs, backMs] of outages) {
          world.cut(areApplied);
          world.advance(awayMs);
          world.connect(isNewSession);
          while (world.deliver('zooKeeper'));
          world.advance(backMs);
        }
        expect(world.routes()).toEqual(before);
        expect(world.commandsSent).toBe(sent);
      }),
      { numRuns: runs },
    );
  });
});
