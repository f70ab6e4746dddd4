import { describe, expect, it } from 'vitest';
import type { Holder, MemberReport } from '../../src/core/event.ts';
import { step } from '../../src/core/index.ts';
import type { MemberId, ServiceName, ServiceSettings, Settings } from '../../src/core/settings.ts';
import type { Vip } from '../../src/core/vip.ts';
import {
  apex,
  CoreRun,
  check,
  lb1,
  lb2,
  lb3,
  other,
  self,
  serviceSettings,
  settings,
  settledRun,
  vip,
  vip1,
  vip2,
  vip6,
} from '../helpers/core-run.ts';

const edge = 'edge' as ServiceName;
const vip3 = vip('10.20.255.3');
const lb2Carries = (...announces: readonly Vip[]): MemberReport => ({
  health: 'up',
  announces,
  isLeaving: false,
});

const all = [
  [vip1, lb1],
  [vip2, lb2],
  [vip6, lb3],
] as const;
type Owners = readonly (readonly [Vip, MemberId])[];

function service(owners: Owners, overrides: Partial<ServiceSettings> = {}): ServiceSettings {
  return serviceSettings({ vips: owners.map(([of, owner]) => ({ vip: of, owner })), ...overrides });
}

/** A change of the settings of an agent that has apex alone. */
function reload(run: CoreRun, ...services: readonly ServiceSettings[]): readonly string[] {
  return change(run, settings({}, { services }));
}

function change(run: CoreRun, to: Settings): readonly string[] {
  run.take();
  run.hear({ kind: 'settingsChanged', settings: to });
  return run.take();
}

function vipsOf(run: CoreRun, name: ServiceName = apex): readonly Vip[] {
  return [...(run.state.services.get(name)?.vips.keys() ?? [])];
}

function readEdge(run: CoreRun, claims: readonly (readonly [Vip, Holder])[] = []): void {
  const part = { connection: run.connection, service: edge };
  run.hear({ kind: 'claimsRead', ...part, claims: new Map(claims) });
  run.hear({ kind: 'maintenanceRead', ...part, isPresent: false });
  run.hear({ kind: 'drainsRead', ...part, drained: new Set() });
  run.hear({ kind: 'membersRead', ...part, members: new Map(), own: undefined });
}

describe('new settings', () => {
  it('change nothing when they are the same', () => {
    const run = settledRun();
    expect(reload(run, service(all))).toEqual(['setServices [apex:3]']);
    run.advance(20_000);
    expect(run.take()).toEqual([]);
    expect(run.reports.at(-1)).toEqual({
      kind: 'settingsChanged',
      detail: 'VIPs: 0 added, 0 removed; now 3, services: 1',
    });
  });

  it('tell the adapters once, also when there are no services', () => {
    const run = new CoreRun(settings({}, { services: [] }));
    expect(reload(run)).toEqual(['setServices []']);
    run.hear({ kind: 'timerFired' });
    expect(run.take()).toEqual([]);
  });

  it('are refused when they are another member’s, which is a bug of the caller', () => {
    const run = settledRun();
    expect(() => change(run, settings({}, { member: lb2 }))).toThrow('lb1 cannot become lb2');
  });

  it('come too late for an agent that is leaving', () => {
    const run = settledRun();
    run.hear({ kind: 'stopRequested', signal: 'SIGTERM' });
    expect(reload(run)).toEqual([]);
    expect(vipsOf(run)).toEqual([vip1, vip2, vip6]);
  });

  it('bring other attributes by one announcement, without a withdraw', () => {
    const run = settledRun();
    const { announce } = serviceSettings();
    const swapped = { ...announce, owner: announce.backup };
    expect(reload(run, service(all, { announce: swapped }))).toEqual([
      'setServices [apex:3]',
      'announceRoute 10.20.255.1/32 self med 200',
    ]);
  });

  it('bring another policy, and neighbors that are needed now', () => {
    const run = settledRun();
    change(run, settings({}, { neighbors: { require: 2, stableForMs: 0 } }));
    expect(run.state.speaker.isConnected).toBe(false);
    change(run, settings({}, { onCoordinationLoss: 'withdraw' }));
    run.answerClaims().answerMember();
    run.advance(9_000, { isProven: false });
    expect(run.decision(vip1)).toEqual({ kind: 'withdraw', reason: 'coordinationLost' });
  });
});

