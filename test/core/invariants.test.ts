import { describe, expect, it } from 'vitest';
import type { Effect } from '../../src/core/effect.ts';
import type { Event } from '../../src/core/event.ts';
import { initialState } from '../../src/core/initial-state.ts';
import { brokenInvariants } from '../../src/core/invariants.ts';
import { Services } from '../../src/core/services.ts';
import type { ServiceName } from '../../src/core/settings.ts';
import {
  mapServices,
  mapVips,
  type RouteState,
  type ServiceState,
  type State,
  type View,
  type VipState,
} from '../../src/core/state.ts';
import type { Step } from '../../src/core/step.ts';
import type { Vip } from '../../src/core/vip.ts';
import {
  apex,
  lb1,
  ownerAttributes,
  settings,
  settledRun,
  standbyAttributes,
  vip,
  vip1,
  vip2,
} from '../helpers/core-run.ts';

const before = settledRun().state;
const timer: Event = { kind: 'timerFired' };
const stranger = vip('192.0.2.1');

function withVip(state: State, of: Vip, change: Partial<VipState>): State {
  return mapServices(state, (service) =>
    mapVips(service, (entry) => (entry.vip === of ? { ...entry, ...change } : entry)),
  );
}

function withService(state: State, change: Partial<ServiceState>): State {
  return mapServices(state, (service) => ({ ...service, ...change }));
}

function stateOf(of: Vip): VipState {
  const found = before.services.get(apex)?.vips.get(of);
  if (found === undefined) throw new Error(`${of} is not configured`);
  return found;
}

function viewOf(state: State): View {
  const service = state.services.get(apex);
  if (service === undefined) throw new Error('apex is gone');
  return service.view;
}

const { route } = stateOf(vip1);
const open = { command: 7, wanted: ownerAttributes } as const;

/** With one command open for a VIP, and counted among the open ones. */
function withOpen(state: State, of: Vip, command: number, change: Partial<RouteState> = {}): State {
  const waiting = withVip(state, of, {
    route: { ...route, ...change, open: { ...open, command } },
  });
  const all = new Map(state.speaker.open).set(command, { service: apex, vip: of });
  return { ...waiting, speaker: { ...waiting.speaker, open: all } };
}

/** What is broken after a step from an ordinary day to `state`. */
function broken(state: State, effects: readonly Effect[] = [], step: Partial<Step> = {}) {
  return brokenInvariants(before, timer, { state, effects, wakeAtMs: undefined, ...step });
}

describe('an ordinary step', () => {
  it('breaks nothing', () => {
    expect(broken(before)).toEqual([]);
  });

  it('breaks nothing when the VIP is new', () => {
    const empty = initialState(settings({ vips: [] }), 0);
    const none = initialState(settings({}, { services: [] }), 0);
    const after = { state: before, effects: [], wakeAtMs: undefined };
    expect(brokenInvariants(empty, timer, after)).toEqual([]);
    expect(brokenInvariants(none, timer, after)).toEqual([]);
  });
});

describe('a decision', () => {
  const inMaintenance = (state: State): State =>
    mapServices(state, (service) => ({
      ...service,
      view: {
        ...service.view,
        maintenance: { connection: state.session.connection ?? 0, isPresent: true },
      },
    }));

  it('announces nothing in maintenance', () => {
    expect(broken(inMaintenance(before))).toEqual(['10.20.255.1/32 is announced in maintenance']);
  });

  it('may go on announcing when maintenance was seen by a view that is no longer believed', () => {
    const state = inMaintenance(before);
    const session = { ...state.session, belief: 'suspended' } as const;
    expect(broken({ ...state, session })).toEqual([]);
  });

  it.each(['down', 'unknown'] as const)('announces nothing with health %s', (health) => {
    expect(broken(withService(before, { health }))).toEqual([
      `10.20.255.1/32 is announced as owner with health ${health}`,
    ]);
  });

  it('announces nothing after leaving', () => {
    const leave = {
      reason: 'drained',
      sinceMs: 0,
      carriedSinceMs: 0,
      isDone: true,
      hasReportedNobody: false,
    } as const;
    expect(broken(withVip(before, vip1, { leave }))).toEqual([
      '10.20.255.1/32 is announced after leaving',
    ]);
    expect(broken(withVip(before, vip1, { leave: { ...leave, isDone: false } }))).toEqual([]);
  });

  it('has attributes for its role', () => {
    const decision = { kind: 'announce', role: 'down', reason: 'healthDown' } as const;
    expect(broken(withVip(before, vip1, { decision }))).toEqual([
      '10.20.255.1/32 has no attributes for role down',
    ]);
  });
});

