import { describe, expect, it } from 'vitest';
import {
  cellRole,
  differenceOf,
  movesShown,
  partsOf,
  problemsShown,
} from '../../src/dashboard/parts.ts';
import type { FleetView, MemberView, Problem, ServiceView } from '../../src/observe/fleet-view.ts';
import { failOver, generateFleet, generateService } from '../helpers/generated-fleet.ts';

const at = '2026-11-21T18:30:00.000Z';

function withService(service: ServiceView): FleetView {
  return { ...generateFleet(), services: [service] };
}

function entriesOf(view: FleetView): readonly (readonly [string, string, string, unknown])[] {
  const { set } = differenceOf(new Map(), partsOf(view));
  return set.map((text) => JSON.parse(text));
}

/** What is wrong with each of 300 VIPs just after maintenance has begun, and a remark about a member. */
function stillAnnounced(announcers: number): readonly Problem[] {
  const { vips } = generateService({ members: 1, vips: 300 });
  const sentence = `is announced by ${announcers} members though the service is in maintenance`;
  return [
    ...vips.map(
      ({ vip }) => ({ kind: 'stillAnnounced', severity: 'error', subject: vip, sentence }) as const,
    ),
    { kind: 'version', severity: 'info', subject: 'lb1', sentence: 'runs version 0.0.9' },
  ];
}

function rowOf(view: FleetView, vip: string): unknown {
  const entry = entriesOf(view).find(([kind, , name]) => kind === 'vip' && name === vip);
  return (entry?.[3] as { readonly row: string } | undefined)?.row;
}

describe('partsOf', () => {
  it('tells every service, member and VIP once', () => {
    const view = generateFleet({ members: 3, vips: 4 }, { service: 'web', members: 2, vips: 1 });
    const kinds = entriesOf(view).map(([kind, service, name]) =>
      `${kind} ${service} ${name}`.trim(),
    );
    expect(kinds.slice(0, 3)).toEqual(['fleet', 'service apex', 'order apex']);
    expect(kinds).toContain('member web lb2');
    expect(kinds).toContain('vip apex 10.20.255.4/32');
    expect(new Set(kinds).size).toBe(kinds.length);
  });

  it('tells a row as one letter for each member', () => {
    const service = generateService({ members: 3, vips: 4 });
    expect(rowOf(withService(service), '10.20.255.1/32')).toBe('O..');
    expect(rowOf(withService(failOver(service, 'lb1', at)), '10.20.255.1/32')).toBe('OBB');
    const standby = generateService({ members: 3, vips: 4, hasStandby: true });
    expect(rowOf(withService(standby), '10.20.255.2/32')).toBe('SOS');
  });

  it('tells the worst problems in words, counts them all, and marks what they are about', () => {
    const service = { ...generateService({ members: 3, vips: 300 }), problems: stillAnnounced(99) };
    const entries = entriesOf(withService(service));
    expect(entries.filter(([kind]) => kind === 'problem')).toHaveLength(problemsShown);
    const partOf = (wanted: string, named: string) =>
      entries.find(([kind, , name]) => kind === wanted && name === named)?.[3];
    expect(partOf('service', '')).toMatchObject({
      problemCounts: { error: 300, warning: 0, info: 1 },
    });
    expect(partOf('vip', '10.20.254.50/32')).toMatchObject({ trouble: 'error' });
    expect(partOf('member', 'lb1')).not.toHaveProperty('trouble');
  });

  it('tells all that is wrong with one subject', () => {
    const foreign = { kind: 'unreadable', severity: 'warning', subject: '10.20.255.1' } as const;
    const problems: readonly Problem[] = [
      { ...foreign, sentence: 'is claimed with foreign data: not JSON' },
      { ...foreign, sentence: 'is there, but its member znode is not understood: not JSON' },
    ];
    const service = { ...generateService({ members: 1, vips: 1 }), problems };
    const told = entriesOf(withService(service)).filter(([kind]) => kind === 'problem');
    expect(told.map(([, , , part]) => part)).toMatchObject(
      problems.map(({ subject, sentence }) => ({ subject, sentence })),
    );
  });

  it('keeps the latest moves of all services', () => {
    const moves = Array.from({ length: movesShown }, (_, index) => ({
      at: new Date(index * 1000).toISOString(),
      vip: '10.20.255.1/32',
      member: 'lb1',
      from: 'none',
      to: 'backup',
      reason: 'claimMissing',
      sentence: '',
    }));
    const view: FleetView = {
      ...generateFleet(),
      services: [
        { ...generateService({ members: 1, vips: 1 }), moves: moves.slice(0, -1) },
        { ...generateService({ service: 'web', members: 1, vips: 1 }), moves: moves.slice(-2) },
      ],
    };
    const told = entriesOf(view).filter(([kind]) => kind === 'move');
    expect(told).toHaveLength(movesShown);
    expect(told.at(-1)?.[1]).toBe('web');
    expect(told[0]?.[3]).toMatchObject({ at: moves[1]?.at });
  });
});

