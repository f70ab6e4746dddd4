import { describe, expect, it } from 'vitest';
import type { MemberReport } from '../../src/core/event.ts';
import { type ClaimWish, claimWish, hasSuccessor } from '../../src/core/handover.ts';
import type { Coordination } from '../../src/core/ownership.ts';
import type { LeaveState, RouteState, SpeakerState, VipState } from '../../src/core/state.ts';
import {
  apex,
  check,
  lb2,
  lb3,
  other,
  ownerAttributes,
  self,
  settings,
  settledRun,
  vip1,
  vip2,
  vip6,
} from '../helpers/core-run.ts';

const lb2Idle: MemberReport = { health: 'up', announces: [vip2], isLeaving: false };
const lb2Carries: MemberReport = { ...lb2Idle, announces: [vip1, vip2] };
const leaving = { kind: 'announce', role: 'owner', reason: 'leaving' };
const handedOver = { ...leaving, reason: 'handedOver' };
const drained = { kind: 'withdraw', reason: 'drained' };

describe('claimWish', () => {
  const { state } = settledRun();
  const service = state.services.get(apex);
  const entry = service?.vips.get(vip1);
  if (service === undefined || entry === undefined) throw new Error('apex is gone');
  const { route } = entry;
  const leave: LeaveState = {
    reason: 'drained',
    sinceMs: 0,
    carriedSinceMs: undefined,
    isDone: false,
    hasReportedNobody: false,
  };
  const wanted = ownerAttributes;
  const bare = { holder: { kind: 'predecessor', sameSpeaker: false }, sinceMs: 0 } as const;
  const lost: RouteState = { ...route, acked: 'unknown' };
  const underWay: RouteState = { ...lost, open: { command: 9, wanted } };

  it.each<[string, ClaimWish, Partial<VipState>, Partial<SpeakerState>, Coordination]>([
    ['announced, connected and informed', 'wanted', {}, {}, 'informed'],
    ['while frozen', 'keep', {}, {}, 'frozen'],
    ['before the first view', 'keep', {}, {}, 'waiting'],
    ['by a policy', 'keep', {}, {}, 'own'],
    ['on the VIP of another', 'unwanted', { isOwner: false }, {}, 'informed'],
    ['on the VIP of another, without a view', 'unwanted', { isOwner: false }, {}, 'frozen'],
    ['while holding', 'keep', { decision: { kind: 'hold', reason: 'noVerdict' } }, {}, 'informed'],
    ['while leaving', 'unwanted', { leave }, {}, 'informed'],
    [
      'while withdrawn',
      'unwanted',
      { decision: { kind: 'withdraw', reason: 'maintenance' } },
      {},
      'informed',
    ],
    [
      'with the down attributes',
      'unwanted',
      { decision: { kind: 'announce', role: 'down', reason: 'healthDown' } },
      {},
      'informed',
    ],
    ['while cut off', 'unwanted', {}, { isConnected: false }, 'informed'],
    ['before that is known', 'keep', {}, { isConnected: undefined }, 'informed'],
    ['before it is acknowledged', 'keep', { route: { ...route, acked: 'absent' } }, {}, 'informed'],
    ['after a lost answer', 'keep', { route: { ...route, acked: 'unknown' } }, {}, 'informed'],
    [
      'while a withdraw is open',
      'keep',
      { route: { ...route, open: { command: 9, wanted: 'absent' } } },
      {},
      'informed',
    ],
    [
      'while its attributes change',
      'wanted',
      { route: { ...route, open: { command: 9, wanted } } },
      {},
      'informed',
    ],
    ['bare: its routes died', 'unwanted', { claim: bare, route: lost }, {}, 'informed'],
    ['bare, while frozen', 'unwanted', { claim: bare, route: lost }, {}, 'frozen'],
    ['bare, and announced anew', 'wanted', { claim: bare }, {}, 'informed'],
    ['bare, its line with ExaBGP', 'keep', { claim: bare, route: underWay }, {}, 'informed'],
    [
      'bare, its line with an ExaBGP that has no neighbor yet',
      'unwanted',
      { claim: bare, route: underWay },
      { isConnected: undefined },
      'informed',
    ],
  ])('%s: %s', (_, wish, vipChange, speakerChange, coordination) => {
    const changed = { ...state, speaker: { ...state.speaker, ...speakerChange } };
    expect(claimWish(changed, service, { ...entry, ...vipChange }, coordination)).toBe(wish);
  });
});

describe('hasSuccessor', () => {
  it.each<[string, MemberReport | undefined, boolean]>([
    ['up', lb2Idle, true],
    ['down', { ...lb2Idle, health: 'down' }, false],
    ['of unknown health', { ...lb2Idle, health: 'unknown' }, false],
    ['leaving', { ...lb2Idle, isLeaving: true }, false],
    ['unreadable, as an ExaZK is', undefined, false],
  ])('another member that is %s', (_, report, expected) => {
    const run = settledRun();
    run.members([[lb2, report]]);
    const service = run.state.services.get(apex);
    expect(service && hasSuccessor(service)).toBe(expected);
  });

  it('is false before members were ever read', () => {
    const service = settledRun().state.services.get(apex);
    if (service === undefined) throw new Error('apex is gone');
    expect(hasSuccessor({ ...service, view: { ...service.view, members: undefined } })).toBe(false);
  });
});

