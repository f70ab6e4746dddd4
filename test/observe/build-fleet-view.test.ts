import { describe, expect, it } from 'vitest';
import { buildFleetView } from '../../src/observe/build-fleet-view.ts';
import type { ServiceView } from '../../src/observe/fleet-view.ts';
import {
  began,
  beganMs,
  fleetReading,
  type MemberParts,
  readAtMs,
  type ServiceParts,
} from '../helpers/fleet-reading.ts';

const beganText = '2026-11-21 17:00:00 UTC';
const [one, two, three] = ['10.20.255.1', '10.20.255.2', '10.20.255.3'] as const;
const lb1: MemberParts = { vips: { [one]: 'owner', [two]: 'none', [three]: 'none' } };
const lb2: MemberParts = { vips: { [one]: 'none', [two]: 'owner', [three]: 'none' } };
const lb3: MemberParts = { vips: { [one]: 'none', [two]: 'none', [three]: 'owner' } };
const claims = { [one]: 'lb1', [two]: 'lb2', [three]: 'lb3' };
const well: ServiceParts = { members: { lb1, lb2, lb3 }, claims };
/** After lb3 died. */
const failedOver: ServiceParts = {
  members: {
    lb1: { vips: { ...lb1.vips, [three]: 'backup' } },
    lb2: { vips: { ...lb2.vips, [three]: 'backup' } },
    lb3: { ...lb3, isGone: true },
  },
  claims: { [one]: 'lb1', [two]: 'lb2' },
};

function viewOf(parts: ServiceParts): ServiceView {
  const [service] = buildFleetView(fleetReading(parts)).services;
  if (service === undefined) throw new Error('no service');
  return service;
}

/** Kind, subject and sentence of every problem, a line each. */
function problemsOf(parts: ServiceParts): readonly string[] {
  return viewOf(parts).problems.map(
    ({ kind, subject, sentence }) => `${kind}: ${subject} ${sentence}`,
  );
}

/** `well`, with one member changed. */
function withMember(name: string, change: Partial<MemberParts>): ServiceParts {
  const members: Record<string, MemberParts> = { lb1, lb2, lb3 };
  return { ...well, members: { ...members, [name]: { vips: {}, ...members[name], ...change } } };
}

describe('a fleet in order', () => {
  it('has an owner, a claim and one announcer for every VIP, and no problem', () => {
    const { vips, problems, members } = viewOf(well);
    expect(problems).toEqual([]);
    expect(vips[0]).toEqual({
      vip: '10.20.255.1/32',
      owner: 'lb1',
      claim: { kind: 'member', holder: 'lb1', since: began },
      announcers: [
        {
          member: 'lb1',
          role: 'owner',
          reason: 'owner',
          sentence: 'announced as owner, because this member owns it',
          since: began,
        },
      ],
      isDrained: false,
    });
    expect(members[0]).toMatchObject({
      member: 'lb1',
      kind: 'vipkeeper',
      presence: 'present',
      health: 'up',
      announces: ['10.20.255.1/32'],
      since: began,
      status: { version: '0.1.0' },
    });
  });

  it('lists VIPs in the order of their numbers, IPv4 first', () => {
    const vips = { '2001:db8::1': 'owner', '10.0.0.10': 'owner', '10.0.0.9': 'owner' };
    const view = viewOf({ members: { lb1: { vips } }, owners: {} });
    expect(view.vips.map(({ vip }) => vip)).toEqual([
      '10.0.0.9/32',
      '10.0.0.10/32',
      '2001:db8::1/128',
    ]);
  });

  it('has the moves of all members by time', () => {
    const move = (at: string) => ({
      at,
      vip: one,
      from: 'none',
      to: 'backup',
      reason: '',
      sentence: '',
    });
    const { moves } = viewOf({
      members: {
        lb1: { ...lb1, moves: [move('2026-11-21T17:00:02Z'), move('2026-11-21T17:00:05Z')] },
        lb2: { ...lb2, moves: [move('2026-11-21T17:00:03Z')] },
      },
    });
    expect(moves.map(({ member, at }) => `${member} ${at.slice(-3)}`)).toEqual([
      'lb1 02Z',
      'lb2 03Z',
      'lb1 05Z',
    ]);
  });

  it('leaves out a service of which nothing but empty folders is left', () => {
    expect(buildFleetView(fleetReading({ members: {} })).services).toEqual([]);
  });
});

