import { describe, expect, it } from 'vitest';
import type { AgreedRole, Agreement, ServiceAgreement } from '../../src/core/agreement.ts';
import type { ServiceName, Settings } from '../../src/core/settings.ts';
import type { Vip } from '../../src/core/vip.ts';
import {
  apex,
  CoreRun,
  check,
  lb1,
  lb2,
  other,
  self,
  sessionTimeoutMs,
  settings,
  settledRun,
  vip1,
  vip2,
  vip6,
} from '../helpers/core-run.ts';

const atWork: readonly (readonly [Vip, AgreedRole])[] = [
  [vip1, 'owner'],
  [vip2, 'backup'],
  [vip6, 'withdrawn'],
];

const nothingAgreed: ServiceAgreement = { isInMaintenance: false, drained: [], vips: new Map() };

function agreed(
  change: Partial<Omit<ServiceAgreement, 'vips'>> = {},
  vips: readonly (readonly [Vip, AgreedRole])[] = atWork,
): Agreement {
  const ofApex = { ...nothingAgreed, vips: new Map(vips), ...change };
  return { sessionTimeoutMs, services: new Map([[apex, ofApex]]) };
}

/** A life that an earlier one left something to, ExaBGP at its side, and no ZooKeeper. */
function restarted(agreement: Agreement = agreed(), ofSettings: Settings = settings()): CoreRun {
  return new CoreRun(ofSettings, agreement).speakerUp();
}

const announced1 = 'announceRoute 10.20.255.1/32 self med 100';
const announced2 = 'announceRoute 10.20.255.2/32 self med 200';
const withdrawn = (vip: Vip) => `withdrawRoute ${vip}`;
const suspendedMs = sessionTimeoutMs / 2;

describe('what is kept for the next life', () => {
  it('is what was agreed for every VIP, once, and again when it changes', () => {
    const run = settledRun();
    expect(run.kept.at(-1)).toBe(
      `keepAgreement apex [${vip1}:owner, ${vip2}:withdrawn, ${vip6}:withdrawn]`,
    );
    const count = run.kept.length;
    run.advance(20_000);
    expect(run.kept).toHaveLength(count);
    run.claims([
      [vip1, self],
      [vip6, other],
    ]);
    expect(run.kept.slice(count)).toEqual([
      `keepAgreement apex [${vip1}:owner, ${vip2}:backup, ${vip6}:withdrawn]`,
    ]);
  });

  it('tells of maintenance and of the drains that are ours', () => {
    const run = settledRun();
    run.drains(['lb1', 'lb2', vip2]);
    expect(run.kept.at(-1)).toContain(`drained [${vip2}, lb1]`);
    run.maintenance(true);
    expect(run.kept.at(-1)).toContain(`${vip1}:withdrawn`);
    expect(run.kept.at(-1)).toMatch(/ in maintenance$/);
  });

  it('stays as it was while ZooKeeper is not to be believed, whatever the policy does', () => {
    const run = settledRun(settings({}, { onCoordinationLoss: 'withdraw' }));
    const count = run.kept.length;
    run.disconnect();
    run.advance(20_000);
    expect(run.decision(vip1)).toEqual({ kind: 'withdraw', reason: 'coordinationLost' });
    expect(run.kept).toHaveLength(count);
  });

  it('says nothing of a VIP that is held, unless an earlier life had agreed on it', () => {
    const fresh = new CoreRun().speakerUp().connect().view();
    expect(fresh.decision(vip2)).toEqual({ kind: 'hold', reason: 'settling' });
    expect(fresh.kept).toEqual([`keepAgreement apex [${vip1}:owner]`]);
    const run = restarted().connect().view();
    expect(run.decision(vip2)).toEqual({ kind: 'hold', reason: 'settling' });
    expect(run.state.services.get(apex)?.kept?.vips.get(vip2)).toBe('backup');
  });

  it('is not kept again by a life that finds everything as it was', () => {
    const run = restarted(agreed({}, [[vip1, 'owner']]));
    run.connect().view();
    expect(run.kept).toEqual([]);
  });
});

