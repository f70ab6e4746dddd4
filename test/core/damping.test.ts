import { describe, expect, it } from 'vitest';
import type { MemberReport } from '../../src/core/event.ts';
import type { DampingSettings, ServiceSettings, Settings } from '../../src/core/settings.ts';
import {
  apex,
  CoreRun,
  check,
  lb2,
  other,
  self,
  serviceSettings,
  settings,
  settledRun,
  standbyAttributes,
  vip1,
  vip2,
  vip6,
} from '../helpers/core-run.ts';

const damping: DampingSettings = { falls: 2, halfLifeMs: 60_000, maxMs: 120_000 };
const idle: MemberReport = { health: 'up', announces: [], isLeaving: false };
const carries: MemberReport = { ...idle, announces: [vip1] };
const owner = { kind: 'announce', role: 'owner', reason: 'owner' };
const damped = { kind: 'withdraw', reason: 'damped' };
const standby = { kind: 'announce', role: 'standby', reason: 'damped' };

function withDamping(
  of: DampingSettings = damping,
  announce: Partial<ServiceSettings['announce']> = {},
  overrides: Partial<Settings> = {},
): Settings {
  const { takeover, announce: usual } = serviceSettings();
  return settings(
    {
      checks: [check],
      takeover: { ...takeover, damping: of },
      announce: { ...usual, ...announce },
    },
    overrides,
  );
}

function setHealth(run: CoreRun, isUp: boolean): void {
  run.verdict(isUp);
  run.verdict(isUp);
  run.ack().answerClaims().answerMember();
}

/** Sick and well again, a second each. */
function fall(run: CoreRun, times = 1): void {
  for (let count = 0; count < times; count += 1) {
    setHealth(run, false);
    run.advance(1_000);
    run.verdict(true);
    run.verdict(true);
    if (count < times - 1) run.advance(1_000);
  }
}

/** lb1 with its VIP in lb2's hands, about to fall. */
function runBeside(of: Settings, report: MemberReport = carries): CoreRun {
  const run = settledRun(of);
  run.members([[lb2, report]]);
  return run;
}

function untilMs(run: CoreRun): number {
  return run.state.services.get(apex)?.damping?.untilMs ?? 0;
}

describe('an owner that falls', () => {
  it('takes its VIP back at once as long as its falls are free', () => {
    const run = runBeside(withDamping());
    fall(run, 2);
    expect(run.decision(vip1)).toEqual(owner);
    expect(run.reports.filter(({ kind }) => kind === 'damped')).toEqual([]);
  });

  it('waits when it falls once more, until enough of its falls have faded', () => {
    const run = runBeside(withDamping());
    fall(run, 3);
    expect(run.decision(vip1)).toEqual(damped);
    // Three falls, a little faded, halve to two in somewhat less than 0.6 half-lives.
    const waitMs = untilMs(run) - run.nowMs;
    expect(waitMs).toBeGreaterThan(30_000);
    expect(waitMs).toBeLessThan(0.585 * 60_000);
    expect(run.reports).toContainEqual({ kind: 'damped', service: apex, forMs: Math.ceil(waitMs) });
    run.advance(Math.floor(waitMs));
    expect(run.decision(vip1)).toEqual(damped);
    run.advance(1);
    expect(run.decision(vip1)).toEqual(owner);
  });

  it('claims nothing while it waits', () => {
    const run = runBeside(withDamping());
    fall(run, 3);
    run.ack().answerMember();
    run.take();
    run.advance(10_000);
    expect(run.take().filter((line) => line.includes('Claim'))).toEqual([]);
  });

  it('waits longer each time, but no longer than the limit', () => {
    const run = runBeside(withDamping({ ...damping, maxMs: 50_000 }));
    const waits = [3, 1, 1, 1, 1].map((times) => {
      fall(run, times);
      return untilMs(run) - run.nowMs;
    });
    expect(waits).toEqual([...waits].sort((one, two) => one - two));
    expect(waits.at(-1)).toBe(50_000);
  });

  it('falls by being cut off, too, and ExaBGP has nothing left to announce when neighbors return', () => {
    const run = runBeside(withDamping({ ...damping, falls: 1 }));
    for (let count = 0; count < 2; count += 1) {
      run.neighbor(false);
      run.advance(1_000);
      if (count === 1) break;
      run.neighbor(true);
      run.advance(4_000);
    }
    expect(run.decision(vip1)).toEqual(damped);
    expect(run.take()).toContain('withdrawRoute 10.20.255.1/32');
    run.ack().answerClaims();
    run.neighbor(true);
    run.advance(4_000);
    expect(run.decision(vip1)).toEqual(damped);
  });

  it('stays where it is when another member announces its VIP only later', () => {
    const run = runBeside(withDamping(), idle);
    fall(run, 3);
    expect(run.decision(vip1)).toEqual(owner);
    run.members([[lb2, carries]]);
    expect(run.decision(vip1)).toEqual(owner);
  });

  it.each<[string, MemberReport]>([
    ['does not', idle],
    ['is sick', { ...carries, health: 'down' }],
    ['is leaving', { ...carries, isLeaving: true }],
  ])('takes its VIP at once when the one that announced it %s', (_, report) => {
    const run = runBeside(withDamping());
    fall(run, 3);
    expect(run.decision(vip1)).toEqual(damped);
    run.members([[lb2, report]]);
    expect(run.decision(vip1)).toEqual(owner);
  });

  it('announces as standby while it waits, where that is configured', () => {
    const run = runBeside(withDamping(damping, { standby: standbyAttributes }));
    fall(run, 3);
    expect(run.decision(vip1)).toEqual(standby);
  });

  it('takes over what others own as ever', () => {
    const run = runBeside(withDamping());
    fall(run, 3);
    run.claims([
      [vip1, self],
      [vip6, other],
    ]);
    expect(run.decision(vip2)).toMatchObject({ kind: 'announce', role: 'backup' });
  });

  it('goes on waiting while frozen, and no longer when everybody acts for himself', () => {
    const run = runBeside(withDamping(damping, {}, { onCoordinationLoss: 'own' }));
    fall(run, 3);
    run.disconnect();
    run.advance(4_000, { isProven: false });
    expect(run.decision(vip1)).toEqual(damped);
    run.advance(4_000, { isProven: false });
    expect(run.decision(vip1)).toEqual({ ...owner, reason: 'coordinationLost' });
  });

  it('is not damped any more when its settings say so', () => {
    const run = runBeside(withDamping());
    fall(run, 3);
    run.hear({ kind: 'settingsChanged', settings: settings({ checks: [check] }) });
    expect(run.decision(vip1)).toEqual(owner);
  });

  it('has no fall on its account for a start, sick or without neighbors', () => {
    const run = new CoreRun(withDamping({ ...damping, falls: 1 }));
    run.hear({ kind: 'speakerIdentified', version: '4.2.21', acks: true });
    run.hear({ kind: 'neighborsListed', established: [] });
    run.connect().view();
    setHealth(run, false);
    setHealth(run, true);
    run.neighbor(true);
    expect(run.state.services.get(apex)?.damping).toMatchObject({ isWell: true, falls: 0 });
  });
});
