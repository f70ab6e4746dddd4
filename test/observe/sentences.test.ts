import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import type {
  AnnounceReason,
  Decision,
  HoldReason,
  StandbyReason,
  WithdrawReason,
} from '../../src/core/ownership.ts';
import type { Level, Report } from '../../src/core/report.ts';
import type { MemberId, ServiceName } from '../../src/core/settings.ts';
import type { Vip } from '../../src/core/vip.ts';
import { fieldsOf } from '../../src/observe/fields.ts';
import { levelOf, sentenceOf } from '../../src/observe/sentences.ts';

const service = 'apex' as ServiceName;
const vip = '10.20.255.1/32' as Vip;
const backup: Decision = { kind: 'announce', role: 'backup', reason: 'claimMissing' };
const withdrawn: Decision = { kind: 'withdraw', reason: 'heldByOwner' };

type Row = readonly [report: Report, level: Level, sentence: string];

/** Every kind of report at least once; the compiler refuses a missing one. */
const rows: Readonly<Record<Report['kind'], readonly Row[]>> = {
  decisionChanged: [
    [
      { kind: 'decisionChanged', service, vip, from: withdrawn, to: backup },
      'warn',
      '10.20.255.1/32 of apex: announced as backup, because its claim has been missing (before: withdrawn, heldByOwner)',
    ],
    [
      { kind: 'decisionChanged', service, vip, from: backup, to: withdrawn },
      'info',
      "10.20.255.1/32 of apex: withdrawn, because another member's claim stands (before: announced as backup, claimMissing)",
    ],
    [
      {
        kind: 'decisionChanged',
        service,
        vip,
        from: undefined,
        to: { kind: 'hold', reason: 'noView' },
      },
      'info',
      '10.20.255.1/32 of apex: left as it is, because ZooKeeper has not been read completely yet',
    ],
    [
      {
        kind: 'decisionChanged',
        service,
        vip,
        from: { kind: 'hold', reason: 'noView' },
        to: { kind: 'announce', role: 'down', reason: 'healthDown' },
      },
      'warn',
      '10.20.255.1/32 of apex: announced with reduced preference, because its health is down and the service has attributes for that (before: left as it is, noView)',
    ],
  ],
  checkTurned: [
    [
      { kind: 'checkTurned', service, check: 0, to: 'rising' },
      'debug',
      'check 1 of apex is rising',
    ],
  ],
  beliefChanged: [
    [
      { kind: 'beliefChanged', from: 'live', to: 'suspended', proofAgeMs: 2_040 },
      'warn',
      'ZooKeeper session: suspended, so every decision is frozen, was live; the quorum last answered 2.0 s ago',
    ],
    [
      { kind: 'beliefChanged', from: 'suspended', to: 'blind', proofAgeMs: 5_400 },
      'error',
      'ZooKeeper session: blind, so onCoordinationLoss decides, was suspended; the quorum last answered 5.4 s ago',
    ],
    [
      { kind: 'beliefChanged', from: 'none', to: 'live', proofAgeMs: undefined },
      'info',
      'ZooKeeper session: live, was none',
    ],
  ],
  sessionChanged: [
    [
      { kind: 'sessionChanged', to: 'established', detail: 'epoch 2, session timeout 4000 ms' },
      'info',
      'ZooKeeper session established: epoch 2, session timeout 4000 ms',
    ],
  ],
  healthChanged: [
    [
      { kind: 'healthChanged', service, to: 'down', detail: 'exit code 7: refused' },
      'error',
      'apex is down: exit code 7: refused',
    ],
    [{ kind: 'healthChanged', service, to: 'up', detail: '' }, 'info', 'apex is up'],
  ],
  checkFailed: [
    [
      { kind: 'checkFailed', service, check: 0, detail: 'timed out after 2000 ms' },
      'warn',
      'check 1 of apex failed: timed out after 2000 ms',
    ],
  ],
  maintenanceChanged: [
    [
      { kind: 'maintenanceChanged', service, isPresent: true },
      'warn',
      'apex is in maintenance: every member withdraws all its VIPs',
    ],
    [
      { kind: 'maintenanceChanged', service, isPresent: false },
      'warn',
      'maintenance of apex has ended',
    ],
  ],
  speakerChanged: [
    [{ kind: 'speakerChanged', to: 'ready', detail: '4.2.21' }, 'info', 'ExaBGP ready: 4.2.21'],
  ],
  neighborChanged: [
    [
      { kind: 'neighborChanged', neighbor: '10.0.1.1', isEstablished: false, detail: 'hold timer' },
      'warn',
      'neighbor 10.0.1.1 is down: hold timer',
    ],
    [
      { kind: 'neighborChanged', neighbor: '10.0.1.1', isEstablished: true, detail: '' },
      'info',
      'neighbor 10.0.1.1 is up',
    ],
  ],
  connectedChanged: [
    [
      { kind: 'connectedChanged', isConnected: false, detail: '0 of 2 neighbors' },
      'error',
      'this load balancer is cut off from its routers, so its claims are given up: 0 of 2 neighbors',
    ],
    [
      { kind: 'connectedChanged', isConnected: true, detail: '' },
      'info',
      'this load balancer reaches its routers',
    ],
    [
      { kind: 'connectedChanged', isConnected: false, neighbors: '10.0.0.1 10.0.0.2', detail: '' },
      'error',
      'services announced to 10.0.0.1 10.0.0.2 only are cut off from them, so their claims are given up',
    ],
    [
      { kind: 'connectedChanged', isConnected: true, neighbors: '10.0.0.1', detail: '' },
      'info',
      'services announced to 10.0.0.1 only reach them',
    ],
  ],
  claimChanged: [
    [
      { kind: 'claimChanged', service, vip, to: 'created' },
      'info',
      'claim on 10.20.255.1/32 of apex: created',
    ],
  ],
  claimConflict: [
    [
      { kind: 'claimConflict', service, vip, holder: 'member lb2' },
      'error',
      '10.20.255.1/32 of apex is owned by this member, but its claim is held by member lb2: it is announced here too, and claimed when that is gone',
    ],
  ],
  claimContested: [
    [
      { kind: 'claimContested', service, vip, member: 'lb2' as MemberId },
      'error',
      '10.20.255.1/32 of apex is owned by this member, and by member lb2 according to its configuration: both announce it; give it one owner',
    ],
  ],
  memberIdTaken: [
    [
      { kind: 'memberIdTaken', service, detail: 'pid 7 on lb1' },
      'error',
      "another living agent of apex uses this member's id, so nothing is claimed; give each load balancer an id of its own: pid 7 on lb1",
    ],
  ],
  writeFailed: [
    [
      {
        kind: 'writeFailed',
        service,
        target: 'claim on 10.20.255.1/32',
        outcome: 'denied',
        detail: 'NO_AUTH',
      },
      'error',
      'ZooKeeper did not take a write for apex, claim on 10.20.255.1/32: denied: NO_AUTH',
    ],
    [
      {
        kind: 'writeFailed',
        service,
        target: 'claim on 10.20.255.1/32',
        outcome: 'failed',
        detail: 'QUOTA',
      },
      'warn',
      'ZooKeeper did not take a write for apex, claim on 10.20.255.1/32: failed: QUOTA',
    ],
  ],
  commandRefused: [
    [
      { kind: 'commandRefused', vip, detail: 'error' },
      'error',
      'the route of 10.20.255.1/32 was refused: error',
    ],
  ],
  settingsChanged: [
    [
      { kind: 'settingsChanged', detail: 'VIPs: 1 added' },
      'info',
      'the configuration has changed: VIPs: 1 added',
    ],
  ],
  leaving: [[{ kind: 'leaving', detail: 'SIGTERM' }, 'info', 'leaving: SIGTERM']],
  nobodyElse: [
    [
      { kind: 'nobodyElse', service, vip },
      'warn',
      "10.20.255.1/32 of apex stays here until the drain timeout, because no other healthy member is known that could take it over (ExaZK's are not seen)",
    ],
  ],
  damped: [
    [
      { kind: 'damped', service, forMs: 4_200 },
      'warn',
      'apex has fallen too often lately: its VIPs that other members announce are left to them for 5 s at most',
    ],
  ],
  noticed: [
    [
      { kind: 'noticed', level: 'debug', place: 'exabgp', detail: 'odd line' },
      'debug',
      'exabgp: odd line',
    ],
    [{ kind: 'noticed', level: 'error', place: 'agent', detail: '' }, 'error', 'agent'],
  ],
};

