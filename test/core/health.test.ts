import { describe, expect, it } from 'vitest';
import type { CheckCompleted } from '../../src/core/event.ts';
import { continueHealth, dueChecks, hearCheck, startCheck } from '../../src/core/health.ts';
import { initialState } from '../../src/core/initial-state.ts';
import type { CheckSettings, ServiceName } from '../../src/core/settings.ts';
import { nextSteadyRunMs } from '../../src/core/splay.ts';
import { mapVips, type ServiceState } from '../../src/core/state.ts';
import {
  apex,
  CoreRun,
  check,
  lb1,
  lb2,
  serviceSettings,
  settings,
  vip,
  vip1,
  vip2,
} from '../helpers/core-run.ts';

function serviceWith(checks: readonly CheckSettings[]): ServiceState {
  const service = initialState(settings({ checks }), 0).services.get(apex);
  if (service === undefined) throw new Error('apex is gone');
  return service;
}

function completed(passed: boolean, index = 0): CheckCompleted {
  return {
    kind: 'checkCompleted',
    service: apex,
    check: index,
    passed,
    detail: passed ? 'exit 0' : 'exit 7',
    durationMs: 10,
  };
}

/** Results as text, `+` a pass and `-` a failure; one second apart. */
function checkedBy(results: string, settingsOfCheck: CheckSettings = check): ServiceState {
  return [...results].reduce(
    (service, sign, index) => hearCheck(service, completed(sign === '+'), index * 1_000),
    serviceWith([settingsOfCheck]),
  );
}

describe('a check', () => {
  const threeUpTwoDown = { ...check, rise: 3, fall: 2 };
  it.each([
    ['', 'unknown', 0],
    ['+', 'unknown', 1],
    ['++', 'unknown', 2],
    ['+++', 'up', 3],
    ['++-+', 'unknown', 1],
    ['-', 'unknown', -1],
    ['--', 'down', -2],
    ['-+-', 'unknown', -1],
    ['+++-', 'up', -1],
    ['+++-+-+-', 'up', -1],
    ['+++--', 'down', -2],
    ['+++--+', 'down', 1],
    ['+++--++-++', 'down', 2],
    ['+++--+++', 'up', 3],
    ['++++++', 'up', 6],
  ])('with rise 3 and fall 2 is, after "%s", %s with a streak of %i', (results, health, streak) => {
    const service = checkedBy(results, threeUpTwoDown);
    expect(service.health).toBe(health);
    expect(service.checks[0]?.streak).toBe(streak);
  });

  it('keeps the detail and the duration of its last result', () => {
    expect(checkedBy('').checks[0]).toMatchObject({ detail: '', durationMs: undefined });
    expect(checkedBy('++-').checks[0]).toMatchObject({ detail: 'exit 7', durationMs: 10 });
  });

  it('that is not configured changes nothing', () => {
    const service = serviceWith([check]);
    expect(hearCheck(service, completed(true, 1), 0)).toBe(service);
    expect(startCheck(service, 1, 0)).toBe(service);
  });
});