it('tells what was done, each as a part of its own, without where that is kept', () => {
  const act = { at, kind: 'drain', name: 'lb1', action: 'set', who: 'jd' } as const;
  const service = generateService({ members: 1, vips: 1 });
  const view = withService({ ...service, acts: [{ ...act, source: 'command' }] });
  expect(entriesOf(view).filter(([kind]) => kind === 'act')).toEqual([
    ['act', 'apex', `${at} drain set lb1`, act],
  ]);
});

describe('differenceOf', () => {
  it('is empty between equal fleets', () => {
    const shape = { members: 3, vips: 4 };
    const [one, other] = [partsOf(generateFleet(shape)), partsOf(generateFleet(shape))];
    expect(differenceOf(one, other)).toEqual({ set: [], removed: [] });
  });

  it('costs little when the same is said of every VIP in other words', () => {
    const service = generateService({ members: 3, vips: 300 });
    const [before, after] = [99, 98].map((count) =>
      partsOf(withService({ ...service, problems: stillAnnounced(count) })),
    );
    const { set, removed } = differenceOf(before ?? new Map(), after ?? new Map());
    expect(removed).toEqual([]);
    expect(set).toHaveLength(problemsShown);
    expect(set.join().length).toBeLessThan(12_000);
  });

  it('costs what has changed, not the fleet', () => {
    const service = generateService({ members: 100, vips: 300, hasStandby: true });
    const before = partsOf(withService(service));
    const after = partsOf(withService(failOver(service, 'lb007', at)));
    const whole = differenceOf(new Map(), before).set.join().length;
    const { set, removed } = differenceOf(before, after);
    expect(removed).toEqual([]);
    // 3 rows, 6 moves, the member, the problem, and how many there are.
    expect(set).toHaveLength(12);
    expect(set.join().length).toBeLessThan(4_000);
    expect(whole).toBeLessThan(120_000);
  });

  it('takes away what is gone', () => {
    const before = partsOf(generateFleet({ members: 2, vips: 2 }));
    const { removed } = differenceOf(before, partsOf(generateFleet({ members: 1, vips: 2 })));
    expect(removed.map((key) => JSON.parse(key))).toEqual([['member', 'apex', 'lb2']]);
  });

  it('leaves names from ZooKeeper what they are: text', () => {
    const hostile = '"],["fleet","","",{"root":"x';
    const service = generateService({ members: 1, vips: 1 });
    const [member] = service.members as readonly [MemberView];
    const view = withService({ ...service, members: [{ ...member, member: hostile }] });
    const names = entriesOf(view).map(([kind, , name]) => [kind, name]);
    expect(names).toContainEqual(['member', hostile]);
  });
});

describe('cellRole', () => {
  const [member] = generateService({ members: 1, vips: 1 }).members as readonly [MemberView];
  const { status: record, ...silent } = member;
  const vip = '10.20.255.1/32';

  it.each<readonly [string, MemberView, string | undefined, string]>([
    ['what it is announced as', member, 'backup', 'backup'],
    ['its record', member, undefined, 'owner'],
    ['a role of a later version', member, 'hologram', 'announced'],
    [
      'what it says it serves, without a record',
      { ...silent, announces: [vip] },
      undefined,
      'announced',
    ],
    ['nothing, without a record', { ...silent, announces: [] }, undefined, 'unknown'],
    ['nothing, when it is gone', { ...member, presence: 'gone' }, undefined, 'gone'],
  ])('goes by %s', (_, seen, announcedAs, role) => {
    expect(cellRole(seen, vip, announcedAs)).toBe(role);
  });

  it('tells a VIP that the member does not have from one that was cut from its record', () => {
    expect(cellRole(member, '10.9.9.9/32')).toBe('absent');
    if (record === undefined) throw new Error('the generated member has a record');
    expect(cellRole({ ...member, status: { ...record, isCut: true } }, '10.9.9.9/32')).toBe(
      'unknown',
    );
  });

  it('shows a refused route before anything else', () => {
    if (record === undefined) throw new Error('the generated member has a record');
    const refused = {
      ...record.vips[vip],
      refused: 'self med 100',
    } as (typeof record.vips)[string];
    const status = { ...record, vips: { [vip]: refused } };
    expect(cellRole({ ...member, status }, vip, 'owner')).toBe('refused');
  });

  it('finds nothing under names that every object has', () => {
    expect(cellRole(member, 'constructor')).toBe('absent');
    expect(cellRole(member, vip, 'toString')).toBe('announced');
  });
});
