import { describe, expect, it } from 'vitest';
import { exazkAnnounce } from '../../src/config/roles.ts';
import { describeDecision } from '../../src/core/describe.ts';
import type { MemberId, ServiceName, ServiceSettings } from '../../src/core/settings.ts';
import { isVip, parseVip, type Vip } from '../../src/core/vip.ts';
import { forecastByParts } from '../../src/forecast/by-parts.ts';
import { forecast, type Outcome, type Participant } from '../../src/forecast/forecast.ts';
import type { Circumstances } from '../../src/forecast/world.ts';

const members = ['lb1', 'lb2', 'lb3', 'lb4'].map((name) => name as MemberId);
const vips = Array.from({ length: 25 }, (_, index): Vip => {
  const vip = parseVip(`10.20.255.${index}`);
  if (!isVip(vip)) throw new Error(vip);
  return vip;
});
const [first, second] = vips;
if (first === undefined || second === undefined) throw new Error('no VIP');

/** Owned by turns, one in five by a member that is not there. */
function serviceOf(more: Partial<ServiceSettings>): ServiceSettings {
  return {
    name: 'apex' as ServiceName,
    vips: vips.map((vip, index) => ({ vip, owner: `lb${(index % 5) + 1}` as MemberId })),
    checks: [],
    announce: exazkAnnounce,
    takeover: { delayMs: 1_000, releaseMs: 2_000, settleMs: 3_000 },
    drainTimeoutMs: 30_000,
    ...more,
  };
}

function participantsOf(service: ServiceSettings): readonly Participant[] {
  return members.map((member) => ({
    member,
    settings: {
      member,
      onCoordinationLoss: 'freeze',
      coldStart: { afterMs: undefined, policy: 'own' },
      neighbors: { require: 'off', stableForMs: 0 },
      services: [service],
    },
  }));
}

const quiet: Circumstances = {
  service: 'apex' as ServiceName,
  isInMaintenance: false,
  drained: new Set(),
  foreignClaims: new Map(),
};

function told(outcomes: readonly Outcome[]): readonly string[] {
  return outcomes
    .map(({ member, vip, decision, isAnnounced }) =>
      [vip, member, describeDecision(decision), isAnnounced ? 'with a route' : ''].join(' ').trim(),
    )
    .sort();
}

describe('a forecast', () => {
  it('is what members come to when nothing happens any more', () => {
    const outcomes = told(forecast(participantsOf(serviceOf({})), quiet));
    expect(outcomes.filter((line) => line.startsWith('10.20.255.0/32'))).toEqual([
      '10.20.255.0/32 lb1 announce as owner (owner) with a route',
      '10.20.255.0/32 lb2 withdraw (heldByOwner)',
      '10.20.255.0/32 lb3 withdraw (heldByOwner)',
      '10.20.255.0/32 lb4 withdraw (heldByOwner)',
    ]);
    expect(outcomes.filter((line) => line.startsWith('10.20.255.4/32'))).toEqual(
      members.map(
        (member) => `10.20.255.4/32 ${member} announce as backup (claimMissing) with a route`,
      ),
    );
  });

  it.each<[string, Partial<ServiceSettings>, Partial<Circumstances>]>([
    ['of all backups', {}, {}],
    [
      'of one backup for each VIP',
      { takeover: { backups: 1, delayMs: 0, releaseMs: 0, settleMs: 10 } },
      {},
    ],
    ['with standbys', { announce: { ...exazkAnnounce, standby: exazkAnnounce.backup } }, {}],
    ['with a member and a VIP drained', {}, { drained: new Set(['lb2', first]) }],
    ['in maintenance', {}, { isInMaintenance: true }],
    [
      'with claims of others',
      {},
      {
        foreignClaims: new Map([
          [first, { kind: 'unmarked' }],
          [second, { kind: 'persistent', path: '' }],
        ]),
      },
    ],
  ])('%s is the same made by parts', (_, more, circumstances) => {
    const service = serviceOf(more);
    const all = { ...quiet, ...circumstances };
    expect(told(forecastByParts(service, participantsOf, all))).toEqual(
      told(forecast(participantsOf(service), all)),
    );
  });
});