describe('a restart while ZooKeeper is away', () => {
  it('leaves every route as it is for half the session timeout, then goes on as agreed', () => {
    const run = restarted();
    run.advance(suspendedMs - 1);
    expect(run.take()).toEqual([]);
    expect(run.decision(vip1)).toEqual({ kind: 'hold', reason: 'noView' });
    run.advance(1);
    expect(run.take()).toEqual([withdrawn(vip6), announced1, announced2]);
    expect(run.decision(vip1)).toEqual({ kind: 'announce', role: 'owner', reason: 'frozen' });
    expect(run.decision(vip2)).toEqual({ kind: 'announce', role: 'backup', reason: 'frozen' });
    expect(run.decision(vip6)).toEqual({ kind: 'withdraw', reason: 'frozen' });
    run.ack().take();
    run.advance(3_600_000);
    expect(run.take()).toEqual([]);
  });

  it('says that ZooKeeper is not to be believed, but not that a quorum ever answered', () => {
    const run = restarted();
    run.advance(2 * sessionTimeoutMs);
    expect(run.reports.filter(({ kind }) => kind === 'beliefChanged')).toEqual([
      { kind: 'beliefChanged', from: 'live', to: 'suspended', proofAgeMs: undefined },
      { kind: 'beliefChanged', from: 'suspended', to: 'blind', proofAgeMs: undefined },
    ]);
  });

  it('waits for health, which has to rise in full', () => {
    const run = restarted(agreed(), settings({ checks: [check] }));
    run.advance(suspendedMs);
    run.verdict(true);
    expect(run.decision(vip1)).toEqual({ kind: 'hold', reason: 'noVerdict' });
    run.verdict(true);
    expect(run.decision(vip1).kind).toBe('announce');
  });

  it('withdraws a broken service', () => {
    const run = restarted(agreed(), settings({ checks: [check] }));
    run.verdict(false);
    run.verdict(false);
    expect(run.decision(vip1)).toEqual({ kind: 'withdraw', reason: 'healthDown' });
  });

  it.each(['freeze', 'own', 'all', 'withdraw'] as const)(
    'honours the maintenance it was in, under %s too',
    (onCoordinationLoss) => {
      const run = restarted(
        agreed({ isInMaintenance: true }),
        settings({}, { onCoordinationLoss }),
      );
      run.advance(suspendedMs);
      expect(run.take()).toEqual([withdrawn(vip1), withdrawn(vip2), withdrawn(vip6)]);
      run.ack().take();
      run.advance(10 * sessionTimeoutMs);
      expect(run.take()).toEqual([]);
      expect(run.decision(vip1)).toEqual({ kind: 'withdraw', reason: 'maintenance' });
    },
  );

  it('honours a drain', () => {
    const run = restarted(agreed({ drained: [lb1] }));
    run.advance(suspendedMs);
    expect(run.decision(vip1)).toEqual({ kind: 'withdraw', reason: 'drained' });
  });

  it.each<[Settings['onCoordinationLoss'], string]>([
    ['freeze', 'announce frozen'],
    ['own', 'withdraw coordinationLost'],
    ['all', 'announce coordinationLost'],
    ['withdraw', 'withdraw coordinationLost'],
  ])('acts by onCoordinationLoss %s once it is blind, counted from its start', (policy, as) => {
    const run = restarted(agreed(), settings({}, { onCoordinationLoss: policy }));
    const ofBackup = () => {
      const { kind, reason } = run.decision(vip2);
      return `${kind} ${reason}`;
    };
    run.advance((sessionTimeoutMs * 4) / 3 - 1);
    expect(ofBackup()).toBe('announce frozen');
    run.advance(1);
    expect(ofBackup()).toBe(as);
  });

  it('comes before the cold start, which is for services that nothing was agreed on', () => {
    const coldStart = { afterMs: 0, policy: 'withdraw' } as const;
    const run = restarted(agreed(), settings({}, { coldStart }));
    run.advance(10 * sessionTimeoutMs);
    expect(run.decision(vip1)).toEqual({ kind: 'announce', role: 'owner', reason: 'frozen' });
    const services = new Map([['www' as ServiceName, nothingAgreed]]);
    const cold = restarted({ sessionTimeoutMs, services }, settings({}, { coldStart }));
    cold.advance(10 * sessionTimeoutMs);
    expect(cold.decision(vip1)).toEqual({ kind: 'withdraw', reason: 'coordinationLost' });
  });

  it.each<[string, readonly (readonly [Vip, AgreedRole])[]]>([
    ['was not there', []],
    ['was another’s', [[vip1, 'withdrawn']]],
    ['was carried as a backup', [[vip1, 'backup']]],
  ])('leaves alone a VIP of ours that %s', (_, vips) => {
    const run = restarted(agreed({}, [...vips, [vip2, 'backup']]));
    run.advance(sessionTimeoutMs);
    expect(run.decision(vip1)).toEqual({ kind: 'hold', reason: 'noView' });
    expect(run.take()).toEqual([announced2]);
  });

  it('leaves alone a VIP that was ours and is another’s', () => {
    const run = restarted(agreed({}, [[vip2, 'owner']]));
    run.advance(sessionTimeoutMs);
    expect(run.take()).toEqual([]);
  });
});