describe('a VIP that is configured no more', () => {
  it('of ours is handed over: its claim goes, a peer announces it, it is withdrawn, and forgotten', () => {
    const run = settledRun();
    expect(reload(run, service(all.slice(1)))).toEqual([
      'setServices [apex:3]',
      'announceRoute 10.20.255.1/32 self med 200',
      'deleteClaim 10.20.255.1/32',
      'publishMember apex up announces []',
    ]);
    expect(run.reports.at(-2)).toMatchObject({ kind: 'nobodyElse', vip: vip1 });
    run.ack().answerClaims().answerMember();
    run.take();
    run.members([[lb2, lb2Carries(vip1)]]);
    run.advance(1_999);
    expect(run.take()).toEqual([]);
    run.advance(1);
    expect(run.take()).toEqual(['withdrawRoute 10.20.255.1/32']);
    expect(run.decision(vip1)).toEqual({ kind: 'withdraw', reason: 'removed' });
    run.ack();
    expect(run.take()).toEqual(['setServices [apex:2]']);
    expect(vipsOf(run)).toEqual([vip2, vip6]);
  });

  it('is withdrawn at the drain timeout when nobody takes it', () => {
    const run = settledRun();
    reload(run, service(all.slice(1)));
    run.ack().answerClaims().answerMember();
    run.take();
    run.advance(29_999);
    expect(run.take()).toEqual([]);
    run.advance(1);
    expect(run.take()).toEqual(['withdrawRoute 10.20.255.1/32']);
  });

  it('is given back like a backup’s to the peer that owns it now, which is no conflict', () => {
    const run = settledRun();
    reload(run, service(all.slice(1)));
    run.ack().answerClaims().answerMember();
    run.claims([
      [vip1, { kind: 'member', member: lb2 }],
      [vip2, other],
      [vip6, other],
    ]);
    expect(run.decision(vip1)).toEqual({ kind: 'announce', role: 'backup', reason: 'leaving' });
    run.advance(2_000);
    run.ack();
    expect(vipsOf(run)).toEqual([vip2, vip6]);
    expect(run.reports.some(({ kind }) => kind === 'claimConflict')).toBe(false);
  });

  it('of another is forgotten at once when it is not announced', () => {
    const run = settledRun();
    expect(reload(run, service(all.slice(0, 2)))).toEqual([
      'setServices [apex:3]',
      'setServices [apex:2]',
    ]);
    expect(vipsOf(run)).toEqual([vip1, vip2]);
  });

  it('stays as it is while nobody knows whether ExaBGP has it of an earlier life', () => {
    const run = new CoreRun().speakerUp().connect();
    reload(run, service(all.slice(1)));
    expect(run.decision(vip1)).toEqual({ kind: 'hold', reason: 'noView' });
    run.advance(30_000);
    expect(run.decision(vip1)).toEqual({ kind: 'withdraw', reason: 'removed' });
    expect(run.take()).toEqual(['withdrawRoute 10.20.255.1/32']);
    run.ack();
    // What became of its claim is not known yet.
    expect(vipsOf(run)).toEqual([vip2, vip6, vip1]);
    run.view();
    expect(vipsOf(run)).toEqual([vip2, vip6]);
  });

  it('is withdrawn at once when the service is broken', () => {
    const run = settledRun(settings({ checks: [check] }));
    reload(run, service(all.slice(1), { checks: [check] }));
    run.ack();
    run.verdict(false);
    run.verdict(false);
    expect(run.take()).toContain('withdrawRoute 10.20.255.1/32');
  });

  it('goes on as if nothing had been when it comes back in time', () => {
    const run = settledRun();
    reload(run, service(all.slice(1)));
    run.ack().answerClaims().answerMember();
    expect(reload(run, service(all))).toEqual([
      'setServices [apex:3]',
      'announceRoute 10.20.255.1/32 self med 100',
      'publishMember apex up announces [10.20.255.1/32]',
    ]);
    run.ack();
    expect(run.take()).toEqual(['createClaim 10.20.255.1/32']);
  });

  it('is stopped like any other', () => {
    const run = settledRun();
    reload(run, service(all.slice(1)));
    run.ack().answerClaims().answerMember();
    run.hear({ kind: 'stopRequested', signal: 'SIGTERM' });
    run.hear({ kind: 'stopRequested', signal: 'SIGTERM' });
    expect(run.decision(vip1)).toEqual({ kind: 'withdraw', reason: 'stopping' });
  });
});

