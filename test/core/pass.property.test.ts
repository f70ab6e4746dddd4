import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Event } from '../../src/core/event.ts';
import { brokenInvariants, initialState, type State, step } from '../../src/core/index.ts';
import type { NeighborAddress } from '../../src/core/route.ts';
import { Services } from '../../src/core/services.ts';
import type { ServiceName, Settings } from '../../src/core/settings.ts';
import { mapServices } from '../../src/core/state.ts';
import { anyEventOf, anySettingsLike, edge } from '../helpers/core-arbitraries.ts';
import {
  apex,
  asn,
  backupAttributes,
  check,
  downAttributes,
  lb1,
  lb2,
  serviceSettings,
  settings,
  standbyAttributes,
  vip,
} from '../helpers/core-run.ts';

const runs = Number(process.env['PROPERTY_RUNS'] ?? 400);

const mail = 'mail' as ServiceName;

/** `count` VIPs of one owner: more than may be open at once, when taken together. */
function vips(net: number, count: number, owner: typeof lb1) {
  return Array.from({ length: count }, (_, host) => ({ vip: vip(`10.${net}.0.${host}`), owner }));
}

const anySettings: fc.Arbitrary<Settings> = fc
  .record({
    policy: fc.constantFrom('freeze' as const, 'own' as const, 'all' as const, 'withdraw' as const),
    isChecked: fc.boolean(),
    afterMs: fc.constantFrom(undefined, 5_000),
    require: fc.constantFrom('any' as const, 'off' as const, 2),
    standby: fc.constantFrom(
      undefined,
      standbyAttributes,
      { ...standbyAttributes, asPathPrepend: 2 },
      { ...standbyAttributes, medPerRank: 10 },
    ),
    backups: fc.constantFrom('all' as const, 1, 2),
    damping: fc.constantFrom(undefined, { falls: 1, halfLifeMs: 2_000, maxMs: 5_000 }),
    enough: fc.constantFrom('all' as const, 1),
    told: fc.constantFrom<readonly string[] | undefined>(undefined, ['n1'], ['n2'], ['n1', 'n2']),
  })
  .map(({ policy, isChecked, afterMs, require, standby, backups, damping, enough, told }) => {
    const { announce } = serviceSettings();
    return settings(
      {},
      {
        onCoordinationLoss: policy,
        coldStart: { afterMs, policy },
        neighbors: { require, stableForMs: 3_000 },
        services: [
          serviceSettings({
            checks: isChecked ? [check] : [],
            announce: { ...announce, standby },
            takeover: { delayMs: 0, releaseMs: 2_000, settleMs: 3_000, backups, damping },
          }),
          serviceSettings({
            name: edge,
            vips: vips(30, 15, lb1),
            announce: {
              ...announce,
              owner: {
                ...announce.owner,
                ...(told !== undefined && { neighbors: told as readonly NeighborAddress[] }),
              },
              standby,
              drain: { ...backupAttributes, asPathPrepend: 1 },
              disabled: { ...downAttributes, asPathPrepend: 1 },
              down: downAttributes,
            },
            checks: isChecked ? [check, check] : [],
            health: enough,
          }),
          serviceSettings({
            name: mail,
            vips: vips(40, 15, lb2),
            takeover: { delayMs: 700, releaseMs: 2_000, settleMs: 3_000 },
          }),
        ],
      },
    );
  });

/** An event that depends on how things stand, so that histories come to something. */
type Happening = (state: State, nowMs: number) => Event;

const anything: fc.Arbitrary<Happening> = anyEventOf([apex, edge, mail]).map(
  (event) => () => event,
);

/** The same events, of the present session and connection. */
const truthful: fc.Arbitrary<Happening> = anyEventOf([apex, edge, mail]).map(
  (event) => (state, nowMs) => {
    const { session } = state;
    return {
      ...event,
      ...('connection' in event && {
        connection: session.connection ?? 1,
      }),
      ...('epoch' in event && { epoch: Math.max(1, session.epoch) }),
      ...('proofMs' in event && { proofMs: nowMs }),
    };
  },
);

const answer: fc.Arbitrary<Happening> = fc
  .tuple(
    fc.nat({ max: 20 }),
    fc.constantFrom('accepted' as const, 'accepted' as const, 'refused' as const, 'lost' as const),
  )
  .map(([which, outcome]) => ({ speaker }) => {
    const open = [...speaker.open.keys(), ...(speaker.flush === 'none' ? [] : [speaker.flush])];
    const command = Number(open[which % Math.max(1, open.length)] ?? 0);
    return { kind: 'commandAnswered', command, outcome, detail: '' };
  });

/** ZooKeeper does what it was asked to, and proves the session. */
const obliging: fc.Arbitrary<Happening> = fc.nat({ max: 9 }).map((which) => (state, nowMs) => {
  const connection = state.session.connection ?? 1;
  const answers = state.services.list.flatMap(({ settings: { name: service }, vips, presence }) => [
    ...[...vips.values()].flatMap(({ vip: of, claimWrite }): readonly Event[] =>
      claimWrite === undefined
        ? []
        : [{ kind: 'claimAnswered', ...claimWrite, service, vip: of, outcome: 'done', detail: '' }],
    ),
    ...(presence.write === undefined
      ? []
      : [{ kind: 'memberAnswered', connection, service, outcome: 'done', detail: '' } as const]),
  ]);
  const proven = { kind: 'sessionProven', epoch: state.session.epoch, proofMs: nowMs } as const;
  return answers[which] ?? proven;
});