describe('pacing', () => {
  /** One of the moments at which the first check of apex runs every interval. */
  const steadyMs = nextSteadyRunMs(apex, 0, check, 100_000);
  const started = (service: ServiceState) => startCheck(service, 0, steadyMs);
  it.each([
    ['', '+', 1_000, 'no verdict yet'],
    ['', '-', 1_000, 'no verdict yet'],
    ['+', '+', 5_000, 'it just became up'],
    ['++', '+', 5_000, 'it stays up'],
    ['++', '-', 1_000, 'the result disagrees'],
    ['++-', '-', 5_000, 'it just became down'],
    ['++--', '-', 5_000, 'it stays down'],
    ['++--', '+', 1_000, 'the result disagrees'],
    ['++-', '+', 5_000, 'it agrees again'],
  ])('after "%s" and then "%s", runs again in %i ms: %s', (before, last, paceMs) => {
    const service = hearCheck(started(checkedBy(before)), completed(last === '+'), steadyMs + 10);
    expect(service.checks[0]?.nextRunMs).toBe(steadyMs + paceMs);
  });

  it('counts from the start of the run, and never from before its end', () => {
    const slow = hearCheck(started(checkedBy('++')), completed(true), steadyMs + 7_000);
    expect(slow.checks[0]?.nextRunMs).toBe(steadyMs + 7_000);
  });

  it('counts from the result when no start is known', () => {
    const service = hearCheck(checkedBy('++'), completed(true), steadyMs);
    expect(service.checks[0]?.nextRunMs).toBe(steadyMs + 5_000);
  });

  it('has a check due at its time, not before, and not while it runs', () => {
    const service = hearCheck(started(checkedBy('++')), completed(true), steadyMs + 10);
    expect(dueChecks(service, steadyMs + 4_999)).toEqual([]);
    expect(dueChecks(service, steadyMs + 5_000)).toEqual([0]);
    expect(dueChecks(startCheck(service, 0, steadyMs + 5_000), 200_000)).toEqual([]);
  });

  it('is kept by the agent: every check soon, then each at its own pace', () => {
    const slow = { ...check, intervalMs: 9_000, fastIntervalMs: 9_000 };
    const run = new CoreRun(settings({ checks: [check, slow] }));
    const startsMs: number[] = [];
    for (let count = 0; count < 400; count += 1) {
      const { checks } = run.state.services.get(apex) ?? { checks: [] };
      checks.forEach(({ runningSinceMs }, index) => {
        if (runningSinceMs === undefined) return;
        if (index === 1) startsMs.push(runningSinceMs);
        run.hear(completed(true, index));
      });
      run.advance(100);
    }
    const [first = Number.NaN, second = Number.NaN, third = Number.NaN, fourth] = startsMs;
    expect(first).toBeGreaterThanOrEqual(1_000);
    expect(first).toBeLessThan(1_010);
    expect(second).toBe(first + 9_000);
    expect(third - second).toBeLessThanOrEqual(9_005);
    expect(fourth).toBe(third + 9_000);
  });
});

describe('the health of a service', () => {
  it('is up from the start without checks', () => {
    expect(serviceWith([]).health).toBe('up');
  });

  it.each([
    ['++', '++', 'up'],
    ['++', '+', 'unknown'],
    ['++', '', 'unknown'],
    ['++', '--', 'down'],
    ['', '--', 'down'],
    ['--', '--', 'down'],
  ])('with checks at "%s" and "%s" is %s', (one, two, health) => {
    const results = [...one].map((sign) => [sign, 0] as const);
    const more = [...two].map((sign) => [sign, 1] as const);
    const service = [...results, ...more].reduce(
      (state, [sign, index]) => hearCheck(state, completed(sign === '+', index), 0),
      serviceWith([check, check]),
    );
    expect(service.health).toBe(health);
  });
});

describe('a service that needs some of its three checks', () => {
  it.each([
    ['all', ['++', '++', '++'], 'up'],
    ['all', ['++', '--', '++'], 'down'],
    ['all', ['++', '', '++'], 'unknown'],
    [1, ['', '', '++'], 'up'],
    [1, ['--', '--', '++'], 'up'],
    [1, ['--', '--', ''], 'unknown'],
    [1, ['--', '--', '--'], 'down'],
    [2, ['++', '--', '++'], 'up'],
    [2, ['++', '', '--'], 'unknown'],
    [2, ['', '--', '--'], 'down'],
  ] as const)('(%s of them) and has %j is %s', (health, results, expected) => {
    const base = serviceWith([check, check, check]);
    const service = results.reduce<ServiceState>(
      (state, signs, index) =>
        [...signs].reduce((s, sign) => hearCheck(s, completed(sign === '+', index), 0), state),
      { ...base, settings: { ...base.settings, health } },
    );
    expect(service.health).toBe(expected);
  });
});