describe('every report', () => {
  it.each(Object.values(rows).flat())(
    '%j is %s: %s',
    (report: Report, level: Level, sentence: string) => {
      expect(levelOf(report)).toBe(level);
      expect(sentenceOf(report)).toBe(sentence);
      expect(Object.entries(fieldsOf(report))[0]).toEqual(['event', report.kind]);
    },
  );
});

/** Of standby announcements as well as of none. */
const notCarried: Readonly<Record<StandbyReason, string>> = {
  heldByOwner: "because another member's claim stands",
  settling: 'because its owner still has time to make its claim',
  takeoverDelay: 'because its claim is missing, but not yet for the takeover delay',
  notChosen: 'because its claim is missing, and other members come first',
  damped: 'because it has fallen too often lately, and another member announces it',
  frozen: 'as before, because ZooKeeper is not to be believed now',
  coordinationLost: 'because ZooKeeper is lost and onCoordinationLoss says so',
};

/** Every reason once; the compiler refuses a missing one. */
const reasons: {
  readonly announce: Readonly<Record<AnnounceReason, string>>;
  readonly withdraw: Readonly<Record<WithdrawReason, string>>;
  readonly hold: Readonly<Record<HoldReason, string>>;
} = {
  announce: {
    owner: 'because this member owns it',
    standalone: 'because it is healthy, and there is nobody to agree with',
    disabled: 'because the disable file is there, and the service has attributes for that',
    claimMissing: 'because its claim has been missing',
    handingBack:
      'for the release time only, because its owner, or enough members that come first, announce it',
    leaving: 'because this member is leaving and nobody else is known to carry it yet',
    handedOver: 'for the release time only, because another member has taken it over',
    drained: 'because this member is drained, and the service has attributes for that',
    healthDown: 'because its health is down and the service has attributes for that',
    ...notCarried,
  },
  withdraw: {
    maintenance: 'because the service is in maintenance',
    drained: 'because it is drained',
    stopping: 'because this member is stopping',
    removed: 'because it is not configured here any more',
    healthDown: 'because its health is down',
    disabled: 'because the disable file is there',
    heldByOwner: notCarried.heldByOwner,
    notChosen: notCarried.notChosen,
    damped: notCarried.damped,
    frozen: notCarried.frozen,
    coordinationLost: notCarried.coordinationLost,
    noLocalAs:
      'because no AS is known that could be prepended to tell it from the route of its owner; set bgp.localAs',
  },
  hold: {
    noView: 'because ZooKeeper has not been read completely yet',
    noVerdict: 'because its health is not known yet',
    settling: notCarried.settling,
    takeoverDelay: notCarried.takeoverDelay,
    notChosen: notCarried.notChosen,
    memberIdTaken: "because another living agent uses this member's id",
  },
};