describe('a standby route', () => {
  const decision = { kind: 'announce', role: 'standby', reason: 'heldByOwner' } as const;
  const withStandby = (prepend: number): State => {
    const standby = { ...standbyAttributes, asPathPrepend: prepend };
    return mapServices(withVip(before, vip2, { decision }), (service) => ({
      ...service,
      settings: {
        ...service.settings,
        announce: { ...service.settings.announce, standby },
      },
    }));
  };
  const leave = {
    reason: 'drained',
    sinceMs: 0,
    carriedSinceMs: undefined,
    isDone: false,
    hasReportedNobody: false,
  } as const;

  it('can be told from its owner’s', () => {
    expect(broken(withStandby(0))).toEqual([]);
    expect(broken(withStandby(1))).toEqual([
      '10.20.255.2/32 is announced as standby with no AS to prepend',
    ]);
  });

  it('is for what others carry, and is not handed over', () => {
    const agreed = { kind: 'announce', role: 'owner', reason: 'owner' } as const;
    const carried = withVip(withStandby(0), vip2, { agreed });
    expect(broken(carried)).toEqual([
      '10.20.255.2/32 is announced as standby by a member that is to carry it',
    ]);
    const damped = { ...decision, reason: 'damped' } as const;
    expect(broken(withVip(carried, vip2, { decision: damped }))).toEqual([]);
    expect(broken(withVip(withStandby(0), vip2, { leave }))).toEqual([
      '10.20.255.2/32 is announced as standby while leaving',
    ]);
  });

  it('has attributes', () => {
    expect(broken(withVip(before, vip2, { decision }))).toEqual([
      '10.20.255.2/32 has no attributes for role standby',
    ]);
  });
});

describe('a command', () => {
  const opened = withOpen(before, vip1, 7);
  const stepTo = (state: State): Step => ({ state, effects: [], wakeAtMs: undefined });

  it('is not dropped before it is answered', () => {
    const sentence = ['10.20.255.1/32 dropped command 7 before it was answered'];
    expect(brokenInvariants(opened, timer, stepTo(before))).toEqual(sentence);
    const replaced = stepTo(withOpen(before, vip1, 8));
    expect(brokenInvariants(opened, timer, replaced)).toEqual(sentence);
    const answer = { kind: 'commandAnswered', outcome: 'accepted', detail: '' } as const;
    expect(brokenInvariants(opened, { ...answer, command: 6 }, stepTo(before))).toEqual(sentence);
    expect(brokenInvariants(opened, { ...answer, command: 7 }, stepTo(before))).toEqual([]);
    expect(brokenInvariants(opened, timer, stepTo(opened))).toEqual([]);
  });

  it('is counted as long as its prefix waits for it', () => {
    const uncounted = { ...opened, speaker: before.speaker };
    expect(broken(uncounted)).toEqual(['10.20.255.1/32 waits for command 7, which is not open']);
    const unknown = { ...before, speaker: opened.speaker };
    expect(broken(unknown)).toEqual(['10.20.255.1/32 does not wait for its command 7']);
    const taken = new Map([[7, { service: apex, vip: vip2 }]]);
    expect(broken({ ...opened, speaker: { ...opened.speaker, open: taken } })).toEqual([
      '10.20.255.1/32 waits for command 7, which is not open',
      '10.20.255.2/32 does not wait for its command 7',
    ]);
    for (const [service, of] of [
      ['edge' as ServiceName, vip1],
      [apex, stranger],
    ] as const) {
      const lost = new Map([[7, { service, vip: of }]]);
      expect(broken({ ...before, speaker: { ...before.speaker, open: lost } })).toEqual([
        `${of} does not wait for its command 7`,
      ]);
    }
  });

  it('is the only one for its prefix in a step', () => {
    const announce = { kind: 'announceRoute', attributes: ownerAttributes, command: 7 } as const;
    const once: readonly Effect[] = [{ ...announce, vip: vip1 }];
    expect(broken(opened, once)).toEqual([]);
    expect(broken(opened, [...once, ...once])).toEqual([
      'two commands for 10.20.255.1/32 in one step',
    ]);
  });

  it('is open, for a configured VIP', () => {
    expect(broken(before, [{ kind: 'withdrawRoute', vip: stranger, command: 8 }])).toEqual([
      'command 8 for 192.0.2.1/32 is not open',
    ]);
    expect(broken(opened, [{ kind: 'withdrawRoute', vip: stranger, command: 7 }])).toEqual([
      'command 7 for 192.0.2.1/32 is not open',
    ]);
  });

  it('is one of 20 open ones at most', () => {
    const vips = Array.from({ length: 21 }, (_, index) => ({
      vip: vip(`10.20.0.${index}`),
      owner: lb1,
    }));
    const many = initialState(settings({ vips }), 0);
    const allOpen = (count: number) =>
      vips.slice(0, count).reduce((state, entry, index) => withOpen(state, entry.vip, index), many);
    expect(brokenInvariants(many, timer, stepTo(allOpen(20)))).toEqual([]);
    expect(brokenInvariants(many, timer, stepTo(allOpen(21)))).toEqual([
      '21 commands are open at once',
    ]);
  });
});

