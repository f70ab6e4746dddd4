import { describe, expect, it } from 'vitest';
import type { MemberReport } from '../../src/core/event.ts';
import { memberReport } from '../../src/core/presence.ts';
import type { RoleAttributes } from '../../src/core/route.ts';
import type { ServiceSettings, Settings } from '../../src/core/settings.ts';
import {
  apex,
  asn,
  backupAttributes,
  type CoreRun,
  check,
  downAttributes,
  lb1,
  lb2,
  lb3,
  other,
  ownerAttributes,
  self,
  serviceSettings,
  settings,
  settledRun,
  vip1,
  vip2,
  vip2Missing,
  vip6,
} from '../helpers/core-run.ts';

/** What routers see of a planned leave: the attributes of the roles `drain` and `disabled`. */

const idle: MemberReport = { health: 'up', announces: [], isLeaving: false };
const carries: MemberReport = { ...idle, announces: [vip1] };
const leaving = { kind: 'announce', role: 'drain', reason: 'leaving' };
const disabled = { kind: 'announce', role: 'disabled', reason: 'drained' };
const drainAttributes: RoleAttributes = { ...downAttributes, communities: [] };

function withRoles(
  announce: Partial<ServiceSettings['announce']>,
  overrides: Partial<Settings> = {},
): Settings {
  return settings(
    { checks: [check], announce: { ...serviceSettings().announce, ...announce } },
    overrides,
  );
}

function stop(run: CoreRun): void {
  run.hear({ kind: 'stopRequested', signal: 'SIGTERM' });
}

const planned: readonly (readonly [string, (run: CoreRun) => void])[] = [
  ['a drain', (run) => run.drains([lb1])],
  ['a stop', stop],
];

describe('the drain attributes', () => {
  const settingsWith = withRoles({ drain: drainAttributes });

  it.each(planned)('come before the claim goes, on %s', (_, leave) => {
    const run = settledRun(settingsWith);
    run.members([[lb2, idle]]);
    leave(run);
    expect(run.decision(vip1)).toEqual(leaving);
    const lines = run.take();
    expect(lines).toContain('announceRoute 10.20.255.1/32 self med 1000 community ');
    expect(lines.filter((line) => line.includes('Claim'))).toEqual([]);
    run.ack();
    expect(run.take()).toContain('deleteClaim 10.20.255.1/32');
    run.answerClaims();
    run.members([[lb2, carries]]);
    run.advance(2_000);
    expect(run.take()).toContain('withdrawRoute 10.20.255.1/32');
  });

  it('come before the claim goes when a VIP is configured no more', () => {
    const run = settledRun(settingsWith);
    const vips = serviceSettings().vips.slice(1);
    const [service] = settingsWith.services;
    if (service === undefined) throw new Error('apex is gone');
    run.members([[lb2, idle]]);
    run.hear({
      kind: 'settingsChanged',
      settings: { ...settingsWith, services: [{ ...service, vips }] },
    });
    expect(run.decision(vip1)).toEqual(leaving);
    run.ack();
    expect(run.take()).toContain('deleteClaim 10.20.255.1/32');
  });

  it('are not waited for when ExaBGP refuses them', () => {
    const run = settledRun(settingsWith);
    run.drains([lb1]);
    run.ack('refused');
    expect(run.take()).toContain('deleteClaim 10.20.255.1/32');
  });

  it('are not waited for when the LB is cut off', () => {
    const run = settledRun(settingsWith);
    run.drains([lb1]);
    run.neighbor(false);
    expect(run.take()).toContain('deleteClaim 10.20.255.1/32');
  });

  it('are not waited for longer than the drain timeout', () => {
    const run = settledRun(settingsWith);
    run.members([[lb2, idle]]);
    run.drains([lb1]);
    run.take();
    run.advance(30_000);
    run.answerMember();
    expect(run.take()).toContain('deleteClaim 10.20.255.1/32');
  });

  it('are those of a backup that leaves as well', () => {
    const run = settledRun(settingsWith);
    run.claims([
      [vip1, self],
      [vip6, other],
    ]);
    run.ack();
    run.drains([lb1]);
    expect(run.decision(vip2)).toEqual(leaving);
  });

  it('go when the drain is lifted in time, and the claim is made again', () => {
    const run = settledRun(settingsWith);
    run.drains([lb1]);
    run.ack().answerClaims();
    run.drains([]);
    run.take();
    run.ack();
    expect(run.decision(vip1)).toEqual({ kind: 'announce', role: 'owner', reason: 'owner' });
    expect(run.take()).toContain('createClaim 10.20.255.1/32');
  });
});