describe('a restart with ZooKeeper there', () => {
  it('decides by the first complete view alone', () => {
    const run = restarted().connect();
    run.view([
      [vip2, other],
      [vip6, other],
    ]);
    expect(run.take()).toEqual([announced1, 'publishMember apex up announces []']);
    expect(run.decision(vip2)).toEqual({ kind: 'hold', reason: 'settling' });
  });

  it('does not take part while the view is incomplete, however long that takes', () => {
    const run = restarted().connect();
    run.claims([]);
    run.advance(60_000);
    expect(run.take()).toEqual([]);
    expect(run.decision(vip1)).toEqual({ kind: 'hold', reason: 'noView' });
  });

  it('goes on as agreed when ZooKeeper is lost again before the view was complete', () => {
    const run = restarted().connect();
    run.claims([[vip2, other]]);
    run.maintenance(false);
    run.disconnect();
    run.advance(suspendedMs);
    expect(run.take()).toEqual([withdrawn(vip6), announced1, announced2]);
  });

  it('takes what it has read itself for younger: a maintenance that began meanwhile', () => {
    const run = restarted().connect();
    run.maintenance(true);
    run.disconnect();
    run.advance(suspendedMs);
    const routes = run.take().filter((line) => line.includes('Route'));
    expect(routes).toEqual([withdrawn(vip1), withdrawn(vip2), withdrawn(vip6)]);
  });

  it('is forgotten with the first complete view: a later outage freezes what was agreed then', () => {
    const run = restarted().connect();
    run.view([
      [vip2, other],
      [vip6, other],
    ]);
    run.ack();
    run.advance(4_000);
    run.ack().take();
    run.disconnect();
    run.advance(60_000);
    expect(run.take()).toEqual([]);
    expect(run.decision(vip2)).toEqual({ kind: 'withdraw', reason: 'frozen' });
  });

  it('after an outage, goes on from what it took up: no route changes when the view confirms it', () => {
    const run = restarted();
    run.advance(60_000);
    run.ack().take();
    run.connect().view([[vip6, other]]);
    run.advance(10_000);
    expect(run.take().filter((line) => line.includes('Route'))).toEqual([]);
    expect(run.decision(vip2)).toEqual({
      kind: 'announce',
      role: 'backup',
      reason: 'claimMissing',
    });
  });

  it('after an outage, hands back what its owner has claimed meanwhile', () => {
    const run = restarted();
    run.advance(60_000);
    run.ack().take();
    run.connect().view([
      [vip2, { kind: 'member', member: lb2 }],
      [vip6, other],
    ]);
    expect(run.decision(vip2)).toEqual({ kind: 'announce', role: 'backup', reason: 'handingBack' });
    // Its session may have died in the outage, and the claim stands until the servers notice.
    run.advance(2_000);
    expect(run.decision(vip2)).toEqual({ kind: 'announce', role: 'backup', reason: 'handingBack' });
    run.advance((sessionTimeoutMs * 4) / 3);
    expect(run.decision(vip2)).toEqual({ kind: 'withdraw', reason: 'heldByOwner' });
  });
});