describe('a VIP that is new', () => {
  const more = [...all, [vip3, lb2]] as const;

  it('of ours is announced once its claim was read, and then claimed', () => {
    const run = settledRun();
    expect(reload(run, service([...all, [vip3, lb1]]))).toEqual(['setServices [apex:4]']);
    expect(run.decision(vip1).kind).toBe('announce');
    run.claims([
      [vip1, self],
      [vip2, other],
      [vip6, other],
    ]);
    expect(run.take()).toEqual(['announceRoute 10.20.255.3/32 self med 100']);
    run.ack();
    expect(run.take()).toContain('createClaim 10.20.255.3/32');
  });

  it('of another is left to its owner for the settle time', () => {
    const run = settledRun();
    reload(run, service(more));
    run.claims([
      [vip1, self],
      [vip2, other],
      [vip6, other],
    ]);
    run.advance(2_999);
    expect(run.take()).toEqual([]);
    expect(run.state.services.get(apex)?.vips.get(vip3)?.decision).toEqual({
      kind: 'hold',
      reason: 'settling',
    });
    run.advance(1);
    expect(run.take()).toEqual(['announceRoute 10.20.255.3/32 self med 200']);
  });

  it('is taken over at once when its claim was seen, and is lost', () => {
    const run = settledRun();
    reload(run, service(more));
    const claims = [
      [vip1, self],
      [vip2, other],
      [vip6, other],
    ] as const;
    run.claims([...claims, [vip3, other]]);
    run.advance(100);
    run.claims(claims);
    expect(run.take()).toEqual(['announceRoute 10.20.255.3/32 self med 200']);
  });

  it('makes nobody slower to take over what was there before', () => {
    const run = settledRun();
    reload(run, service(more));
    run.claims([
      [vip1, self],
      [vip6, other],
    ]);
    expect(run.take()).toEqual(['announceRoute 10.20.255.2/32 self med 200']);
  });
});

describe('a VIP with another owner', () => {
  it('that was ours goes on as backup, its claim is deleted, and it is given back to its owner', () => {
    const run = settledRun();
    const given = [[vip1, lb2], ...all.slice(1)] as const;
    expect(reload(run, service(given))).toEqual([
      'setServices [apex:3]',
      'announceRoute 10.20.255.1/32 self med 200',
      'deleteClaim 10.20.255.1/32',
    ]);
    expect(run.decision(vip1)).toEqual({
      kind: 'announce',
      role: 'backup',
      reason: 'claimMissing',
    });
    run.ack().answerClaims();
    run.advance(60_000);
    expect(run.take()).toEqual([]);
    run.claims([
      [vip1, other],
      [vip2, other],
      [vip6, other],
    ]);
    expect(run.decision(vip1)).toMatchObject({ kind: 'announce', reason: 'handingBack' });
    run.advance(2_000);
    expect(run.take()).toContain('withdrawRoute 10.20.255.1/32');
  });

  it('is watched as ours as long as the claim is', () => {
    const run = settledRun();
    const { state, nowMs } = run;
    const to = settings({}, { services: [service([[vip1, lb2], ...all.slice(1)])] });
    const { effects } = step(state, { kind: 'settingsChanged', settings: to }, nowMs);
    expect(effects[0]).toMatchObject({
      kind: 'setServices',
      services: [
        {
          vips: [
            { vip: vip1, owner: lb1 },
            { vip: vip2, owner: undefined },
            { vip: vip6, owner: undefined },
          ],
        },
      ],
    });
  });

  it('that is ours now is announced once its claim was read with a name, and claimed when that is gone', () => {
    const run = settledRun();
    const gained = [all[0], [vip2, lb1], all[2]] as const;
    expect(reload(run, service(gained))).toEqual(['setServices [apex:3]']);
    run.claims([
      [vip1, self],
      [vip2, { kind: 'member', member: lb2 }],
      [vip6, other],
    ]);
    expect(run.take()).toEqual([
      'announceRoute 10.20.255.2/32 self med 100',
      'publishMember apex up announces [10.20.255.1/32] contests [10.20.255.2/32]',
    ]);
    expect(run.reports.filter(({ kind }) => kind === 'claimConflict')).toHaveLength(1);
    run.ack().answerMember();
    run.take();
    run.claims([
      [vip1, self],
      [vip6, other],
    ]);
    expect(run.take()).toEqual(['createClaim 10.20.255.2/32']);
  });

  it('that is ours now, and that nobody claims, is taken as it stands', () => {
    const run = settledRun();
    run.claims([
      [vip1, self],
      [vip6, other],
    ]);
    run.ack().answerMember();
    expect(reload(run, service([all[0], [vip2, lb1], all[2]]))).toEqual([
      'setServices [apex:3]',
      'announceRoute 10.20.255.2/32 self med 100',
    ]);
    run.ack();
    expect(run.take()).toEqual(['createClaim 10.20.255.2/32']);
  });
});

