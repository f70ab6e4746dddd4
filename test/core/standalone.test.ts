import { describe, expect, it } from 'vitest';
import { initialState, step } from '../../src/core/index.ts';
import type { ServiceSettings, Settings } from '../../src/core/settings.ts';
import {
  apex,
  backupAttributes,
  CoreRun,
  check,
  downAttributes,
  lb1,
  ownerAttributes,
  serviceSettings,
  settings,
  standbyAttributes,
  vip1,
  vip2,
  vip6,
} from '../helpers/core-run.ts';

const checked = { ...check, disableFile: '/etc/vipkeeper/disable' };
const announce = {
  owner: ownerAttributes,
  backup: backupAttributes,
  down: downAttributes,
  disabled: standbyAttributes,
};

function alone(service: Partial<ServiceSettings> = {}, overrides: Partial<Settings> = {}) {
  const own = [{ vip: vip1, owner: lb1 }];
  return settings(
    { vips: own, checks: [checked], ...service },
    { isStandalone: true, ...overrides },
  );
}

function disabledResult(run: CoreRun): void {
  run.hear({
    kind: 'checkCompleted',
    service: apex,
    check: 0,
    passed: false,
    isDisabled: true,
    detail: 'disabled',
    durationMs: 1,
  });
}

/** Up and announced. */
function upRun(ofSettings = alone({ announce })): CoreRun {
  const run = new CoreRun(ofSettings).speakerUp();
  for (let count = 0; count < check.rise; count += 1) run.verdict(true);
  run.ack();
  run.take();
  return run;
}

describe('an agent without ZooKeeper', () => {
  it('says nothing before the first verdict, and announces with the owner’s attributes after it', () => {
    const run = new CoreRun(alone()).speakerUp();
    run.verdict(true);
    expect(run.take()).toEqual([]);
    expect(run.decision(vip1)).toEqual({ kind: 'hold', reason: 'noVerdict' });
    run.verdict(true);
    expect(run.decision(vip1)).toEqual({
      kind: 'announce',
      role: 'owner',
      reason: 'standalone',
    });
    expect(run.take()).toEqual([`announceRoute ${vip1} self med 100`]);
  });

  it('announces the VIPs of others with the backups’ attributes, so that one file makes tiers', () => {
    const run = new CoreRun(settings({}, { isStandalone: true })).speakerUp();
    expect(run.take()).toEqual([
      `announceRoute ${vip1} self med 100`,
      `announceRoute ${vip2} self med 200`,
      `announceRoute ${vip6} self med 200`,
    ]);
  });

  it.each([
    [undefined, `withdrawRoute ${vip1}`],
    [downAttributes, `announceRoute ${vip1} self med 1000`],
  ])('withdraws a sick service, or announces it as such: %j', (down, expected) => {
    const run = upRun(alone({ announce: { ...announce, down } }));
    for (let count = 0; count < check.fall; count += 1) run.verdict(false);
    expect(run.take()).toEqual([expected]);
  });

  it('withdraws at once when it is stopped, also what it has never announced', () => {
    const run = new CoreRun(alone()).speakerUp();
    run.take();
    run.hear({ kind: 'stopRequested', signal: 'SIGTERM' });
    expect(run.take()).toEqual([`withdrawRoute ${vip1}`]);
    const [command = 0] = run.openCommands();
    run.hear({ kind: 'commandAnswered', command, outcome: 'accepted', detail: '' });
    expect(run.take()).toContain('exit 0 stopped');
  });

  it('claims nothing, publishes nothing, keeps nothing, and minds no neighbor that is down', () => {
    const run = upRun();
    run.neighbor(false);
    run.advance(60_000);
    expect(run.take()).toEqual([]);
    expect(run.kept).toEqual([]);
    expect(run.decision(vip1).kind).toBe('announce');
  });

  it('withdraws a VIP and a service that are configured no more, and forgets them', () => {
    const www = {
      ...serviceSettings(),
      name: 'www' as typeof apex,
      vips: [{ vip: vip6, owner: lb1 }],
    };
    const before = alone({ checks: [], vips: [vip1, vip2].map((vip) => ({ vip, owner: lb1 })) });
    const run = new CoreRun({ ...before, services: [...before.services, www] }).speakerUp().ack();
    run.take();
    run.hear({ kind: 'settingsChanged', settings: alone({ checks: [] }) });
    expect(run.take()).toEqual([
      expect.stringMatching('^setServices'),
      `withdrawRoute ${vip2}`,
      `withdrawRoute ${vip6}`,
    ]);
    run.ack();
    expect(
      run.state.services.list.map(({ settings: { name }, vips }) => [name, vips.size]),
    ).toEqual([[apex, 1]]);
  });

  it('is never made one of many, nor the other way round, while it runs', () => {
    const state = initialState(alone(), 0);
    expect(() => step(state, { kind: 'settingsChanged', settings: settings() }, 0)).toThrow(
      'cannot come or go',
    );
  });

  it('goes on announcing whatever it hears of a ZooKeeper that is not its', () => {
    const run = upRun();
    const connection = 1;
    run.hear({ kind: 'sessionEstablished', epoch: 1, connection, timeoutMs: 6_000, proofMs: 0 });
    run.hear({ kind: 'maintenanceRead', connection, service: apex, isPresent: true });
    expect(run.take()).toEqual([]);
    expect(run.decision(vip1)).toEqual({ kind: 'announce', role: 'owner', reason: 'standalone' });
  });
});