describe('continueHealth', () => {
  const claimed = (service: ServiceState, sameSpeaker: boolean, of = vip1): ServiceState =>
    mapVips(service, (state) =>
      state.vip === of
        ? { ...state, claim: { holder: { kind: 'predecessor', sameSpeaker }, sinceMs: 0 } }
        : state,
    );

  it('takes the first pass for up when our earlier life’s claim still stands', () => {
    expect(continueHealth(claimed(checkedBy('+'), true)).health).toBe('up');
  });

  it.each([
    ['no pass yet', claimed(checkedBy(''), true)],
    ['a failure', claimed(checkedBy('-'), true)],
    ['another ExaBGP', claimed(checkedBy('+'), false)],
    ['no claim', checkedBy('+')],
    ['a claim on a VIP of another', claimed(checkedBy('+'), true, vip2)],
  ])('waits for the rise with %s', (_, service) => {
    expect(continueHealth(service).health).toBe('unknown');
  });

  it('waits for every check, and leaves those with a verdict alone', () => {
    const one = claimed(hearCheck(serviceWith([check, check]), completed(true), 0), true);
    expect(continueHealth(one).health).toBe('unknown');
    const both = continueHealth(hearCheck(one, completed(true, 1), 0));
    expect(both.health).toBe('up');
    expect(continueHealth(both)).toBe(both);
  });

  it('never makes a down service up', () => {
    const down = claimed(checkedBy('--'), true);
    expect(continueHealth(down)).toBe(down);
  });
});

describe('two services of one agent', () => {
  const edge = 'edge' as ServiceName;
  const edgeVip = vip('10.20.254.1');
  const services = [
    serviceSettings({ checks: [check] }),
    serviceSettings({
      name: edge,
      vips: [
        { vip: edgeVip, owner: lb1 },
        { vip: vip('10.20.254.2'), owner: lb2 },
      ],
      checks: [check],
    }),
  ];

  function runOfTwo(): CoreRun {
    const run = new CoreRun(settings({}, { services })).speakerUp().connect().view();
    const { connection } = run;
    const claims = new Map();
    run.hear({ kind: 'claimsRead', connection, service: edge, claims });
    run.hear({ kind: 'maintenanceRead', connection, service: edge, isPresent: false });
    run.hear({ kind: 'drainsRead', connection, service: edge, drained: new Set() });
    const own = undefined;
    run.hear({ kind: 'membersRead', connection, service: edge, members: new Map(), own });
    for (const service of [apex, edge, apex, edge]) run.hear({ ...completed(true), service });
    run.ack().answerClaims();
    run.take();
    return run;
  }

  it('do not share their health', () => {
    const run = runOfTwo();
    for (let count = 0; count < 2; count += 1) run.hear({ ...completed(false), service: edge });
    expect(run.decision(edgeVip)).toEqual({ kind: 'withdraw', reason: 'healthDown' });
    expect(run.decision(vip1)).toEqual({ kind: 'announce', role: 'owner', reason: 'owner' });
  });

  it('do not share their maintenance', () => {
    const run = runOfTwo();
    run.maintenance(true);
    expect(run.decision(vip1)).toEqual({ kind: 'withdraw', reason: 'maintenance' });
    expect(run.decision(edgeVip)).toEqual({ kind: 'announce', role: 'owner', reason: 'owner' });
  });

  it('publish a member znode each', () => {
    const run = runOfTwo();
    run.hear({
      kind: 'memberAnswered',
      connection: run.connection,
      service: edge,
      outcome: 'done',
      detail: '',
    });
    run.answerMember();
    expect(run.take()).toEqual([
      'publishMember edge up announces [10.20.254.1/32]',
      'publishMember apex up announces [10.20.255.1/32]',
    ]);
  });

  it('wait for each other’s view no more than for each other’s health', () => {
    const run = new CoreRun(settings({}, { services })).speakerUp().connect().view();
    for (const service of [apex, edge, apex, edge]) run.hear({ ...completed(true), service });
    expect(run.decision(vip1)).toEqual({ kind: 'announce', role: 'owner', reason: 'owner' });
    expect(run.decision(edgeVip)).toEqual({ kind: 'hold', reason: 'noView' });
  });
});