describe('every decision', () => {
  it.each(
    Object.entries(reasons).flatMap(([kind, words]) =>
      Object.entries(words).map(([reason, text]) => [kind, reason, text] as const),
    ),
  )('%s for %s says why', (kind, reason, text) => {
    const to = { kind, reason, ...(kind === 'announce' ? { role: 'owner' } : {}) } as Decision;
    const sentence = sentenceOf({ kind: 'decisionChanged', service, vip, from: undefined, to });
    expect(sentence).toMatch(/: (announced as owner|withdrawn|left as it is), /);
    expect(sentence.endsWith(`, ${text}`)).toBe(true);
  });
});

describe('fields', () => {
  it('of a decision are flat and tell what it replaces', () => {
    expect(
      fieldsOf({ kind: 'decisionChanged', service, vip, from: backup, to: withdrawn }),
    ).toEqual({
      event: 'decisionChanged',
      service: 'apex',
      vip: '10.20.255.1/32',
      decision: 'withdraw',
      reason: 'heldByOwner',
      previousDecision: 'announce',
      previousRole: 'backup',
      previousReason: 'claimMissing',
    });
  });

  it('leave out what is unknown, and the level, which is the line’s own', () => {
    expect(
      fieldsOf({ kind: 'decisionChanged', service, vip, from: undefined, to: backup }),
    ).toEqual({
      event: 'decisionChanged',
      service: 'apex',
      vip: '10.20.255.1/32',
      decision: 'announce',
      role: 'backup',
      reason: 'claimMissing',
    });
    expect(
      fieldsOf({ kind: 'beliefChanged', from: 'none', to: 'live', proofAgeMs: undefined }),
    ).toEqual({ event: 'beliefChanged', from: 'none', to: 'live' });
    expect(
      fieldsOf({ kind: 'noticed', level: 'warn', place: 'exabgp', detail: 'odd line' }),
    ).toEqual({ event: 'noticed', place: 'exabgp', detail: 'odd line' });
  });
});

describe('docs/logs.md', () => {
  const text = readFileSync(resolve(import.meta.dirname, '../../docs/logs.md'), 'utf8');
  const documented = new Map(
    [...text.matchAll(/^\| `(\w+)`\s*\|([^|]*)\|([^|]*)\|/gm)].map(([, event, level, fields]) => [
      event,
      { level, fields },
    ]),
  );

  it.each(Object.entries(rows))('has %s, with every level and field of it', (kind, table) => {
    const row = documented.get(kind);
    for (const [report, level] of table) {
      expect(row?.level).toMatch(new RegExp(`\\b(${level}|any)\\b`));
      for (const field of Object.keys(fieldsOf(report)))
        if (field !== 'event') expect(row?.fields).toContain(`\`${field}\``);
    }
  });
});
