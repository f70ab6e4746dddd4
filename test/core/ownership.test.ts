import { describe, expect, it } from 'vitest';
import { createAlarm } from '../../src/core/alarm.ts';
import { coordinationOf } from '../../src/core/coordination.ts';
import { initialState } from '../../src/core/initial-state.ts';
import { agree } from '../../src/core/ownership.ts';
import type { CoordinationLossPolicy, Settings } from '../../src/core/settings.ts';
import type { Belief, State, View } from '../../src/core/state.ts';
import {
  apex,
  backupAttributes,
  CoreRun,
  check,
  claimsOfAll,
  downAttributes,
  lb1,
  lb2,
  ownerAttributes,
  self,
  settings,
  settledRun,
  vip1,
  vip2,
  vip2Missing,
  vip6,
} from '../helpers/core-run.ts';

const blindMs = 8_000;

function healthDown(run: CoreRun): void {
  run.verdict(false);
  run.verdict(false);
}

function goBlind(run: CoreRun): void {
  run.disconnect();
  run.advance(blindMs, { isProven: false });
}

describe('announces', () => {
  it('owner: its own VIP, without waiting for anybody', () => {
    const run = new CoreRun().speakerUp().connect().view();
    expect(run.decision(vip1)).toEqual({ kind: 'announce', role: 'owner', reason: 'owner' });
  });

  it('claimMissing: the VIP of another whose claim is gone', () => {
    const run = settledRun();
    run.claims(vip2Missing);
    expect(run.decision(vip2)).toEqual({
      kind: 'announce',
      role: 'backup',
      reason: 'claimMissing',
    });
  });

  it('handingBack: for the release time after the claim is back', () => {
    const run = settledRun();
    run.claims(vip2Missing);
    run.claims(claimsOfAll);
    expect(run.decision(vip2)).toEqual({ kind: 'announce', role: 'backup', reason: 'handingBack' });
    run.claims(vip2Missing);
    expect(run.decision(vip2)).toEqual({
      kind: 'announce',
      role: 'backup',
      reason: 'claimMissing',
    });
  });

  it('handingBack: after an outage, for as long as a session that died in it keeps its claims', () => {
    const run = settledRun(settings({}, { onCoordinationLoss: 'all' }));
    goBlind(run);
    run.connect().view(claimsOfAll);
    run.advance(blindMs - 1);
    expect(run.decision(vip2)).toEqual({ kind: 'announce', role: 'backup', reason: 'handingBack' });
    run.claims(vip2Missing);
    const reason = 'claimMissing';
    expect(run.decision(vip2)).toEqual({ kind: 'announce', role: 'backup', reason });
    expect(run.decision(vip6).kind).toBe('announce');
    run.advance(1);
    expect(run.decision(vip6)).toEqual({ kind: 'withdraw', reason: 'heldByOwner' });
  });

  it('leaving: as owner and as backup, until somebody else carries the VIP', () => {
    const run = settledRun();
    run.claims(vip2Missing);
    run.drains(['lb1']);
    expect(run.decision(vip1)).toEqual({ kind: 'announce', role: 'owner', reason: 'leaving' });
    expect(run.decision(vip2)).toEqual({ kind: 'announce', role: 'backup', reason: 'leaving' });
    expect(run.decision(vip6)).toEqual({ kind: 'withdraw', reason: 'drained' });
  });

  it('healthDown: what it carries, with the down attributes, and nothing else', () => {
    const announce = { owner: ownerAttributes, backup: backupAttributes, down: downAttributes };
    const run = settledRun(settings({ checks: [check], announce }));
    run.claims(vip2Missing);
    healthDown(run);
    const down = { kind: 'announce', role: 'down', reason: 'healthDown' };
    expect(run.decision(vip1)).toEqual(down);
    expect(run.decision(vip2)).toEqual(down);
    expect(run.decision(vip6)).toEqual({ kind: 'withdraw', reason: 'healthDown' });
  });

  it('frozen: what it announced when ZooKeeper was lost, as long as that lasts', () => {
    const run = settledRun();
    run.claims(vip2Missing);
    goBlind(run);
    run.advance(3_600_000, { isProven: false });
    expect(run.decision(vip1)).toEqual({ kind: 'announce', role: 'owner', reason: 'frozen' });
    expect(run.decision(vip2)).toEqual({ kind: 'announce', role: 'backup', reason: 'frozen' });
  });

  it('coordinationLost: what the policy says once blind', () => {
    const run = settledRun(settings({}, { onCoordinationLoss: 'all' }));
    goBlind(run);
    const reason = 'coordinationLost';
    expect(run.decision(vip1)).toEqual({ kind: 'announce', role: 'owner', reason });
    expect(run.decision(vip2)).toEqual({ kind: 'announce', role: 'backup', reason });
  });
});