describe('the disabled attributes', () => {
  const settingsWith = withRoles({ disabled: downAttributes });

  function drainedRun(of: Settings = settingsWith): CoreRun {
    const run = settledRun(of);
    run.members([[lb2, idle]]);
    run.drains([lb1]);
    run.ack().answerClaims().answerMember();
    run.members([[lb2, carries]]);
    run.ack();
    run.advance(2_000);
    return run;
  }

  it('stand in place of the withdraw of a drained member, by one announcement', () => {
    const run = drainedRun();
    expect(run.decision(vip1)).toEqual(disabled);
    const lines = run.take().filter((line) => line.includes('Route 10.20.255.1'));
    expect(lines).toEqual(['announceRoute 10.20.255.1/32 self med 1000']);
    expect(run.decision(vip2)).toEqual({ kind: 'withdraw', reason: 'drained' });
  });

  it('are worked out for a place that nobody yields', () => {
    const neighbors = { require: 'any', stableForMs: 3_000, localAs: asn(65_001) } as const;
    const run = drainedRun(withRoles({ disabled: downAttributes }, { neighbors }));
    expect(run.take()).toContain('announceRoute 10.20.255.1/32 self med 1000');
  });

  it('make nobody count on them', () => {
    const run = drainedRun();
    run.ack().answerMember();
    const service = run.state.services.get(apex);
    expect(service && memberReport(run.state, service).announces).toEqual([]);
  });

  it('come after the drain timeout, with a word, when nobody else is there', () => {
    const run = settledRun(settingsWith);
    run.drains([lb1]);
    expect(run.reports).toContainEqual({ kind: 'nobodyElse', service: apex, vip: vip1 });
    run.advance(29_999);
    expect(run.decision(vip1)).toMatchObject({ role: 'owner', reason: 'leaving' });
    run.advance(1);
    expect(run.decision(vip1)).toEqual(disabled);
  });

  const silent: readonly (readonly [string, (run: CoreRun) => void, string])[] = [
    ['a stop', stop, 'stopping'],
    ['maintenance', (run) => run.maintenance(true), 'maintenance'],
    [
      'sickness',
      (run) => {
        run.verdict(false);
        run.verdict(false);
      },
      'drained',
    ],
    ['a drain of the VIP', (run) => run.drains([lb1, vip1]), 'drained'],
  ];
  it.each(silent)('go with %s', (_, happen, reason) => {
    const run = drainedRun();
    happen(run);
    expect(run.decision(vip1)).toEqual({ kind: 'withdraw', reason });
  });

  it('are announced only where something tells them from the owner’s', () => {
    const of = withRoles({ disabled: { ...downAttributes, asPathPrepend: 3 } });
    expect(drainedRun(of).decision(vip1)).toEqual({ kind: 'withdraw', reason: 'drained' });
  });

  it('become the owner’s again, and then the claim is made', () => {
    const run = drainedRun();
    run.ack();
    run.take();
    run.drains([]);
    expect(run.take()).toContain('announceRoute 10.20.255.1/32 self med 100');
    run.ack();
    expect(run.take()).toContain('createClaim 10.20.255.1/32');
  });
});

