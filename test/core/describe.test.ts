import { describe, expect, it } from 'vitest';
import type { AgreedRole } from '../../src/core/agreement.ts';
import {
  describeAttributes,
  describeDecision,
  describeEffect,
  describeEvent,
} from '../../src/core/describe.ts';
import type { Effect } from '../../src/core/effect.ts';
import type { Event, Holder } from '../../src/core/event.ts';
import type { Decision } from '../../src/core/ownership.ts';
import {
  nextHopSelf,
  parseCommunity,
  parseLocalPreference,
  parseMed,
} from '../../src/core/route.ts';
import type { Vip } from '../../src/core/vip.ts';
import {
  apex,
  lb2,
  lb3,
  other,
  ownerAttributes,
  self,
  settings,
  vip1,
  vip2,
} from '../helpers/core-run.ts';

const zookeeper = { connection: 3, service: apex } as const;
const twin: Holder = { kind: 'twin', detail: 'lb1 pid 7' };

const events: readonly [Event, string][] = [
  [{ kind: 'timerFired' }, 'timerFired'],
  [
    {
      kind: 'checkCompleted',
      service: apex,
      check: 0,
      passed: true,
      detail: 'exit 0',
      durationMs: 4,
    },
    'checkCompleted apex#0 pass',
  ],
  [
    {
      kind: 'checkCompleted',
      service: apex,
      check: 1,
      passed: false,
      detail: 'exit 7',
      durationMs: 4,
    },
    'checkCompleted apex#1 fail',
  ],
  [
    {
      kind: 'checkCompleted',
      service: apex,
      check: 1,
      passed: false,
      isDisabled: true,
      detail: 'exists',
      durationMs: 4,
    },
    'checkCompleted apex#1 disabled',
  ],
  [
    { kind: 'sessionEstablished', epoch: 2, connection: 3, timeoutMs: 6_000, proofMs: 1 },
    'sessionEstablished epoch 2 connection 3',
  ],
  [{ kind: 'sessionProven', epoch: 2, proofMs: 1 }, 'sessionProven epoch 2'],
  [{ kind: 'sessionInterrupted', connection: 3, detail: 'cut' }, 'sessionInterrupted connection 3'],
  [{ kind: 'sessionEnded', epoch: 2, reason: 'expired' }, 'sessionEnded epoch 2 expired'],
  [
    { kind: 'sessionEnded', epoch: 2, reason: 'authenticationFailed' },
    'sessionEnded epoch 2 authenticationFailed',
  ],
  [
    {
      kind: 'claimsRead',
      ...zookeeper,
      claims: new Map([
        [vip2, other],
        [vip1, self],
      ]),
    },
    'claimsRead apex [10.20.255.1/32:us, 10.20.255.2/32:a session that left no name]',
  ],
  [{ kind: 'claimsRead', ...zookeeper, claims: new Map() }, 'claimsRead apex []'],
  [{ kind: 'maintenanceRead', ...zookeeper, isPresent: true }, 'maintenanceRead apex present'],
  [{ kind: 'maintenanceRead', ...zookeeper, isPresent: false }, 'maintenanceRead apex absent'],
  [
    { kind: 'drainsRead', ...zookeeper, drained: new Set(['lb2', '10.20.255.1/32']) },
    'drainsRead apex [10.20.255.1/32, lb2]',
  ],
  [
    {
      kind: 'membersRead',
      ...zookeeper,
      members: new Map([
        [lb3, undefined],
        [lb2, undefined],
      ]),
      own: twin,
    },
    'membersRead apex [lb2, lb3] own another agent with our member id (lb1 pid 7)',
  ],
  [
    { kind: 'membersRead', ...zookeeper, members: new Map(), own: undefined },
    'membersRead apex [] own nobody',
  ],
  [
    {
      kind: 'claimAnswered',
      ...zookeeper,
      vip: vip1,
      operation: 'create',
      outcome: 'exists',
      detail: '',
    },
    'claimAnswered create 10.20.255.1/32 exists',
  ],
  [
    { kind: 'memberAnswered', ...zookeeper, outcome: 'denied', detail: '' },
    'memberAnswered apex denied',
  ],
  [
    { kind: 'commandAnswered', command: 12, outcome: 'refused', detail: '' },
    'commandAnswered 12 refused',
  ],
  [
    { kind: 'speakerIdentified', version: '4.2.21', acks: true },
    'speakerIdentified 4.2.21 acks on',
  ],
  [
    { kind: 'speakerIdentified', version: undefined, acks: false },
    'speakerIdentified unknown acks off',
  ],
  [
    { kind: 'neighborChanged', neighbor: '10.0.0.1', isEstablished: true, detail: '' },
    'neighborChanged 10.0.0.1 up',
  ],
  [
    { kind: 'neighborChanged', neighbor: '10.0.0.1', isEstablished: false, detail: '' },
    'neighborChanged 10.0.0.1 down',
  ],
  [{ kind: 'neighborsListed', established: ['b', 'a'] }, 'neighborsListed [a, b]'],
  [{ kind: 'neighborsListed', established: undefined }, 'neighborsListed cannot tell'],
  [{ kind: 'speakerSilent' }, 'speakerSilent'],
  [{ kind: 'speakerResponsive' }, 'speakerResponsive'],
  [{ kind: 'resendDue', mustFlush: false }, 'resendDue'],
  [{ kind: 'resendDue', mustFlush: true }, 'resendDue with flush'],
  [{ kind: 'speakerClosed', detail: 'EOF' }, 'speakerClosed EOF'],
  [{ kind: 'settingsChanged', settings: settings() }, 'settingsChanged [apex]'],
  [{ kind: 'stopRequested', signal: 'SIGTERM' }, 'stopRequested SIGTERM'],
];

