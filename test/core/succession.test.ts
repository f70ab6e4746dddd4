import { describe, expect, it } from 'vitest';
import type { MemberReport } from '../../src/core/event.ts';
import { memberReport } from '../../src/core/presence.ts';
import { rankAmong } from '../../src/core/rendezvous.ts';
import type { MemberId, ServiceSettings, Settings } from '../../src/core/settings.ts';
import type { Vip } from '../../src/core/vip.ts';
import {
  apex,
  backupAttributes,
  CoreRun,
  claimsOfAll,
  lb1,
  lb2,
  other,
  ownerAttributes,
  self,
  serviceSettings,
  settings,
  settledRun,
  standbyAttributes,
  vip1,
  vip2,
  vip2Missing,
  vip6,
} from '../helpers/core-run.ts';

const lb5 = 'lb5' as MemberId;
const lb7 = 'lb7' as MemberId;
const backup = { kind: 'announce', role: 'backup', reason: 'claimMissing' };
const isReady: MemberReport = { health: 'up', announces: [], isLeaving: false };
const carries: MemberReport = { ...isReady, announces: [vip2] };

/** lb1's settings in a fleet where `backups` members take a VIP over. */
function withBackups(
  backups: 'all' | number,
  announce: Partial<ServiceSettings['announce']> = {},
): Settings {
  return settings({
    takeover: { ...serviceSettings().takeover, backups },
    announce: { ...serviceSettings().announce, ...announce },
  });
}

function rank(run: CoreRun, of: Vip): number | undefined {
  return run.state.services.get(apex)?.vips.get(of)?.rank;
}

it('is a fleet in which lb7 and lb5 come before lb1 for vip2, which lb2 owns', () => {
  expect(rankAmong(apex, vip2, lb1, [lb5, lb7])).toBe(2);
  expect(rankAmong(apex, vip2, lb5, [lb7])).toBe(1);
});

describe('the rank of a member', () => {
  const ranked = withBackups('all', { standby: { ...standbyAttributes, medPerRank: 10 } });

  it('counts the others that would take a VIP over rather than this one', () => {
    const run = settledRun(ranked);
    run.members([
      [lb5, isReady],
      [lb7, isReady],
    ]);
    expect([vip1, vip2].map((of) => rank(run, of))).toEqual([0, 2]);
    run.ack();
    expect(run.take()).toContain('announceRoute 10.20.255.2/32 self med 320');
  });

  it.each<[string, MemberReport | undefined]>([
    ['sick', { ...isReady, health: 'down' }],
    ['leaving', { ...isReady, isLeaving: true }],
    ['not readable', undefined],
  ])('does not count one that is %s', (_, report) => {
    const run = settledRun(ranked);
    run.members([
      [lb5, report],
      [lb7, isReady],
    ]);
    expect(rank(run, vip2)).toBe(1);
  });

  it('counts neither the owner nor what is drained', () => {
    const run = settledRun(ranked);
    run.members([
      [lb2, isReady],
      [lb5, isReady],
      [lb7, isReady],
    ]);
    expect(rank(run, vip2)).toBe(2);
    run.drains([lb7]);
    expect(rank(run, vip2)).toBe(1);
  });

  it.each<[string, Settings]>([
    [
      'prependPerRank of backups',
      withBackups('all', { backup: { ...backupAttributes, prependPerRank: 1 } }),
    ],
    ['a number of backups', withBackups(1)],
  ])('is worked out for %s', (_, of) => {
    const run = settledRun(of);
    run.members([[lb7, isReady]]);
    expect(rank(run, vip2)).toBe(1);
  });

  it('is not worked out where it makes no difference, and is again where a reload makes it one', () => {
    const run = settledRun();
    run.members([[lb7, isReady]]);
    expect(rank(run, vip2)).toBe(0);
    run.hear({ kind: 'settingsChanged', settings: withBackups(1) });
    expect(rank(run, vip2)).toBe(1);
    run.hear({ kind: 'settingsChanged', settings: settings() });
    expect(rank(run, vip2)).toBe(0);
  });
});