describe('a stop', () => {
  it('hands over for the shutdown timeout at most', () => {
    const run = settledRun(settings({}, { shutdownTimeoutMs: 1_500 }));
    run.members([[lb2, idle]]);
    stop(run);
    run.advance(1_499);
    expect(run.decision(vip1)).toMatchObject({ reason: 'leaving' });
    run.advance(1);
    expect(run.decision(vip1)).toEqual({ kind: 'withdraw', reason: 'stopping' });
    // Its last command is not answered.
    run.advance(999);
    expect(run.state.hasEnded).toBe(false);
    run.advance(1);
    expect(run.state.hasEnded).toBe(true);
  });

  it('hands over for the drain timeout at most, where that is shorter', () => {
    const run = settledRun(settings({ drainTimeoutMs: 1_000 }, { shutdownTimeoutMs: 60_000 }));
    stop(run);
    run.advance(1_000);
    expect(run.decision(vip1)).toEqual({ kind: 'withdraw', reason: 'stopping' });
  });
});

describe('the last that announces a VIP', () => {
  it.each(planned)('says so on %s, and stays for the drain timeout', (_, leave) => {
    const run = settledRun();
    leave(run);
    expect(run.reports).toContainEqual({ kind: 'nobodyElse', service: apex, vip: vip1 });
    run.advance(29_999);
    expect(run.decision(vip1)).toMatchObject({ kind: 'announce', reason: 'leaving' });
  });

  it('says so when its VIP is configured no more, and stays for the drain timeout', () => {
    const run = settledRun();
    const vips = serviceSettings().vips.slice(1);
    run.hear({ kind: 'settingsChanged', settings: settings({ vips }) });
    expect(run.reports).toContainEqual({ kind: 'nobodyElse', service: apex, vip: vip1 });
    run.advance(29_999);
    expect(run.decision(vip1)).toMatchObject({ kind: 'announce', reason: 'leaving' });
  });

  it('goes on as a backup when its VIP is given to an owner that is not there', () => {
    const run = settledRun();
    const vips = serviceSettings().vips.map(({ vip }) => ({ vip, owner: lb3 }));
    run.hear({ kind: 'settingsChanged', settings: settings({ vips }) });
    run.ack().answerClaims();
    run.advance(120_000);
    expect(run.decision(vip1)).toEqual({
      kind: 'announce',
      role: 'backup',
      reason: 'claimMissing',
    });
  });
});

describe('a drain of a VIP that is lifted', () => {
  const announce = { owner: ownerAttributes, backup: backupAttributes, down: undefined };

  function liftedRun(owner: MemberReport | undefined): CoreRun {
    const run = settledRun(settings({ announce }));
    run.members([[lb2, owner]]);
    run.drains([vip2]);
    run.claims(vip2Missing);
    expect(run.decision(vip2)).toEqual({ kind: 'withdraw', reason: 'drained' });
    run.advance(60_000);
    run.take();
    run.drains([]);
    return run;
  }

  it('gives its owner the settle time', () => {
    const run = liftedRun(idle);
    expect(run.decision(vip2)).toEqual({ kind: 'hold', reason: 'settling' });
    run.advance(2_999);
    expect(run.decision(vip2)).toEqual({ kind: 'hold', reason: 'settling' });
    run.advance(1);
    expect(run.decision(vip2)).toMatchObject({ kind: 'announce', role: 'backup' });
  });

  it('leaves it to its owner that claims it in time', () => {
    const run = liftedRun(idle);
    run.claims([...vip2Missing, [vip2, other]]);
    run.advance(10_000);
    expect(run.decision(vip2)).toEqual({ kind: 'withdraw', reason: 'heldByOwner' });
    expect(run.take()).toEqual([]);
  });

  it.each<[string, MemberReport | undefined]>([
    ['sick', { ...idle, health: 'down' }],
    ['leaving', { ...idle, isLeaving: true }],
    ['not known to be there', undefined],
  ])('waits for no owner that is %s', (_, report) => {
    expect(liftedRun(report).decision(vip2)).toMatchObject({ kind: 'announce', role: 'backup' });
  });

  it('lets its owner announce it at once', () => {
    const run = settledRun();
    run.drains([vip1]);
    run.ack().answerClaims();
    run.claims([
      [vip2, other],
      [vip6, other],
    ]);
    run.drains([]);
    expect(run.decision(vip1)).toEqual({ kind: 'announce', role: 'owner', reason: 'owner' });
  });
});