describe('hands off', () => {
  const blind = { ...before, session: { ...before.session, belief: 'blind' } as const };
  const sentence = ['10.20.255.2/32 changed hands without a view of ZooKeeper'];

  it.each([
    { kind: 'announce', role: 'backup', reason: 'claimMissing' } as const,
    { kind: 'withdraw', reason: 'drained' } as const,
    { kind: 'hold', reason: 'settling' } as const,
  ])('a VIP does not change hands while blind: %o', (agreed) => {
    expect(broken(withVip(blind, vip2, { agreed }))).toEqual(sentence);
    expect(broken(withVip(before, vip2, { agreed }))).toEqual([]);
  });

  it('nor on a view of an earlier connection', () => {
    const agreed = { kind: 'announce', role: 'backup', reason: 'claimMissing' } as const;
    const session = { ...before.session, connection: 99 };
    expect(broken(withVip({ ...before, session }, vip2, { agreed }))).toEqual(sentence);
  });

  it('except by new settings, when the VIP was announced for another service', () => {
    const agreed = { kind: 'announce', role: 'backup', reason: 'claimMissing' } as const;
    const event: Event = { kind: 'settingsChanged', settings: settings() };
    const two = (state: State, edges: ServiceState) => ({
      ...state,
      services: new Services([...state.services.list, edges]),
    });
    const [ofApex] = withVip(blind, vip2, { agreed }).services.list;
    if (ofApex === undefined) throw new Error('apex is gone');
    const ofEdge = {
      ...ofApex,
      settings: { ...ofApex.settings, name: 'edge' as ServiceName },
    };
    const was = two(blind, ofEdge);
    const is = { state: withVip(was, vip2, { agreed }), effects: [], wakeAtMs: undefined };
    expect(brokenInvariants(was, event, is)).toEqual([]);
    expect(brokenInvariants(was, timer, is)).toEqual(sentence);
    expect(brokenInvariants(blind, event, is)).toEqual(sentence);
  });

  it.each([
    { kind: 'announce', role: 'backup', reason: 'coordinationLost' } as const,
    { kind: 'withdraw', reason: 'coordinationLost' } as const,
    { kind: 'withdraw', reason: 'maintenance' } as const,
  ])('except by the configured policy: %o', (agreed) => {
    expect(broken(withVip(blind, vip2, { agreed }))).toEqual([]);
  });

  it('lets what an earlier life had agreed be taken up, once, and never while believing', () => {
    const restored = { isInMaintenance: false, drained: [], vips: new Map() };
    const waiting = withService(blind, { restored });
    const taken = withVip(withService(waiting, { restored: undefined }), vip2, {
      agreed: { kind: 'announce', role: 'backup', reason: 'claimMissing' },
    });
    const from = (state: State, to: State) =>
      brokenInvariants(state, timer, { state: to, effects: [], wakeAtMs: undefined });
    expect(from(waiting, taken)).toEqual([]);
    expect(from(blind, taken)).toEqual(sentence);
    expect(from(waiting, withService(taken, { restored }))).toEqual(sentence);
    const live = { ...taken, session: { ...taken.session, belief: 'live' } as const };
    const unread = withService(live, { view: { ...viewOf(live), claimsConnection: undefined } });
    expect(from(waiting, unread)).toEqual(sentence);
  });
});

