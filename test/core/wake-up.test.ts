import { describe, expect, it } from 'vitest';
import type { MemberReport } from '../../src/core/event.ts';
import { step } from '../../src/core/index.ts';
import { nextSteadyRunMs } from '../../src/core/splay.ts';
import {
  apex,
  CoreRun,
  check,
  claimsOfAll,
  lb2,
  other,
  settings,
  settledRun,
  vip1,
  vip2,
  vip2Missing,
  vip6,
} from '../helpers/core-run.ts';

const lb2Carries: MemberReport = { health: 'up', announces: [vip1, vip2], isLeaving: false };

/** A session so long that no wake-up is asked for its sake. */
function withLongSession(run: CoreRun): CoreRun {
  run.hear({
    kind: 'sessionEstablished',
    epoch: run.epoch,
    connection: run.connection,
    timeoutMs: 1e9,
    proofMs: run.nowMs,
  });
  return run;
}

/** How far away the moment is that the core asks to be woken at. */
function wakeInMs(run: CoreRun): number | undefined {
  return run.wakeAtMs === undefined ? undefined : run.wakeAtMs - run.nowMs;
}

describe('a wake-up is asked for', () => {
  it('when belief in the session ends, and at nothing else on an ordinary day', () => {
    const run = settledRun();
    run.prove();
    expect(wakeInMs(run)).toBe(3_000);
    expect(wakeInMs(withLongSession(settledRun()))).toBe(1e9 / 2);
  });

  it('when the settle time is over', () => {
    const run = withLongSession(new CoreRun().speakerUp().connect());
    run.view();
    expect(wakeInMs(run)).toBe(3_000);
  });

  it('when the takeover delay is over', () => {
    const takeover = { delayMs: 700, releaseMs: 2_000, settleMs: 0 };
    const run = withLongSession(settledRun(settings({ takeover })));
    run.claims(vip2Missing);
    expect(wakeInMs(run)).toBe(700);
  });

  it('when the release time is over', () => {
    const run = withLongSession(settledRun());
    run.claims(vip2Missing);
    run.ack().answerMember();
    run.claims(claimsOfAll);
    expect(wakeInMs(run)).toBe(2_000);
  });

  it('when a drain has taken its time, or the peer has carried the VIP for the release time', () => {
    const run = withLongSession(settledRun());
    run.drains(['lb1']);
    run.answerClaims().answerMember();
    expect(wakeInMs(run)).toBe(30_000);
    run.members([[lb2, lb2Carries]]);
    expect(wakeInMs(run)).toBe(2_000);
  });

  it('when the last answers have been waited for long enough', () => {
    const run = withLongSession(settledRun());
    run.hear({ kind: 'stopRequested', signal: 'SIGTERM' });
    run.answerClaims().answerMember();
    run.hear({ kind: 'stopRequested', signal: 'SIGTERM' });
    expect(wakeInMs(run)).toBe(1_000);
  });

  it('when a refused command is to be tried again', () => {
    const run = withLongSession(settledRun());
    run.claims(vip2Missing);
    run.ack('refused');
    expect(wakeInMs(run)).toBe(1_000);
  });

  it('when a failed claim or publication is to be tried again', () => {
    const claim = withLongSession(settledRun());
    claim.claims([
      [vip2, other],
      [vip6, other],
    ]);
    claim.answerClaims('denied');
    expect(wakeInMs(claim)).toBe(5_000);
    const member = withLongSession(settledRun());
    member.members([], 'nobody');
    member.answerMember('failed');
    expect(wakeInMs(member)).toBe(5_000);
  });

  it('when the neighbors have been stable for long enough', () => {
    const run = withLongSession(settledRun());
    run.neighbor(false);
    run.answerClaims().answerMember();
    run.neighbor(true);
    expect(wakeInMs(run)).toBe(3_000);
  });

  it('when the cold start is over', () => {
    const coldStart = { afterMs: 30_000, policy: 'own' } as const;
    expect(wakeInMs(new CoreRun(settings({}, { coldStart })).speakerUp())).toBe(30_000);
  });

  it('when a check is due, but not while it runs', () => {
    const run = new CoreRun(settings({ checks: [check] }));
    expect(wakeInMs(run)).toBeUndefined();
    run.verdict(true);
    expect(wakeInMs(run)).toBe(1_000);
    run.verdict(true);
    expect(wakeInMs(run)).toBe(nextSteadyRunMs(apex, 0, check, run.nowMs) - run.nowMs);
  });

  it('for nothing before anything is known', () => {
    expect(new CoreRun().wakeAtMs).toBeUndefined();
  });
});

describe('a step at the time asked for', () => {
  it('asks for no second one at the same moment, so that the core cannot spin', () => {
    const run = settledRun();
    run.claims(vip2Missing);
    run.ack('refused');
    for (let count = 0; count < 20; count += 1) {
      run.nowMs = run.wakeAtMs ?? Number.NaN;
      run.hear({ kind: 'timerFired' });
      expect(run.wakeAtMs ?? Infinity).toBeGreaterThan(run.nowMs);
      if (run.state.services.get(apex)?.vips.get(vip2)?.route.open !== undefined)
        run.ack('refused');
      run.prove();
    }
  });

  it('changes nothing when it comes too early or twice', () => {
    const run = settledRun();
    const again = step(run.state, { kind: 'timerFired' }, run.nowMs);
    expect(again.effects).toEqual([]);
    expect(again.state).toEqual(run.state);
    expect(again.wakeAtMs).toBe(run.wakeAtMs);
  });
});