describe('a drain', () => {
  it('counts the release time from the moment the peer carries the VIP without a break', () => {
    const run = settledRun();
    run.drains(['lb1']);
    run.members([[lb2, lb2Carries]]);
    run.advance(1_500);
    run.members([[lb2, lb2Idle]]);
    run.members([[lb2, lb2Carries]]);
    run.advance(1_999);
    expect(run.decision(vip1)).toEqual(handedOver);
    run.advance(1);
    expect(run.decision(vip1)).toEqual(drained);
  });

  it('stays done when the peer stops carrying the VIP afterwards', () => {
    const run = settledRun();
    run.drains(['lb1']);
    run.members([[lb2, lb2Carries]]);
    run.advance(2_000);
    run.members([[lb2, lb2Idle]]);
    run.advance(1_000);
    expect(run.decision(vip1)).toEqual(drained);
  });

  it('takes no longer than the drain timeout, though the release time would', () => {
    const takeover = { delayMs: 0, releaseMs: 60_000, settleMs: 0 };
    const run = settledRun(settings({ takeover }));
    run.drains(['lb1']);
    run.members([[lb2, lb2Carries]]);
    run.advance(29_999);
    expect(run.decision(vip1)).toEqual(handedOver);
    run.advance(1);
    expect(run.decision(vip1)).toEqual(drained);
  });

  it('goes VIP by VIP, as peers take them', () => {
    const run = settledRun();
    run.claims([[vip1, self]]);
    run.drains(['lb1']);
    run.members([
      [lb2, lb2Carries],
      [lb3, { ...lb2Idle, announces: [] }],
    ]);
    run.advance(2_000);
    expect(run.decision(vip1)).toEqual(drained);
    expect(run.decision(vip2)).toEqual(drained);
    expect(run.decision(vip6)).toEqual({ ...leaving, role: 'backup' });
  });

  it('of another member changes nothing here', () => {
    const run = settledRun();
    run.drains(['lb2', 'lb3', 'nobody']);
    expect(run.take()).toEqual([]);
  });

  it('ends at once when the service breaks', () => {
    const run = settledRun(settings({ checks: [check] }));
    run.drains(['lb1']);
    run.take();
    run.verdict(false);
    run.verdict(false);
    expect(run.decision(vip1)).toEqual(drained);
    expect(run.take()).toContain('withdrawRoute 10.20.255.1/32');
  });

  it('says once per VIP that there is nobody else', () => {
    const run = settledRun();
    run.drains(['lb1']);
    run.advance(10_000);
    run.drains(['lb1']);
    expect(run.reports.filter((report) => report.kind === 'nobodyElse')).toEqual([
      { kind: 'nobodyElse', service: apex, vip: vip1 },
    ]);
  });

  it('says nothing of the sort when there is somebody', () => {
    const run = settledRun();
    run.members([[lb2, lb2Idle]]);
    run.drains(['lb1']);
    run.advance(30_000);
    expect(run.reports.filter((report) => report.kind === 'nobodyElse')).toEqual([]);
  });

  it('starts anew when it was lifted in between', () => {
    const run = settledRun();
    run.drains(['lb1']);
    run.advance(29_000);
    run.drains([]);
    run.drains(['lb1']);
    run.advance(29_999);
    expect(run.decision(vip1)).toEqual(leaving);
    run.advance(1);
    expect(run.decision(vip1)).toEqual(drained);
  });

  it('that is done when the agent is stopped is not waited for again', () => {
    const run = settledRun();
    run.members([[lb2, lb2Carries]]);
    run.drains(['lb1']);
    run.advance(2_000);
    run.ack().answerClaims().answerMember();
    run.advance(2_000);
    run.ack();
    run.take();
    run.hear({ kind: 'stopRequested', signal: 'SIGTERM' });
    expect(run.take().slice(-2)).toEqual(['closeSession', 'exit 0 stopped']);
  });

  it('turns into a stop without starting over', () => {
    const run = settledRun();
    run.drains(['lb1']);
    run.advance(29_000);
    run.hear({ kind: 'stopRequested', signal: 'SIGTERM' });
    expect(run.decision(vip1)).toEqual(leaving);
    run.advance(1_000);
    expect(run.decision(vip1)).toEqual({ kind: 'withdraw', reason: 'stopping' });
  });
});

describe('a stop', () => {
  it('does not hand over what is drained everywhere', () => {
    const run = settledRun();
    run.members([[lb2, lb2Idle]]);
    run.drains([vip1]);
    run.hear({ kind: 'stopRequested', signal: 'SIGINT' });
    expect(run.decision(vip1)).toEqual({ kind: 'withdraw', reason: 'stopping' });
  });

  it('waits for the longest drain timeout and a second more for the last answers', () => {
    const run = settledRun();
    run.hear({ kind: 'stopRequested', signal: 'SIGTERM' });
    run.advance(30_999);
    expect(run.take().some((line) => line.startsWith('exit'))).toBe(false);
    run.advance(1);
    expect(run.take().at(-1)).toBe('exit 0 stopped; not every withdraw was acknowledged');
  });

  it('withdraws what others own at once, and waits only for what is carried here', () => {
    const run = settledRun();
    run.claims([
      [vip1, self],
      [vip2, other],
    ]);
    run.ack();
    run.hear({ kind: 'stopRequested', signal: 'SIGTERM' });
    expect(run.decision(vip2)).toEqual({ kind: 'withdraw', reason: 'stopping' });
    expect(run.decision(vip6)).toEqual({ ...leaving, role: 'backup' });
  });
});
