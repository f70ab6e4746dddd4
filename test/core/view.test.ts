import { describe, expect, it } from 'vitest';
import type { Holder } from '../../src/core/event.ts';
import { initialState } from '../../src/core/initial-state.ts';
import type { View, VipState } from '../../src/core/state.ts';
import {
  hearView,
  isInMaintenance,
  isViewSufficient,
  wasViewComplete,
  withClaim,
} from '../../src/core/view.ts';
import {
  apex,
  lb2,
  other,
  self,
  settings,
  settledRun,
  vip,
  vip1,
  vip2,
  vip6,
} from '../helpers/core-run.ts';

const state = initialState(settings(), 0);
const service = state.services.get(apex);
const vipState = service?.vips.get(vip1);
if (service === undefined || vipState === undefined) throw new Error('apex is gone');

const empty: View = service.view;
const whole: View = {
  claimsConnection: 4,
  maintenance: { connection: 4, isPresent: false },
  drains: { connection: 4, drained: new Set() },
  members: { connection: 4, members: new Map(), own: self },
};
const parts: readonly [string, Partial<View>, Partial<View>][] = [
  ['claims', { claimsConnection: 3 }, { claimsConnection: undefined }],
  ['maintenance', { maintenance: { connection: 3, isPresent: false } }, { maintenance: undefined }],
  ['drains', { drains: { connection: 3, drained: new Set() } }, { drains: undefined }],
  [
    'members',
    { members: { connection: 3, members: new Map(), own: self } },
    { members: undefined },
  ],
];

describe('a view', () => {
  const session = { ...state.session, connection: 4 };

  it('is enough when every part was read on this connection', () => {
    expect(isViewSufficient(whole, session)).toBe(true);
    expect(wasViewComplete(whole)).toBe(true);
  });

  it('is never enough without a connection', () => {
    expect(isViewSufficient(whole, { ...session, connection: undefined })).toBe(false);
    expect(isViewSufficient(empty, { ...session, connection: undefined })).toBe(false);
  });

  it.each(parts)('is not enough, but complete, with %s of an earlier connection', (_, old) => {
    expect(isViewSufficient({ ...whole, ...old }, session)).toBe(false);
    expect(wasViewComplete({ ...whole, ...old })).toBe(true);
  });

  it('is enough, whatever else is missing, with a maintenance flag of this connection', () => {
    const flagged = { ...empty, maintenance: { connection: 4, isPresent: true } };
    expect(isViewSufficient(flagged, session)).toBe(true);
    expect(isViewSufficient(flagged, { ...session, connection: 5 })).toBe(false);
    expect(isViewSufficient(flagged, { ...session, connection: undefined })).toBe(false);
  });

  it.each(parts)('is neither without %s', (_, __, missing) => {
    expect(isViewSufficient({ ...whole, ...missing }, session)).toBe(false);
    expect(wasViewComplete({ ...whole, ...missing })).toBe(false);
  });
});