describe('withdraws', () => {
  it('maintenance: whatever the health, the claims and the loss of ZooKeeper say', () => {
    const run = settledRun(settings({ checks: [check] }, { onCoordinationLoss: 'all' }));
    run.claims(vip2Missing);
    run.maintenance(true);
    healthDown(run);
    goBlind(run);
    for (const of of [vip1, vip2, vip6])
      expect(run.decision(of)).toEqual({ kind: 'withdraw', reason: 'maintenance' });
  });

  it('drained: everything after the hand-over, and a VIP drained everywhere at once', () => {
    const run = settledRun();
    run.drains([vip1]);
    expect(run.decision(vip1)).toEqual({ kind: 'withdraw', reason: 'drained' });
    expect(run.decision(vip2)).toEqual({ kind: 'withdraw', reason: 'heldByOwner' });
  });

  it('stopping: everything, once the hand-over is over', () => {
    const run = settledRun();
    run.hear({ kind: 'stopRequested', signal: 'SIGTERM' });
    expect(run.decision(vip2)).toEqual({ kind: 'withdraw', reason: 'stopping' });
    run.advance(30_000);
    expect(run.decision(vip1)).toEqual({ kind: 'withdraw', reason: 'stopping' });
  });

  it('healthDown: everything, carried or not', () => {
    const run = settledRun(settings({ checks: [check] }));
    run.claims(vip2Missing);
    healthDown(run);
    for (const of of [vip1, vip2, vip6])
      expect(run.decision(of)).toEqual({ kind: 'withdraw', reason: 'healthDown' });
  });

  it('healthDown: without a view of ZooKeeper too, since nobody can take a broken service', () => {
    const run = new CoreRun(settings({ checks: [check] })).speakerUp();
    healthDown(run);
    expect(run.decision(vip1)).toEqual({ kind: 'withdraw', reason: 'healthDown' });
  });

  it('heldByOwner: a VIP whose claim stands', () => {
    const run = settledRun();
    expect(run.decision(vip2)).toEqual({ kind: 'withdraw', reason: 'heldByOwner' });
  });

  it('frozen: what it did not announce when ZooKeeper was lost', () => {
    const run = settledRun();
    goBlind(run);
    expect(run.decision(vip2)).toEqual({ kind: 'withdraw', reason: 'frozen' });
  });

  it('coordinationLost: what the policy says once blind', () => {
    const run = settledRun(settings({}, { onCoordinationLoss: 'withdraw' }));
    goBlind(run);
    for (const of of [vip1, vip2, vip6])
      expect(run.decision(of)).toEqual({ kind: 'withdraw', reason: 'coordinationLost' });
  });
});

describe('holds', () => {
  it('noView: before ZooKeeper was read completely', () => {
    const run = new CoreRun().speakerUp().connect();
    run.claims([]);
    expect(run.decision(vip1)).toEqual({ kind: 'hold', reason: 'noView' });
  });

  it('noVerdict: before the checks agree', () => {
    const run = new CoreRun(settings({ checks: [check] })).speakerUp().connect().view();
    expect(run.decision(vip1)).toEqual({ kind: 'hold', reason: 'noVerdict' });
  });

  it('settling: what others own, for the settle time', () => {
    const run = new CoreRun().speakerUp().connect().view();
    expect(run.decision(vip2)).toEqual({ kind: 'hold', reason: 'settling' });
  });

  it('settling: a VIP with a fresh claim, since an earlier life may have announced it', () => {
    const run = new CoreRun().speakerUp().connect().view(claimsOfAll);
    expect(run.decision(vip2)).toEqual({ kind: 'hold', reason: 'settling' });
    run.advance(2_000);
    expect(run.decision(vip2)).toEqual({ kind: 'withdraw', reason: 'heldByOwner' });
  });

  it('takeoverDelay: a VIP whose claim is missing for less than that', () => {
    const takeover = { delayMs: 1_000, releaseMs: 2_000, settleMs: 0 };
    const run = settledRun(settings({ takeover }));
    run.claims(vip2Missing);
    expect(run.decision(vip2)).toEqual({ kind: 'hold', reason: 'takeoverDelay' });
    run.advance(1_000);
    expect(run.decision(vip2)).toEqual({
      kind: 'announce',
      role: 'backup',
      reason: 'claimMissing',
    });
  });

  it('memberIdTaken: everything, while another agent lives under our member id', () => {
    const run = settledRun();
    run.members([], { kind: 'twin', detail: 'pid 7' });
    expect(run.decision(vip1)).toEqual({ kind: 'hold', reason: 'memberIdTaken' });
    run.take();
    run.advance(60_000);
    expect(run.take()).toEqual([]);
  });

  it('keeps the reason of a hold while frozen, since nothing was ever decided', () => {
    const run = new CoreRun().speakerUp().connect().view();
    goBlind(run);
    expect(run.decision(vip2)).toEqual({ kind: 'hold', reason: 'settling' });
  });
});