describe('checks', () => {
  const slow = { ...check, intervalMs: 60_000 };
  const second = { ...check, probe: { kind: 'exec' as const, command: 'second' } };

  it('that stay keep what they know, also in another place', () => {
    const run = settledRun(settings({ checks: [slow] }));
    const nextRunMs = run.state.services.get(apex)?.checks[0]?.nextRunMs ?? 0;
    reload(run, service(all, { checks: [second, slow] }));
    const checks = run.state.services.get(apex)?.checks;
    expect(checks?.[1]).toMatchObject({ verdict: 'up', streak: 2, nextRunMs });
    reload(run, service(all, { checks: [{ ...slow, intervalMs: 100 }] }));
    expect(run.state.services.get(apex)?.checks).toEqual([
      expect.objectContaining({ verdict: 'up', nextRunMs: run.nowMs + 100 }),
    ]);
  });

  it('that are new have still to say that a service is down which was up', () => {
    const run = settledRun();
    reload(run, service(all, { checks: [check] }));
    expect(run.state.services.get(apex)).toMatchObject({ health: 'up' });
    run.verdict(false);
    expect(run.decision(vip1).kind).toBe('announce');
    run.verdict(false);
    expect(run.decision(vip1)).toEqual({ kind: 'withdraw', reason: 'healthDown' });
    reload(run, service(all, { checks: [check, second] }));
    expect(run.state.services.get(apex)?.checks[1]?.verdict).toBe('unknown');
  });

  it('that are gone keep nothing down', () => {
    const run = settledRun(settings({ checks: [check] }));
    run.verdict(false);
    run.verdict(false);
    run.ack();
    expect(reload(run, service(all))).toContain('announceRoute 10.20.255.1/32 self med 100');
    expect(run.reports).toContainEqual({
      kind: 'healthChanged',
      service: apex,
      to: 'up',
      detail: 'its checks have changed',
    });
  });
});

describe('a service', () => {
  const ofEdge = serviceSettings({ name: edge, vips: [{ vip: vip3, owner: lb1 }] });

  it('that is new starts like all others', () => {
    const run = settledRun();
    expect(reload(run, service(all), ofEdge)).toEqual(['setServices [apex:3, edge:1]']);
    readEdge(run);
    expect(run.take()).toContain('announceRoute 10.20.255.3/32 self med 100');
  });

  it('that is configured no more is left, its member znode deleted, and forgotten', () => {
    const run = settledRun();
    expect(reload(run)).toEqual([
      'setServices [apex:3]',
      'announceRoute 10.20.255.1/32 self med 200',
      'deleteClaim 10.20.255.1/32',
      'publishMember apex up announces [] leaving',
      'setServices [apex:1]',
    ]);
    run.ack().answerClaims().answerMember();
    run.take();
    run.members([[lb2, lb2Carries(vip1)]]);
    run.advance(2_000);
    expect(run.take()).toEqual(['withdrawRoute 10.20.255.1/32']);
    run.ack();
    expect(run.take()).toEqual(['unpublishMember apex', 'setServices [apex:0]']);
    run.answerMember();
    run.advance(4_999);
    expect(run.take()).toEqual([]);
    run.advance(1);
    expect(run.take()).toEqual(['unpublishMember apex']);
    run.answerMember();
    run.members([], 'nobody');
    expect(run.take()).toEqual(['setServices []']);
    expect(run.state.services.list).toEqual([]);
  });

  it('takes its member znode along though that was not read back yet', () => {
    const run = settledRun();
    const unowned = { ...serviceSettings({ name: edge, vips: [] }) };
    reload(run, service(all), unowned);
    readEdge(run);
    expect(run.take()).toContain('publishMember edge up announces []');
    run.answerMember('done', edge);
    expect(reload(run, service(all))).toEqual([
      'setServices [apex:3, edge:0]',
      'unpublishMember edge',
    ]);
    run.answerMember('done', edge);
    expect(run.take()).toEqual(['setServices [apex:3]']);
  });

  it('is not forgotten while ZooKeeper cannot be read', () => {
    const run = settledRun();
    reload(run);
    run.ack().answerClaims().answerMember();
    run.disconnect();
    run.advance(31_000, { isProven: false });
    run.ack();
    expect(vipsOf(run)).toEqual([vip1]);
    run.connect({ isNew: true }).view();
    run.answerMember();
    run.members([], 'nobody');
    expect(run.state.services.list).toEqual([]);
  });

  it('comes back to life when it is configured again', () => {
    const run = settledRun();
    reload(run);
    run.ack().answerClaims().answerMember();
    // What it had let go of already is new again, and read first.
    expect(reload(run, service(all))).toEqual([
      'setServices [apex:3]',
      'announceRoute 10.20.255.1/32 self med 100',
      'publishMember apex up announces [10.20.255.1/32]',
    ]);
    run.ack();
    expect(run.take()).toEqual(['createClaim 10.20.255.1/32']);
    expect(vipsOf(run)).toEqual([vip1, vip2, vip6]);
  });
});