const effects: readonly [Effect, string][] = [
  [
    { kind: 'announceRoute', command: 1, vip: vip1, attributes: ownerAttributes },
    'announceRoute 10.20.255.1/32 self med 100',
  ],
  [{ kind: 'withdrawRoute', command: 2, vip: vip1 }, 'withdrawRoute 10.20.255.1/32'],
  [{ kind: 'flushRoutes', command: 3 }, 'flushRoutes'],
  [
    {
      kind: 'keepAgreement',
      service: apex,
      agreement: {
        isInMaintenance: true,
        drained: ['lb1'],
        vips: new Map<Vip, AgreedRole>([
          [vip2, 'backup'],
          [vip1, 'owner'],
        ]),
      },
    },
    'keepAgreement apex [10.20.255.1/32:owner, 10.20.255.2/32:backup] drained [lb1] in maintenance',
  ],
  [
    { kind: 'createClaim', service: apex, vip: vip1, replaces: false },
    'createClaim 10.20.255.1/32',
  ],
  [
    { kind: 'createClaim', service: apex, vip: vip1, replaces: true },
    'createClaim 10.20.255.1/32 replacing our earlier life',
  ],
  [{ kind: 'unpublishMember', service: apex }, 'unpublishMember apex'],
  [{ kind: 'setServices', services: settings().services }, 'setServices [apex:3]'],
  [{ kind: 'deleteClaim', service: apex, vip: vip1 }, 'deleteClaim 10.20.255.1/32'],
  [
    {
      kind: 'publishMember',
      service: apex,
      report: { health: 'up', announces: [vip2, vip1], isLeaving: false },
    },
    'publishMember apex up announces [10.20.255.1/32, 10.20.255.2/32]',
  ],
  [
    {
      kind: 'publishMember',
      service: apex,
      report: { health: 'down', announces: [], isLeaving: true, contests: [vip1] },
    },
    'publishMember apex down announces [] leaving contests [10.20.255.1/32]',
  ],
  [{ kind: 'runCheck', service: apex, check: 2 }, 'runCheck apex#2'],
  [{ kind: 'closeSession' }, 'closeSession'],
  [{ kind: 'exit', code: 70, reason: 'bug' }, 'exit 70 bug'],
  [
    {
      kind: 'report',
      report: {
        kind: 'decisionChanged',
        service: apex,
        vip: vip1,
        from: undefined,
        to: { kind: 'withdraw', reason: 'maintenance' },
      },
    },
    'report 10.20.255.1/32: withdraw (maintenance)',
  ],
  [{ kind: 'report', report: { kind: 'leaving', detail: 'SIGTERM' } }, 'report leaving'],
];

const decisions: readonly [Decision, string][] = [
  [
    { kind: 'announce', role: 'backup', reason: 'claimMissing' },
    'announce as backup (claimMissing)',
  ],
  [{ kind: 'withdraw', reason: 'heldByOwner' }, 'withdraw (heldByOwner)'],
  [{ kind: 'hold', reason: 'noView' }, 'hold (noView)'],
];

describe('one line per', () => {
  it.each(events)('event: %o', (event, line) => {
    expect(describeEvent(event)).toBe(line);
  });

  it.each(effects)('effect: %o', (effect, line) => {
    expect(describeEffect(effect)).toBe(line);
  });

  it.each(decisions)('decision: %o', (decision, line) => {
    expect(describeDecision(decision)).toBe(line);
  });

  it('set of attributes, in a fixed order, with what is absent left out', () => {
    const [med, localPreference] = [parseMed(0), parseLocalPreference(100)];
    const [one, two] = [parseCommunity('65000:1'), parseCommunity('no-export')];
    if (med === undefined || localPreference === undefined || !one || !two) throw new Error('bad');
    const all = { nextHop: nextHopSelf, med, localPreference, communities: [one, two] };
    expect(describeAttributes({ nextHop: nextHopSelf })).toBe('self');
    expect(describeAttributes(all)).toBe(
      'self med 0 local-preference 100 community 65000:1 no-export',
    );
  });
});