describe('those that announce a VIP', () => {
  it('come with the owner first and standbys last', () => {
    const standby = { lb2: { vips: { [one]: 'standby' } }, lb3: { vips: { [one]: 'backup' } } };
    const { vips } = viewOf({ members: { ...standby, lb1: { vips: { [one]: 'owner' } } } });
    expect(vips[0]?.announcers.map(({ member, role }) => `${member} ${role}`)).toEqual([
      'lb1 owner',
      'lb3 backup',
      'lb2 standby',
    ]);
  });

  it.each<[string, MemberParts, readonly string[]]>([
    ['with a route that ExaBGP has', { vips: { [one]: 'owner' } }, ['owner']],
    [
      'not before ExaBGP has accepted it',
      { vips: { [one]: { role: 'owner', route: 'unknown' } }, report: { announces: [] } },
      [],
    ],
    [
      'without a record, by what it publishes',
      { vips: { [one]: 'owner' }, record: undefined },
      ['announced'],
    ],
    ['not once it is gone', { vips: { [one]: 'owner' }, isGone: true }, []],
  ])('%s', (_, member, roles) => {
    const { vips } = viewOf({ members: { lb1: member } });
    expect(vips[0]?.announcers.map(({ role }) => role)).toEqual(roles);
  });
});

describe('a member of ExaZK', () => {
  const mixed: ServiceParts = {
    members: { lb1: { vips: { [one]: 'owner', [two]: 'none' } } },
    claims: { [one]: 'lb1', [two]: 'exazk' },
  };

  it('is known by the VIP that it claims', () => {
    const { members, vips, problems } = viewOf(mixed);
    expect(members[1]).toEqual({
      member: '10.20.255.2/32',
      kind: 'exazk',
      presence: 'present',
      health: 'unknown',
      announces: ['10.20.255.2/32'],
      isLeaving: false,
      isDrained: false,
      since: began,
    });
    expect(vips[1]?.claim).toEqual({ kind: 'exazk', since: began });
    expect(vips[1]?.announcers).toMatchObject([{ member: '10.20.255.2/32', role: 'exazk' }]);
    expect(problems).toEqual([]);
  });

  it('is a conflict where a member that is there owns that VIP', () => {
    const parts = { ...mixed, members: { lb1, lb2 }, claims: { [one]: 'lb1', [two]: 'exazk' } };
    expect(problemsOf(parts)).toContain(
      'conflict: 10.20.255.2/32 is claimed by a member of ExaZK, and owned by lb2, which is there too',
    );
  });
});

describe('maintenance and drains', () => {
  it('are told with who, why, since and until when', () => {
    const { maintenance, drains } = viewOf({
      ...well,
      maintenance: { who: 'jd', why: 'firmware' },
      drains: {
        lb2: { who: 'mk', why: 'disk', expiresMs: readAtMs + 1_000 },
        [three]: {},
        lb9: { expiresMs: readAtMs },
      },
    });
    expect(maintenance).toEqual({ who: 'jd', why: 'firmware', since: began });
    const since = began;
    const expires = new Date(readAtMs + 1_000).toISOString();
    expect(drains).toEqual([
      { name: 'lb2', kind: 'member', who: 'mk', why: 'disk', since, expires, isExpired: false },
      { name: '10.20.255.3/32', kind: 'vip', since, isExpired: false },
      {
        name: 'lb9',
        kind: 'member',
        since,
        expires: new Date(readAtMs).toISOString(),
        isExpired: true,
      },
    ]);
  });

  it('mark those that they take out, unless they are over', () => {
    const { members, vips } = viewOf({
      ...well,
      drains: { lb2: {}, [three]: {}, lb1: { expiresMs: beganMs } },
    });
    expect(members.map(({ isDrained }) => isDrained)).toEqual([false, true, false]);
    expect(vips.map(({ isDrained }) => isDrained)).toEqual([false, false, true]);
  });
});