describe('a claim that comes while it was withdrawn for another reason', () => {
  it('is its owner’s at once, without a hold', () => {
    const run = settledRun();
    run.maintenance(true);
    run.claims([[vip1, self]]);
    run.claims(claimsOfAll);
    run.maintenance(false);
    expect(run.decision(vip2)).toEqual({ kind: 'withdraw', reason: 'heldByOwner' });
  });
});

describe('coordinationOf', () => {
  const whole: View = {
    claimsConnection: 4,
    maintenance: { connection: 4, isPresent: false },
    drains: { connection: 4, drained: new Set() },
    members: { connection: 4, members: new Map(), own: self },
  };
  const none: View = {
    claimsConnection: undefined,
    maintenance: undefined,
    drains: undefined,
    members: undefined,
  };

  function worth(
    ofSettings: Partial<Settings>,
    view: View,
    belief: Belief,
    { connection = 4, nowMs = 0 } = {},
  ) {
    const state: State = initialState(settings({}, ofSettings), 0);
    const service = state.services.get(apex);
    if (service === undefined) throw new Error('apex is gone');
    const session = { ...state.session, belief, connection };
    return coordinationOf({ ...state, session }, { ...service, view }, nowMs, createAlarm(nowMs));
  }

  it.each<[Belief, CoordinationLossPolicy, string]>([
    ['live', 'withdraw', 'informed'],
    ['suspended', 'withdraw', 'frozen'],
    ['blind', 'freeze', 'frozen'],
    ['blind', 'own', 'own'],
    ['blind', 'all', 'all'],
    ['blind', 'withdraw', 'withdraw'],
  ])('with a whole view: %s and %s is %s', (belief, onCoordinationLoss, expected) => {
    expect(worth({ onCoordinationLoss }, whole, belief)).toBe(expected);
  });

  it('is frozen, not blind, while a new connection reads everything again', () => {
    const policy = { onCoordinationLoss: 'withdraw' } as const;
    expect(worth(policy, whole, 'live', { connection: 5 })).toBe('frozen');
  });

  it.each<[Belief, CoordinationLossPolicy, number, string]>([
    ['none', 'own', 29_999, 'waiting'],
    ['none', 'own', 30_000, 'own'],
    ['none', 'all', 30_000, 'all'],
    ['none', 'withdraw', 30_000, 'withdraw'],
    ['none', 'freeze', 30_000, 'waiting'],
    ['blind', 'own', 30_000, 'own'],
    ['suspended', 'own', 99_000, 'waiting'],
    ['live', 'own', 99_000, 'waiting'],
  ])('without any view: %s and coldStart %s at %i ms is %s', (belief, policy, nowMs, expected) => {
    expect(worth({ coldStart: { afterMs: 30_000, policy } }, none, belief, { nowMs })).toBe(
      expected,
    );
  });

  it('waits for ever without coldStart.after', () => {
    const coldStart = { afterMs: undefined, policy: 'all' } as const;
    expect(worth({ coldStart }, none, 'none', { nowMs: 1e12 })).toBe('waiting');
  });
});

describe('agree', () => {
  it('leaves a VIP as it is whose claim was never read', () => {
    const service = initialState(settings(), 0).services.get(apex);
    if (service === undefined) throw new Error('apex is gone');
    for (const entry of service.vips.values())
      expect(agree(service, entry, 'informed', 1_000, createAlarm(1_000))).toBe(entry.agreed);
  });

  it('is the same for one member whether it is named or not: who owns nothing is a backup', () => {
    const vips = [
      { vip: vip1, owner: undefined },
      { vip: vip2, owner: lb2 },
    ];
    const run = new CoreRun(settings({ vips }, { member: lb1 })).speakerUp().connect().view();
    run.advance(3_000);
    const backup = { kind: 'announce', role: 'backup', reason: 'claimMissing' };
    expect(run.decision(vip1)).toEqual(backup);
    expect(run.decision(vip2)).toEqual(backup);
  });
});
