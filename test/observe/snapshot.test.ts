import { expect, it } from 'vitest';
import { type ConfigVersion, snapshotOf } from '../../src/observe/snapshot.ts';
import {
  CoreRun,
  check,
  lb1,
  lb2,
  other,
  self,
  serviceSettings,
  settings,
  settledRun,
  vip1,
  vip2,
  vip6,
} from '../helpers/core-run.ts';

const config: ConfigVersion = { hash: '0123456789ab', loadedAt: '2026-11-21T18:00:00.000Z' };

const held = {
  claim: 'another session',
  claimForMs: 4_000,
  agreed: 'withdraw (heldByOwner)',
  decision: 'withdraw (heldByOwner)',
  route: 'absent',
};

it('says everything about an agent on an ordinary day', () => {
  const run = settledRun(settings({ checks: [check] }));
  expect(snapshotOf(run.state, config, run.nowMs)).toEqual({
    member: 'lb1',
    upForMs: 4_000,
    config,
    session: { belief: 'live', epoch: 1, isConnected: true, timeoutMs: 6_000, provenAgoMs: 0 },
    exabgp: {
      phase: 'ready',
      answers: true,
      openCommands: 0,
      isConnected: true,
      neighbors: { '10.0.0.1': 'up' },
    },
    services: [
      {
        service: 'apex',
        health: 'up',
        isInMaintenance: false,
        drained: [],
        checks: [expect.objectContaining({ verdict: 'up', streak: 2, detail: 'exit 0' })],
        members: {},
        vips: [
          {
            vip: vip1,
            owner: 'lb1',
            claim: 'us',
            claimForMs: 4_000,
            agreed: 'announce as owner (owner)',
            decision: 'announce as owner (owner)',
            route: 'self med 100',
          },
          { vip: vip2, owner: 'lb2', ...held },
          { vip: vip6, owner: 'lb3', ...held },
        ],
      },
    ],
  });
});

it('says what is known at the start, and nothing else', () => {
  const run = new CoreRun(settings({ vips: [{ vip: vip2, owner: undefined }] }));
  const { session, exabgp, services } = snapshotOf(run.state, config, run.nowMs);
  expect([session, exabgp]).toEqual([
    expect.objectContaining({ belief: 'none', isConnected: false }),
    { phase: 'unidentified', answers: true, openCommands: 0 },
  ]);
  expect(services).toEqual([
    {
      service: 'apex',
      health: 'up',
      checks: [],
      vips: [{ vip: vip2, agreed: 'hold (noView)', decision: 'hold (noView)', route: 'unknown' }],
    },
  ]);
});

it('says how long a drained member has been leaving, and since when another one carries the VIP', () => {
  const run = settledRun();
  run.drains([lb1]);
  run.answerClaims();
  run.claims([
    [vip2, other],
    [vip6, other],
  ]);
  run.advance(1_000);
  run.members([[lb2, { health: 'up', announces: [vip1], isLeaving: false }]], self);
  run.advance(500);
  const [service] = snapshotOf(run.state, config, run.nowMs).services;
  expect(service).toMatchObject({ drained: ['lb1'], members: { lb2: 'up, announces 1' } });
  expect(service?.vips[0]).toMatchObject({
    claim: 'nobody',
    claimForMs: 1_500,
    decision: 'announce as owner (handedOver)',
    leave: 'drained',
    leavingForMs: 1_500,
    carriedElsewhereForMs: 500,
  });
});

it('says of a drain what it says of itself', () => {
  const run = settledRun();
  run.drains([lb1, lb2], new Map([[lb1, { who: 'jd', why: 'disk swap', expiresMs: 0 }]]));
  const [service] = snapshotOf(run.state, config, run.nowMs).services;
  expect(service?.drained).toEqual(['lb1 until 1970-01-01 00:00:00 UTC, by jd: disk swap', 'lb2']);
});

it('says what ExaBGP has refused, how often, and when it is tried again', () => {
  const run = new CoreRun(settings({ vips: [{ vip: vip1, owner: lb1 }] })).speakerUp().connect();
  run.view();
  run.advance(100);
  const open = snapshotOf(run.state, config, run.nowMs).services[0]?.vips[0];
  expect(open).toMatchObject({ route: 'unknown', openRoute: 'self med 100' });
  run.ack('refused');
  run.advance(400);
  const refused = snapshotOf(run.state, config, run.nowMs).services[0]?.vips[0];
  expect(refused).toMatchObject({ route: 'unknown', refusals: 1, retryInMs: 600 });
});

it('says how long an owner that falls again and again leaves its VIP to another, and its rank for those of others', () => {
  const { takeover } = serviceSettings();
  const damping = { falls: 2, halfLifeMs: 60_000, maxMs: 120_000 };
  const run = settledRun(
    settings({ checks: [check], takeover: { ...takeover, backups: 1, damping } }),
  );
  run.members([[lb2, { health: 'up', announces: [vip1], isLeaving: false }]], self);
  for (let fall = 0; fall < 4; fall += 1) {
    for (const passed of [false, false, true, true]) run.verdict(passed);
  }
  const [service] = snapshotOf(run.state, config, run.nowMs).services;
  // Four falls at once, of which two are too many, have halved in a minute.
  expect(service?.dampedForMs).toBe(60_000);
  const ranks = service?.vips.map(({ rank }) => rank ?? 0) ?? [];
  expect(ranks[0]).toBe(0);
  expect(service?.checks[0]).toHaveProperty('durationMs');
});