describe('a VIP that moves to another service', () => {
  it('out of one in maintenance stays withdrawn until the other one was read', () => {
    const run = settledRun();
    run.maintenance(true);
    run.ack().disconnect();
    run.advance(3_000, { isProven: false });
    const ofEdge = serviceSettings({ name: edge, vips: [{ vip: vip1, owner: lb1 }] });
    expect(reload(run, ofEdge)).toEqual(['setServices [apex:3, edge:1]']);
    run.connect({ isNew: false });
    readEdge(run);
    expect(run.take()).toContain('announceRoute 10.20.255.1/32 self med 100');
  });

  const moved = [
    service(all.slice(1)),
    serviceSettings({ name: edge, vips: [{ vip: vip1, owner: lb1 }] }),
  ] as const;

  it('takes its route along: nothing is withdrawn, and nothing announced again', () => {
    const run = settledRun();
    expect(reload(run, ...moved)).toEqual([
      'setServices [apex:3, edge:1]',
      'deleteClaim 10.20.255.1/32',
      'publishMember apex up announces []',
    ]);
    run.answerClaims();
    expect(vipsOf(run)).toEqual([vip2, vip6]);
    expect(run.take()).toEqual(['setServices [apex:2, edge:1]']);
    readEdge(run);
    expect(run.take()).toEqual([
      'createClaim 10.20.255.1/32',
      'publishMember edge up announces [10.20.255.1/32]',
    ]);
  });

  it('takes the command along that is open', () => {
    const run = settledRun();
    const { announce } = serviceSettings();
    reload(run, service(all, { announce: { ...announce, owner: announce.backup } }));
    const [command] = run.openCommands();
    reload(run, ...moved);
    expect(run.state.speaker.open.get(command ?? 0)).toEqual({ service: edge, vip: vip1 });
    run.ack();
    expect(run.state.services.get(edge)?.vips.get(vip1)?.route.acked).toMatchObject({ med: 100 });
  });

  it('comes back with it', () => {
    const run = settledRun();
    reload(run, ...moved);
    expect(reload(run, service(all))).toEqual(['setServices [apex:3, edge:1]']);
    run.answerClaims();
    run.claims([
      [vip2, other],
      [vip6, other],
    ]);
    expect(run.state.services.get(apex)?.vips.get(vip1)?.route.acked).toMatchObject({ med: 100 });
    expect(run.take()).toContain('createClaim 10.20.255.1/32');
  });

  it('is left where it is now when it is removed before the old service is done with it', () => {
    const run = settledRun();
    reload(run, ...moved);
    reload(run, service(all.slice(1)));
    readEdge(run);
    run.ack();
    run.advance(31_000);
    expect(run.take()).toContain('withdrawRoute 10.20.255.1/32');
  });
});
