import { describe, expect, it } from 'vitest';
import { initialCheck, initialState } from '../../src/core/initial-state.ts';
import { dueServices, passOver } from '../../src/core/pass.ts';
import { parseAsn } from '../../src/core/route.ts';
import { Services } from '../../src/core/services.ts';
import type { ServiceName } from '../../src/core/settings.ts';
import { inService, type ServiceState, type State } from '../../src/core/state.ts';
import { serviceSettings, settings } from '../helpers/core-run.ts';

const names = ['one', 'two', 'three', 'four'].map((name) => name as ServiceName);
const [one, two, three, four] = names as [ServiceName, ServiceName, ServiceName, ServiceName];
const start = initialState(
  settings({}, { services: names.map((name) => serviceSettings({ name })) }),
  0,
);
/** Everything was decided, and came out as it had gone in. */
const settled: State = { ...start, pass: passOver(start, start) };

/** Names of the services that have to be decided. */
function due(state: State, { room = 0, nowMs = 0 } = {}): readonly ServiceName[] {
  return namesOf(dueServices(state, room, nowMs).filter(({ mustDecide }) => mustDecide));
}

/** Names of those that only their checks are to be seen to of. */
function checked(state: State, nowMs = 0): readonly ServiceName[] {
  return namesOf(dueServices(state, 0, nowMs).filter(({ mustDecide }) => !mustDecide));
}

function namesOf(due: ReturnType<typeof dueServices>): readonly ServiceName[] {
  return due.map(({ service }) => service.settings.name);
}

function withService(state: State, name: ServiceName, change: Partial<ServiceState>): State {
  return inService(state, name, (service) => ({ ...service, ...change }));
}

/** The same, as if the last step had left the services like this. */
function passed(state: State): State {
  return { ...state, pass: passOver(state, state) };
}

describe('of the services', () => {
  it('all are due at first', () => {
    expect(due(start)).toEqual(names);
  });

  it('none is due while nothing changes', () => {
    expect(due(settled, { room: 20, nowMs: 1e9 })).toEqual([]);
  });

  it('one is due that has changed, and so is one that the last step changed', () => {
    const changed = withService(settled, two, { health: 'down' });
    expect(due(changed)).toEqual([two]);
    expect(due({ ...changed, pass: passOver(settled, changed) })).toEqual([two]);
    expect(due(passed(changed))).toEqual([]);
  });

  it.each<[string, (state: State) => State]>([
    ['settings', (state) => ({ ...state, settings: settings() })],
    ['startedMs', (state) => ({ ...state, startedMs: 7 })],
    ['stopping', (state) => ({ ...state, stopping: { sinceMs: 0, isUrgent: false } })],
    ['belief', (state) => ({ ...state, session: { ...state.session, belief: 'blind' } })],
    ['connection', (state) => ({ ...state, session: { ...state.session, connection: 7 } })],
    ['timeoutMs', (state) => ({ ...state, session: { ...state.session, timeoutMs: 7 } })],
    ['phase', (state) => ({ ...state, speaker: { ...state.speaker, phase: 'ready' } })],
    ['isSilent', (state) => ({ ...state, speaker: { ...state.speaker, isSilent: true } })],
    ['isConnected', (state) => ({ ...state, speaker: { ...state.speaker, isConnected: true } })],
    [
      'localAs',
      (state) => ({ ...state, speaker: { ...state.speaker, localAs: parseAsn(65_001) } }),
    ],
  ])('all are due when what their rule reads has changed: %s', (_, change) => {
    expect(due(change(settled))).toEqual(names);
  });

  it('none is due for what their rule does not read', () => {
    const session = { ...settled.session, proofMs: 7 };
    const speaker = { ...settled.speaker, nextCommand: 7 };
    expect(due({ ...settled, session, speaker })).toEqual([]);
  });

  it('one is due at the time it asked for', () => {
    const at70 = { decideAtMs: 70, wakeAtMs: 70 };
    const at50 = { decideAtMs: 50, wakeAtMs: 50 };
    const waiting = passed(withService(withService(settled, two, at70), three, at50));
    expect(due(waiting, { nowMs: 49 })).toEqual([]);
    expect(due(waiting, { nowMs: 50 })).toEqual([three]);
    expect(due(waiting, { nowMs: 70 })).toEqual([two, three]);
  });

  it('only the checks of one are to be seen to when nothing else of it is new or due', () => {
    const check = initialCheck('up', 70);
    const ran = withService(settled, two, { checks: [check] });
    expect(due(ran)).toEqual([]);
    expect(checked(ran)).toEqual([two]);
    const waiting = passed(withService(settled, two, { checks: [check], wakeAtMs: 70 }));
    expect(checked(waiting, 69)).toEqual([]);
    expect(checked(waiting, 70)).toEqual([two]);
    expect(due(waiting, { nowMs: 70 })).toEqual([]);
  });

  it('one without a verdict is decided whatever its checks found, which may be enough', () => {
    const unknown = passed(withService(settled, two, { health: 'unknown' }));
    const ran = withService(unknown, two, { checks: [initialCheck('unknown', 70)] });
    expect(due(ran)).toEqual([two]);
  });

  it('one is decided whose disable file came or went, whatever its health', () => {
    const rests = passed(withService(settled, two, { isDisabled: true }));
    expect(due(withService(rests, two, { isDisabled: false }))).toEqual([two]);
    const ran = passed(withService(settled, two, { isDisabled: false }));
    expect(due(withService(ran, two, { isDisabled: true }))).toEqual([two]);
  });

  it('one that was not there is decided', () => {
    const before = new Services(settled.services.list.filter((s) => s.settings.name !== two));
    expect(due({ ...settled, pass: { ...settled.pass, services: before } })).toContain(two);
  });
});

describe('of the services that wait for room among the commands', () => {
  const waiting = passed(
    [
      [one, 'announce'],
      [two, 'announce'],
      [three, 'withdraw'],
      [four, 'withdraw'],
    ].reduce(
      (state, [name, waitsFor]) =>
        withService(state, name as ServiceName, { waitsFor } as Partial<ServiceState>),
      settled,
    ),
  );

  it('none is due while there is no room', () => {
    expect(due(waiting)).toEqual([]);
  });

  it('as many are due as there may be room for, of either kind, in configured order', () => {
    expect(due(waiting, { room: 1 })).toEqual([one, three]);
    expect(due(waiting, { room: 2 })).toEqual(names);
  });

  it('those that are due anyway take no place, for they may come to have nothing to send', () => {
    const timed = withService(waiting, one, { decideAtMs: 70, wakeAtMs: 70 });
    const later = { ...timed, pass: passOver(timed, timed) };
    expect(due(later, { room: 1, nowMs: 70 })).toEqual([one, two, three]);
  });
});