describe('a claim', () => {
  const create = { kind: 'createClaim', service: apex, vip: vip1, replaces: false } as const;
  const unclaimed = withVip(before, vip1, { claim: { holder: undefined, sinceMs: 0 } });

  it('is created for an announced VIP of ours that nobody holds, or our earlier life', () => {
    expect(broken(unclaimed, [create])).toEqual([]);
    const claim = { holder: { kind: 'predecessor', sameSpeaker: true }, sinceMs: 0 } as const;
    expect(broken(withVip(before, vip1, { claim }), [create])).toEqual([]);
  });

  it.each<[string, State, Partial<typeof create> & { readonly vip?: Vip }, string]>([
    [
      'a configured VIP',
      unclaimed,
      { vip: stranger },
      'a claim for 192.0.2.1/32, which is not configured',
    ],
    [
      'a configured service',
      unclaimed,
      { service: 'edge' as ServiceName },
      'a claim for 10.20.255.1/32, which is not configured',
    ],
    [
      'a VIP that we own',
      withVip(unclaimed, vip1, { isOwner: false }),
      {},
      'a claim for 10.20.255.1/32, which another member owns',
    ],
    [
      'an accepted announcement',
      withOpen(unclaimed, vip1, 7, { acked: 'unknown' }),
      {},
      'a claim for 10.20.255.1/32 before its announcement was accepted',
    ],
    [
      'a VIP that is not withdrawn',
      withVip(unclaimed, vip1, { route: { ...route, acked: 'absent' } }),
      {},
      'a claim for 10.20.255.1/32 before its announcement was accepted',
    ],
    [
      'a VIP that is to be announced',
      withVip(unclaimed, vip1, { decision: { kind: 'withdraw', reason: 'healthDown' } }),
      {},
      'a claim for 10.20.255.1/32, which is not announced as owner',
    ],
    [
      'an LB that its routers can reach',
      { ...unclaimed, speaker: { ...unclaimed.speaker, isConnected: false } },
      {},
      'a claim for 10.20.255.1/32 while cut off',
    ],
    [
      'an LB of which that is known',
      { ...unclaimed, speaker: { ...unclaimed.speaker, isConnected: undefined } },
      {},
      'a claim for 10.20.255.1/32 while cut off',
    ],
    [
      'a session that is believed',
      { ...unclaimed, session: { ...unclaimed.session, belief: 'suspended' } },
      {},
      'a claim for 10.20.255.1/32 without a view of ZooKeeper',
    ],
    [
      'a VIP that nobody else holds',
      withVip(before, vip1, { claim: { holder: { kind: 'unmarked' }, sinceMs: 0 } }),
      {},
      'a claim for 10.20.255.1/32 over that of unmarked',
    ],
    [
      'a VIP that we do not hold already',
      before,
      {},
      'a claim for 10.20.255.1/32 over that of self',
    ],
  ])('is created only for %s', (_, state, change, sentence) => {
    expect(broken(state, [{ ...create, ...change }])).toEqual([sentence]);
  });

  it('is not written to a connection that is gone', () => {
    const remove: Effect = { kind: 'deleteClaim', service: apex, vip: vip1 };
    expect(broken(before, [remove])).toEqual([]);
    const session = { ...before.session, connection: undefined };
    expect(broken({ ...before, session }, [remove])).toEqual([
      'a claim write for 10.20.255.1/32 without a connection',
    ]);
  });
});

describe('the end', () => {
  const exit: Effect = { kind: 'exit', code: 0, reason: 'stopped' };
  const ended = { ...before, hasEnded: true };

  it('has the exit last', () => {
    expect(broken(ended, [{ kind: 'closeSession' }, exit])).toEqual([]);
    expect(broken(ended, [exit, { kind: 'closeSession' }])).toEqual(['something follows the exit']);
  });

  it('comes with every exit', () => {
    expect(broken(before, [exit])).toEqual(['an exit without an end']);
  });

  it('is not followed by a wake-up', () => {
    expect(broken(ended, [exit], { wakeAtMs: 5_000 })).toEqual(['a wake-up after the end']);
  });
});