describe('a disable file', () => {
  it('takes the service out at once, whatever its health, with attributes of its own', () => {
    const run = new CoreRun(alone({ announce })).speakerUp();
    disabledResult(run);
    expect(run.take()).toContain(`announceRoute ${vip1} self med 300`);
    expect(run.decision(vip1)).toEqual({ kind: 'announce', role: 'disabled', reason: 'disabled' });
  });

  it('withdraws it where there are none', () => {
    const run = upRun(alone());
    disabledResult(run);
    expect(run.take()).toEqual([`withdrawRoute ${vip1}`]);
    expect(run.decision(vip1)).toEqual({ kind: 'withdraw', reason: 'disabled' });
  });

  it('takes it out by the first check that sees it, though another check is up', () => {
    const run = new CoreRun(alone({ checks: [checked, checked], health: 1 })).speakerUp();
    for (let count = 0; count < check.rise; count += 1) run.verdict(true);
    run.ack();
    run.take();
    run.hear({
      kind: 'checkCompleted',
      service: apex,
      check: 1,
      passed: false,
      isDisabled: true,
      detail: 'disabled',
      durationMs: 1,
    });
    expect(run.take()).toEqual([`withdrawRoute ${vip1}`]);
    expect(run.decision(vip1)).toEqual({ kind: 'withdraw', reason: 'disabled' });
  });

  it('is no failure to tell of', () => {
    const run = upRun();
    disabledResult(run);
    expect(run.reports.map(({ kind }) => kind)).not.toContain('checkFailed');
  });

  it('that goes leaves everything as it is until there is a verdict; the first result does not count', () => {
    const run = upRun();
    disabledResult(run);
    run.ack();
    run.take();
    for (let count = 0; count < check.rise; count += 1) run.verdict(true);
    expect(run.take()).toEqual([]);
    expect(run.decision(vip1)).toEqual({ kind: 'hold', reason: 'noVerdict' });
    run.verdict(true);
    expect(run.take()).toEqual([`announceRoute ${vip1} self med 100`]);
  });

  it('is looked for again after an interval, as is the check after it', () => {
    const run = upRun();
    disabledResult(run);
    expect(run.state.services.list[0]?.checks[0]?.nextRunMs).toBe(run.nowMs + check.intervalMs);
  });

  it('does not keep a stopped agent from withdrawing', () => {
    const run = upRun();
    disabledResult(run);
    run.ack();
    run.take();
    run.hear({ kind: 'stopRequested', signal: 'SIGTERM' });
    expect(run.take()).toEqual([`withdrawRoute ${vip1}`]);
  });
});

it('tells the phases of a check: every turn once', () => {
  const run = new CoreRun(alone()).speakerUp();
  for (const passed of [true, true, true, false, true, false, false, true]) run.verdict(passed);
  disabledResult(run);
  disabledResult(run);
  run.verdict(false);
  run.verdict(false);
  const turns = run.reports.flatMap((report) => (report.kind === 'checkTurned' ? report.to : []));
  expect(turns).toEqual([
    'rising',
    'up',
    'falling',
    'up',
    'falling',
    'down',
    'rising',
    'disabled',
    'init',
    'falling',
  ]);
});

describe('an agent that ends once it has decided', () => {
  const once = alone({ announce }, { endsOnceDecided: true });

  /** Nothing answers an agent that has ended. */
  function answer(run: CoreRun, outcome: 'accepted' | 'refused'): void {
    for (const command of run.openCommands())
      run.hear({ kind: 'commandAnswered', command, outcome, detail: '' });
  }

  it('waits for the verdict and for ExaBGP, and leaves its routes', () => {
    const run = new CoreRun(once).speakerUp();
    run.verdict(true);
    expect(run.take()).not.toContain('exit 0 done');
    run.verdict(true);
    expect(run.take()).toEqual([`announceRoute ${vip1} self med 100`]);
    answer(run, 'accepted');
    expect(run.take()).toEqual(expect.arrayContaining(['closeSession', 'exit 0 done']));
    expect(run.state.services.list[0]?.vips.get(vip1)?.route.acked).toEqual(ownerAttributes);
  });

  it('does not wait for a route that ExaBGP refuses', () => {
    const run = new CoreRun(once).speakerUp();
    for (let count = 0; count < check.fall; count += 1) run.verdict(false);
    answer(run, 'refused');
    expect(run.take()).toContain('exit 0 done');
  });
});