/** A check that was well, mostly, or rests. */
const result: fc.Arbitrary<Happening> = fc
  .tuple(fc.constantFrom(apex, edge), fc.nat({ max: 1 }), fc.nat({ max: 7 }))
  .map(([service, of, luck]) => () => ({
    kind: 'checkCompleted',
    service,
    check: of,
    passed: luck > 1,
    isDisabled: luck === 0 ? true : undefined,
    detail: '',
    durationMs: 1,
  }));

/** A neighbor that tells the AS numbers, the same ones mostly. */
const neighbor: fc.Arbitrary<Happening> = fc
  .tuple(fc.constantFrom('n1', 'n2'), fc.boolean(), fc.constantFrom(65_001, 65_001, 65_002))
  .map(([name, isEstablished, as]) => () => ({
    kind: 'neighborChanged',
    neighbor: name,
    isEstablished,
    detail: '',
    asNumbers: { local: asn(as), peer: asn(65_100) },
  }));

/** Other services, or others of them, or the first ones again. */
const reload: fc.Arbitrary<Happening> = fc
  .tuple(anySettings, fc.boolean())
  .chain(([first, isFirst]) => (isFirst ? fc.constant(first) : anySettingsLike(first)))
  .map((to) => () => ({ kind: 'settingsChanged', settings: to }));

const stop: fc.Arbitrary<Happening> = fc.constant(() => ({
  kind: 'stopRequested',
  signal: 'SIGTERM',
}));

/** Some time, or exactly until the moment that was asked for. */
const anyWait = fc.oneof(
  { weight: 8, arbitrary: fc.nat({ max: 300 }) },
  { weight: 1, arbitrary: fc.nat({ max: 9_000 }) },
  { weight: 4, arbitrary: fc.constant('wakeUp' as const) },
);

const history = fc.array(
  fc.tuple(
    fc.oneof(
      { weight: 2, arbitrary: anything },
      { weight: 16, arbitrary: truthful },
      { weight: 16, arbitrary: answer },
      { weight: 16, arbitrary: obliging },
      { weight: 6, arbitrary: neighbor },
      { weight: 16, arbitrary: result },
      { weight: 2, arbitrary: reload },
      { weight: 1, arbitrary: stop },
    ),
    anyWait,
  ),
  { maxLength: 80, size: 'max' },
);

/** The same state, of which no service is known to be what it was: all are decided anew, and all are checked. */
function forgetful(state: State): State {
  const surroundings = { ...state.pass.surroundings, startedMs: Number.NaN };
  const unknown = mapServices(state, (service) => ({ ...service }));
  return { ...unknown, pass: { ...state.pass, services: new Services([]), surroundings } };
}

/** What a state says, without what it remembers of the step before. */
function content({ pass, services, ...rest }: State) {
  return { ...rest, services: services.list, wakeAtMs: pass.wakeAtMs, isWaiting: pass.isWaiting };
}

/** An agent that is connected and has identified its ExaBGP, with a whole view of each service. */
const morning: readonly Event[] = [
  { kind: 'speakerIdentified', version: '4.2.21', acks: true },
  { kind: 'neighborsListed', established: ['n1', 'n2'] },
  { kind: 'sessionEstablished', epoch: 1, connection: 1, timeoutMs: 6_000, proofMs: 0 },
  ...[apex, edge, mail].flatMap((service): readonly Event[] => [
    { kind: 'claimsRead', connection: 1, service, claims: new Map() },
    { kind: 'maintenanceRead', connection: 1, service, isPresent: false },
    { kind: 'drainsRead', connection: 1, service, drained: new Set() },
    { kind: 'membersRead', connection: 1, service, members: new Map(), own: { kind: 'self' } },
  ]),
];

describe('a step that decides only what is due', () => {
  it('leads to what a step that decides everything leads to', () => {
    let spared = 0;
    fc.assert(
      fc.property(anySettings, fc.boolean(), history, (ofSettings, isMorning, happenings) => {
        let state = initialState(ofSettings, 0);
        let nowMs = 0;
        let wakeAtMs: number | undefined;
        const hear = (event: Event) => {
          const after = step(state, event, nowMs);
          const whole = forgetful(state);
          const anew = step(whole, event, nowMs);
          expect(after.effects).toEqual(anew.effects);
          expect(after.wakeAtMs).toBe(anew.wakeAtMs);
          expect(content(after.state)).toEqual(content(anew.state));
          expect(brokenInvariants(whole, event, anew)).toEqual([]);
          expect(brokenInvariants(state, event, after)).toEqual([]);
          if (after.state.services === state.services) spared += 1;
          ({ state, wakeAtMs } = after);
        };
        if (isMorning) for (const event of morning) hear(event);
        for (const [happening, wait] of happenings) {
          nowMs = wait === 'wakeUp' ? (wakeAtMs ?? nowMs) : nowMs + wait;
          hear(happening(state, nowMs));
        }
      }),
      { numRuns: runs },
    );
    // Where every step changed every service there would have been nothing to tell apart.
    expect(spared).toBeGreaterThan(runs);
  });
});