describe('problems', () => {
  const hurt = (change: Partial<NonNullable<MemberParts['record']>>) =>
    withMember('lb2', { record: change });

  it.each<[string, ServiceParts, readonly string[]]>([
    [
      'a VIP that nobody announces, and who may be blind',
      { ...failedOver, members: { ...failedOver.members, lb1, lb2 } },
      [
        'nobody: 10.20.255.3/32 is announced by nobody; lb3, gone from ZooKeeper, announced it, and still does if it only lost ZooKeeper',
        `gone: lb3 is gone from ZooKeeper: stopped, dead, or cut off, and wrote last at ${beganText}`,
      ],
    ],
    [
      'a VIP that only standbys announce',
      withMember('lb1', { vips: { [one]: 'standby', [two]: 'none', [three]: 'none' } }),
      ['standbyOnly: 10.20.255.1/32 is announced as standby only, by lb1'],
    ],
    [
      'a VIP with two owners by configuration',
      withMember('lb3', {
        vips: { ...lb3.vips, [two]: { role: 'none', owner: 'lb3' } },
      }),
      ['conflict: 10.20.255.2/32 is owned by lb2 and lb3, each by its own configuration'],
    ],
    [
      'a VIP announced as owner by two',
      withMember('lb3', { vips: { ...lb3.vips, [two]: 'owner' } }),
      ['conflict: 10.20.255.2/32 is announced as owner by lb2, lb3'],
    ],
    [
      'a VIP whose owner found it claimed by another',
      {
        ...withMember('lb2', { report: { contests: ['10.20.255.2/32' as never] } }),
        claims: { ...claims, [two]: 'lb3' },
      },
      ['conflict: 10.20.255.2/32 is claimed by lb3, and owned by lb2 too'],
    ],
    [
      'a claim that stays for ever',
      { ...well, claims: { ...claims, [two]: 'persistent' } },
      [
        'persistentClaim: 10.20.255.2/32 is claimed by a znode that no session holds, so that it stays, and nobody takes over, until somebody deletes it',
      ],
    ],
    [
      'what is still announced in maintenance',
      { ...well, members: { lb1 }, maintenance: {} },
      ['stillAnnounced: 10.20.255.1/32 is in maintenance, and still announced by lb1'],
    ],
    [
      'nothing where a drained VIP is being handed over',
      {
        ...withMember('lb1', {
          vips: { ...lb1.vips, [one]: { role: 'drain', reason: 'leaving' } },
        }),
        drains: { [one]: {} },
      },
      [],
    ],
    [
      'an owner that is gone, even though its VIP is carried, and even when it left on purpose',
      {
        ...failedOver,
        members: {
          ...failedOver.members,
          lb3: { ...lb3, isGone: true, record: { leaving: 'drained' } },
        },
      },
      [
        `gone: lb3 is gone from ZooKeeper: stopped, dead, or cut off, it was leaving (drained), and wrote last at ${beganText}`,
      ],
    ],
    [
      'an owner that was stopped in order',
      {
        ...failedOver,
        members: {
          ...failedOver.members,
          lb3: { ...lb3, isGone: true, record: { leaving: 'stopping' } },
        },
      },
      [`gone: lb3 is gone from ZooKeeper: stopped in order, and wrote last at ${beganText}`],
    ],
    [
      'nothing about a member that left on purpose and owns nothing',
      {
        members: { lb1, lb2, lb3, lb4: { vips: {}, isGone: true, record: { leaving: 'SIGTERM' } } },
        claims,
      },
      [],
    ],
    [
      'a member whose health is down, and the check that failed',
      withMember('lb2', {
        report: { health: 'down' },
        record: {
          health: 'down',
          checks: [{ name: 'http', verdict: 'down', detail: 'status 503' }],
        },
      }),
      ['unhealthy: lb2 is unhealthy: check http (status 503)'],
    ],
    [
      'a member that cannot believe',
      hurt({ session: { timeoutMs: 6_000, belief: 'blind' } }),
      ['blind: lb2 is blind: it cannot believe what it knows of ZooKeeper'],
    ],
    [
      'a member whose ExaBGP does not answer',
      hurt({ exabgp: { answers: false, isConnected: false } }),
      ['cutOff: lb2 has an ExaBGP that does not answer'],
    ],
    [
      'a member without neighbors',
      hurt({ exabgp: { answers: true, isConnected: false, neighbors: { '10.0.0.1': 'down' } } }),
      ['cutOff: lb2 is cut off from its routers: 0 of 1 neighbors up'],
    ],
    [
      'a member that is damped, but not one that was',
      {
        members: {
          lb1: { ...lb1, record: { dampedUntil: began } },
          lb2: { ...lb2, record: { dampedUntil: '2026-11-21T18:05:00.000Z' } },
          lb3,
        },
        claims,
      },
      [
        'damped: lb2 fell too often, and leaves its VIPs to others until 2026-11-21 18:05:00 UTC at most',
      ],
    ],
    [
      'a configuration that was rejected',
      hurt({
        config: {
          hash: '0123456789ab',
          loadedAt: began,
          rejected: { at: began, why: '2 problems' },
        },
      }),
      [
        `rejected: lb2 goes on with its configuration of ${beganText}, since it rejected the one of ${beganText}: 2 problems`,
      ],
    ],
    [
      'routes that were refused',
      withMember('lb2', {
        vips: {
          ...lb2.vips,
          [one]: { role: 'none', refused: 'absent' },
          [three]: { role: 'none', refused: 'self' },
        },
      }),
      ['refused: lb2 was refused the route of 10.20.255.1/32: absent, and 1 more'],
    ],
    [
      'VIPs that some members do not have, together',
      withMember('lb2', { vips: { [two]: 'owner' } }),
      [
        'unevenVips: 10.20.255.1/32 is configured at 2 members, and not at lb2, as are 10.20.255.3/32',
      ],
    ],
    [
      'different configurations and versions',
      withMember('lb2', {
        record: { version: '0.2.0', config: { hash: 'ffffffffffff', loadedAt: began } },
      }),
      [
        'config: apex runs on different configurations: 0123456789ab at lb1, lb3; ffffffffffff at lb2',
        'version: apex runs on different versions: 0.1.0 at lb1, lb3; 0.2.0 at lb2',
      ],
    ],
    [
      'drains that are over, name nobody, or are not understood',
      {
        ...well,
        drains: {
          lb8: { expiresMs: beganMs },
          '10.0.0.9': {},
          lb9: { mistake: 'unknown key end' },
        },
      },
      [
        `drain: lb8 has a drain that ended at ${beganText}, and is still there`,
        'drain: 10.0.0.9/32 has a drain that takes nothing out: no member id, nor a VIP of the service',
        'drain: lb9 has a drain that is in effect, but not understood: unknown key end',
      ],
    ],
    [
      'names and data that mean nothing',
      { ...well, claims: { ...claims, [two]: 'foreign', README: 'exazk' } },
      [
        'unreadable: README is no VIP, and no claim to anybody',
        'unreadable: 10.20.255.2 is claimed with foreign data: not JSON',
      ],
    ],
  ])('tell of %s', (_, parts, expected) => {
    expect(problemsOf(parts)).toEqual(expected);
  });

  it('tell of member znodes and records that are not understood', () => {
    const reading = fleetReading(well);
    const [service] = reading.services;
    if (service === undefined) throw new Error('no service');
    const lb8 = { name: 'lb8', session: '1', createdMs: 0, mistake: 'not JSON', report: undefined };
    const broken = {
      ...service,
      members: [...service.members, lb8],
      statuses: [...service.statuses, { member: 'lb8', data: undefined }],
    };
    const view = buildFleetView({ ...reading, services: [broken] });
    expect(
      view.services[0]?.problems.map(({ subject, sentence }) => `${subject} ${sentence}`),
    ).toEqual([
      'lb8 is there, but its member znode is not understood: not JSON',
      'record of lb8 is not understood: it could not be read',
    ]);
  });

  it('do not come from a record that had to be cut', () => {
    expect(
      problemsOf(withMember('lb2', { vips: { [two]: 'owner' }, record: { isCut: true } })),
    ).toEqual([]);
  });
});

describe('a large fleet', () => {
  it('is looked through in about a tenth of a second', { timeout: 60_000 }, () => {
    const addresses = Array.from(
      { length: 300 },
      (_, index) => `10.20.${index >> 8}.${index & 255}`,
    );
    const members = Object.fromEntries(
      Array.from({ length: 100 }, (_, index) => [
        `lb${index}`,
        { vips: Object.fromEntries(addresses.map((address) => [address, 'none'])) },
      ]),
    );
    const reading = fleetReading({ members, owners: {} });
    buildFleetView(reading);
    const startMs = performance.now();
    const { services } = buildFleetView(reading);
    expect(performance.now() - startMs).toBeLessThan(2_000);
    expect(services[0]?.vips).toHaveLength(300);
  });
});