describe('of a number of backups', () => {
  /** lb1 is the second for vip2, behind lb7. */
  function second(backups: number, announce: Partial<ServiceSettings['announce']> = {}): CoreRun {
    const run = settledRun(withBackups(backups, announce));
    run.members([[lb7, isReady]]);
    run.ack();
    run.take();
    return run;
  }

  it('a chosen one takes over at once', () => {
    const run = second(2);
    run.claims(vip2Missing);
    expect(run.decision(vip2)).toEqual(backup);
  });

  it('another waits for them, and stays away when they announce', () => {
    const run = second(1);
    run.claims(vip2Missing);
    expect(run.decision(vip2)).toEqual({ kind: 'hold', reason: 'notChosen' });
    run.members([[lb7, carries]]);
    run.advance(60_000);
    expect(run.decision(vip2)).toEqual({ kind: 'withdraw', reason: 'notChosen' });
    expect(run.take()).toEqual([]);
  });

  it('another announces as standby meanwhile and afterwards', () => {
    const run = second(1, { standby: standbyAttributes });
    const standby = { kind: 'announce', role: 'standby', reason: 'notChosen' };
    run.claims(vip2Missing);
    expect(run.decision(vip2)).toEqual(standby);
    run.members([[lb7, carries]]);
    run.advance(60_000);
    expect(run.decision(vip2)).toEqual(standby);
    expect(run.take()).toEqual([]);
  });

  it('another takes over after a settle time in which too few of them announced', () => {
    const run = second(1);
    run.claims(vip2Missing);
    run.advance(2_999);
    expect(run.decision(vip2)).toEqual({ kind: 'hold', reason: 'notChosen' });
    run.advance(1);
    expect(run.decision(vip2)).toEqual(backup);
  });

  it('another takes over at once when a chosen one is no candidate any more', () => {
    const run = second(1);
    run.claims(vip2Missing);
    run.members([[lb7, { ...isReady, health: 'down' }]]);
    expect(run.decision(vip2)).toEqual(backup);
  });

  it('another takes over at once when chosen ones that announced it stop doing so', () => {
    const run = second(1);
    run.claims(vip2Missing);
    run.members([[lb7, carries]]);
    run.advance(10_000);
    run.members([[lb7, isReady]]);
    expect(run.decision(vip2)).toEqual(backup);
  });

  it('one that took over steps back for those that come before it, once they announce, and not before release', () => {
    const run = second(1);
    run.claims(vip2Missing);
    run.advance(3_000);
    run.ack().answerMember();
    run.members([[lb7, carries]]);
    expect(run.decision(vip2)).toEqual({ ...backup, reason: 'handingBack' });
    const service = run.state.services.get(apex);
    expect(service && memberReport(run.state, service).announces).toEqual([vip1]);
    run.advance(1_999);
    expect(run.decision(vip2)).toEqual({ ...backup, reason: 'handingBack' });
    run.advance(1);
    expect(run.decision(vip2)).toEqual({ kind: 'withdraw', reason: 'notChosen' });
  });

  it('one that took over does not step back for those that come after it', () => {
    expect(rankAmong(apex, vip6, lb1, [lb2])).toBe(1);
    expect(rankAmong(apex, vip6, lb1, [lb7])).toBe(0);
    const run = second(1);
    run.members([
      [lb2, isReady],
      [lb7, isReady],
    ]);
    run.claims([
      [vip1, self],
      [vip2, other],
    ]);
    run.advance(3_000);
    run.members([
      [lb2, isReady],
      [lb7, { ...isReady, announces: [vip6] }],
    ]);
    expect(run.decision(vip6)).toEqual(backup);
  });

  it('leaves what an earlier life announced until those that come before have been there for the release time', () => {
    const run = new CoreRun(withBackups(1)).speakerUp().connect();
    run.view([[vip6, other]], [[lb7, carries]]);
    expect(run.decision(vip2)).toEqual({ kind: 'hold', reason: 'notChosen' });
    run.advance(2_000);
    expect(run.decision(vip2)).toEqual({ kind: 'withdraw', reason: 'notChosen' });
  });

  it('gives back to the owner as ever', () => {
    const run = second(1);
    run.claims(vip2Missing);
    run.advance(3_000);
    run.claims(claimsOfAll);
    expect(run.decision(vip2)).toEqual({ ...backup, reason: 'handingBack' });
    run.advance(2_000);
    expect(run.decision(vip2)).toEqual({ kind: 'withdraw', reason: 'heldByOwner' });
  });

  it('its rank tells each backup which attributes are its own', () => {
    const run = second(2, {
      owner: ownerAttributes,
      backup: { ...backupAttributes, medPerRank: 5 },
    });
    run.claims(vip2Missing);
    expect(run.take()).toEqual(['announceRoute 10.20.255.2/32 self med 205']);
    run.ack();
    run.members([]);
    expect(run.take()).toContain('announceRoute 10.20.255.2/32 self med 200');
  });
});