describe('hearView', () => {
  it('gives each VIP its claim, and takes no notice of others', () => {
    const claims = new Map<typeof vip1, Holder>([
      [vip1, self],
      [vip6, other],
      [vip('192.0.2.1'), other],
    ]);
    const event = { kind: 'claimsRead', connection: 4, service: apex, claims } as const;
    const after = hearView(service, event, 1_000);
    expect(after.view.claimsConnection).toBe(4);
    expect([...after.vips.values()].map(({ claim }) => claim)).toEqual([
      { holder: self, sinceMs: 1_000 },
      { holder: undefined, sinceMs: 1_000 },
      { holder: other, sinceMs: 1_000 },
    ]);
    expect([...after.vips.keys()]).toEqual([vip1, vip2, vip6]);
  });

  it.each([true, false])('keeps whether maintenance is present: %s', (isPresent) => {
    const event = { kind: 'maintenanceRead', connection: 4, service: apex, isPresent } as const;
    expect(isInMaintenance(hearView(service, event, 0))).toBe(isPresent);
  });

  it('takes maintenance for absent before the first read', () => {
    expect(isInMaintenance(service)).toBe(false);
  });

  it('keeps drained names as they are, known or not', () => {
    const drained = new Set(['lb1', 'lb77', vip1]);
    const event = { kind: 'drainsRead', connection: 4, service: apex, drained } as const;
    expect(hearView(service, event, 0).view.drains).toEqual({ connection: 4, drained });
  });

  const report = { health: 'up', announces: [], isLeaving: false } as const;
  it.each<[string, Holder | undefined, typeof report | undefined]>([
    ['is ours', self, report],
    ['is gone', undefined, undefined],
    ['is of an earlier life', { kind: 'predecessor', sameSpeaker: true }, undefined],
    ['is a twin’s', { kind: 'twin', detail: '' }, undefined],
  ])('remembers what we published only while our member znode %s', (_, own, published) => {
    const before = { ...service, presence: { ...service.presence, published: report } };
    const members = new Map([[lb2, undefined]]);
    const event = { kind: 'membersRead', connection: 4, service: apex, members, own } as const;
    const after = hearView(before, event, 0);
    expect(after.presence.published).toEqual(published);
    expect(after.view.members).toEqual({ connection: 4, members, own });
  });
});

describe('hearView of what was read already', () => {
  const claims = () => new Map<typeof vip1, Holder>([[vip1, { ...self }]]);
  const report = () => ({ health: 'up', announces: [vip1], isLeaving: false }) as const;
  const of = { connection: 4, service: apex } as const;
  const parts: readonly [string, (own: Holder) => Parameters<typeof hearView>[1]][] = [
    ['claims', () => ({ ...of, kind: 'claimsRead', claims: claims() })],
    ['maintenance', () => ({ ...of, kind: 'maintenanceRead', isPresent: false })],
    ['drains', () => ({ ...of, kind: 'drainsRead', drained: new Set([vip1]) })],
    [
      'members',
      (own) => ({ ...of, kind: 'membersRead', members: new Map([[lb2, report()]]), own }),
    ],
  ];

  it.each(parts)('leaves the service the very object that it was: %s', (_, event) => {
    const before = hearView(service, event({ ...self }), 1_000);
    expect(before).not.toBe(service);
    expect(hearView(before, event({ ...self }), 2_000)).toBe(before);
    const connection = 5;
    expect(hearView(before, { ...event({ ...self }), connection }, 2_000)).not.toBe(before);
  });
});

describe('withClaim', () => {
  const claimed = (holder: Holder | undefined): VipState => ({
    ...vipState,
    claim: { holder, sinceMs: 500 },
  });
  it.each<[string, VipState, Holder | undefined, number]>([
    ['first seen', vipState, other, 1_000],
    ['first seen missing', vipState, undefined, 1_000],
    ['still there', claimed(other), other, 500],
    ['in other hands', claimed(other), { kind: 'member', member: 'lb2' }, 500],
    ['still missing', claimed(undefined), undefined, 500],
    ['gone', claimed(other), undefined, 1_000],
    ['back', claimed(undefined), other, 1_000],
  ])('dates a claim that is %s', (_, before, holder, sinceMs) => {
    expect(withClaim(before, holder, 1_000).claim).toEqual({ holder, sinceMs });
  });
});

it('knows what a maintenance says of itself, told later, until it ends', () => {
  const note = { who: 'jd', why: 'disk', expiresMs: undefined };
  const run = settledRun();
  const known = () => run.state.services.get(apex)?.view.maintenance?.note;
  run.maintenance(true);
  expect(known()).toBeUndefined();
  run.maintenance(true, note);
  run.maintenance(true);
  expect(known()).toEqual(note);
  run.maintenance(false);
  run.maintenance(true);
  expect(known()).toBeUndefined();
});
