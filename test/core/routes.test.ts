import { describe, expect, it } from 'vitest';
import type { Effect } from '../../src/core/effect.ts';
import { initialState } from '../../src/core/initial-state.ts';
import type { Decision } from '../../src/core/ownership.ts';
import type { PathId } from '../../src/core/route.ts';
import { openCommandsMax, wantedRoute } from '../../src/core/routes.ts';
import type { MemberId, ServiceName } from '../../src/core/settings.ts';
import { step } from '../../src/core/step.ts';
import type { Vip } from '../../src/core/vip.ts';
import {
  apex,
  backupAttributes,
  CoreRun,
  check,
  downAttributes,
  lb1,
  lb2,
  other,
  ownerAttributes,
  self,
  serviceSettings,
  settings,
  settledRun,
  vip,
  vip1,
  vip2,
  vip6,
} from '../helpers/core-run.ts';

const takeover = { delayMs: 0, releaseMs: 2_000, settleMs: 3_000 };

/** 50 VIPs, in turn lb1's and lb2's. */
const fifty: readonly { readonly vip: Vip; readonly owner: MemberId }[] = Array.from(
  { length: 50 },
  (_, index) => ({ vip: vip(`10.20.0.${index}`), owner: index % 2 === 0 ? lb1 : lb2 }),
);

function accept(run: CoreRun, command: number): void {
  run.hear({ kind: 'commandAnswered', command, outcome: 'accepted', detail: '' });
}

function commandsIn(lines: readonly string[]): readonly string[] {
  return lines.filter((line) => /^(announce|withdraw)Route/.test(line));
}

/** Lets lb1 be wanted with the down attributes, and ExaBGP refuse them `times` times. */
function runWithRefusals(times: number): CoreRun {
  const announce = { owner: ownerAttributes, backup: backupAttributes, down: downAttributes };
  const run = settledRun(settings({ checks: [check], announce }));
  run.verdict(false);
  run.verdict(false);
  for (let count = 0; count < times; count += 1) {
    if (count > 0) run.advance(60_000);
    run.ack('refused');
  }
  run.take();
  return run;
}

describe('wantedRoute', () => {
  const announce = { owner: ownerAttributes, backup: backupAttributes, down: undefined };
  const state = initialState(settings({ announce }), 0);
  it.each<[Decision, unknown]>([
    [{ kind: 'announce', role: 'owner', reason: 'owner' }, ownerAttributes],
    [{ kind: 'announce', role: 'backup', reason: 'claimMissing' }, backupAttributes],
    [{ kind: 'announce', role: 'down', reason: 'healthDown' }, undefined],
    [{ kind: 'withdraw', reason: 'maintenance' }, 'absent'],
    [{ kind: 'hold', reason: 'noView' }, undefined],
  ])('turns %o into what the speaker is to have', (decision, wanted) => {
    const service = state.services.get(apex);
    const vip = service?.vips.get(vip1);
    expect(service && vip && wantedRoute(service, { ...vip, decision }, undefined)).toEqual(wanted);
  });
});

describe('a place in the service’s list', () => {
  it('adds to the MED of each VIP', () => {
    const owned = fifty.slice(0, 3).map((entry) => ({ ...entry, owner: lb1 }));
    const announce = { owner: { ...ownerAttributes, medPerVip: 7 }, backup: backupAttributes };
    const run = new CoreRun(settings({ vips: owned, announce: { ...announce, down: undefined } }));
    run.speakerUp().connect().view();
    expect(commandsIn(run.take())).toEqual([
      'announceRoute 10.20.0.0/32 self med 100',
      'announceRoute 10.20.0.1/32 self med 107',
      'announceRoute 10.20.0.2/32 self med 114',
    ]);
  });
});

describe('the window of unanswered commands', () => {
  it('is 20 wide, and each answer makes room for one more', () => {
    const owned = fifty.map((entry) => ({ ...entry, owner: lb1 }));
    const run = new CoreRun(settings({ vips: owned })).speakerUp().connect().view();
    expect(openCommandsMax).toBe(20);
    expect(commandsIn(run.take())).toHaveLength(20);
    accept(run, 7);
    expect(commandsIn(run.take())).toEqual(['announceRoute 10.20.0.20/32 self med 100']);
    run.ack();
    expect(commandsIn(run.take())).toHaveLength(29);
    expect(run.openCommands()).toEqual([]);
  });

  it('is given to withdraws first, though half of the VIPs are to be announced', () => {
    const coldStart = { afterMs: 30_000, policy: 'own' } as const;
    const run = new CoreRun(settings({ vips: fifty }, { coldStart })).speakerUp();
    run.advance(30_000, { isProven: false });
    const lines = commandsIn(run.take());
    expect(lines).toHaveLength(20);
    expect(lines.filter((line) => line.startsWith('withdrawRoute'))).toHaveLength(20);
    accept(run, 1);
    expect(commandsIn(run.take())).toEqual(['withdrawRoute 10.20.0.41/32']);
  });

  it('lets a withdraw overtake announcements that wait for room', () => {
    const claims = fifty.filter(({ owner }) => owner === lb2).map((entry) => entry.vip);
    const run = new CoreRun(settings({ vips: fifty })).speakerUp().connect();
    run.view(claims.map((claimed) => [claimed, other] as const));
    expect(commandsIn(run.take()).filter((line) => line.startsWith('announce'))).toHaveLength(20);
    run.advance(2_000);
    expect(commandsIn(run.take())).toEqual([]);
    accept(run, 1);
    expect(commandsIn(run.take())).toEqual(['withdrawRoute 10.20.0.1/32']);
  });

  it('is shared by all services', () => {
    const services = ['apex', 'edge'].map((name, index) =>
      serviceSettings({
        name: name as ServiceName,
        vips: fifty.slice(index * 25, index * 25 + 15).map((entry) => ({ ...entry, owner: lb1 })),
      }),
    );
    const coldStart = { afterMs: 0, policy: 'own' } as const;
    const run = new CoreRun(settings({}, { services, coldStart })).speakerUp();
    expect(commandsIn(run.take())).toHaveLength(20);
    run.ack();
    expect(commandsIn(run.take())).toHaveLength(10);
  });
});

describe('before the speaker is known', () => {
  it('sends nothing, whatever is decided', () => {
    const run = new CoreRun().connect().view();
    expect(run.decision(vip1)).toEqual({ kind: 'announce', role: 'owner', reason: 'owner' });
    expect(commandsIn(run.take())).toEqual([]);
  });
});

describe('a refused command', () => {
  it.each([
    [1, 1_000],
    [2, 2_000],
    [3, 4_000],
    [6, 32_000],
    [7, 60_000],
    [9, 60_000],
  ])('is tried again, after refusal %i, in %i ms', (times, waitMs) => {
    const run = runWithRefusals(times);
    run.advance(waitMs - 1);
    expect(run.take()).toEqual([]);
    run.advance(1);
    expect(run.take()).toEqual(['announceRoute 10.20.255.1/32 self med 1000']);
  });

  it('is told each time, in the words of the speaker', () => {
    const run = runWithRefusals(2);
    const refusals = run.reports.filter((report) => report.kind === 'commandRefused');
    const refusal = { kind: 'commandRefused', vip: vip1, detail: 'refused' };
    expect(refusals).toEqual([refusal, refusal]);
  });

  it('leaves what was acknowledged before as it was', () => {
    const run = runWithRefusals(1);
    expect(run.state.services.get(apex)?.vips.get(vip1)?.route.acked).toEqual(ownerAttributes);
  });

  it('delays no withdraw, since maintenance waits for nobody', () => {
    const run = runWithRefusals(7);
    run.maintenance(true);
    expect(commandsIn(run.take())).toEqual(['withdrawRoute 10.20.255.1/32']);
  });

  it('starts with a short pause again after an accepted one', () => {
    const run = runWithRefusals(7);
    run.maintenance(true);
    run.ack();
    run.maintenance(false);
    run.take();
    run.ack('refused');
    run.advance(1_000);
    expect(commandsIn(run.take())).toEqual(['announceRoute 10.20.255.1/32 self med 1000']);
  });

  it('is paused as well when it is a withdraw', () => {
    const run = settledRun();
    run.maintenance(true);
    run.take();
    run.ack('refused');
    run.advance(999);
    expect(commandsIn(run.take())).toEqual([]);
    run.advance(1);
    expect(commandsIn(run.take())).toEqual(['withdrawRoute 10.20.255.1/32']);
  });
});

describe('a flush', () => {
  const missing = [
    [vip1, self],
    [vip6, other],
  ] as const;

  /** The flush that follows a lost answer is the open command. */
  function runWithFlush(): CoreRun {
    const run = settledRun(settings({ takeover }));
    run.claims(missing);
    run.ack('lost');
    run.take();
    accept(run, run.openCommands()[0] ?? 0);
    expect(run.take()).toContain('flushRoutes');
    return run;
  }

  it('waits until no command is open', () => {
    const run = settledRun();
    run.claims([[vip1, self]]);
    run.ack('lost');
    const [first, second] = run.openCommands();
    run.take();
    accept(run, first ?? 0);
    expect(run.take()).not.toContain('flushRoutes');
    accept(run, second ?? 0);
    expect(run.take()).toContain('flushRoutes');
  });

  it('is sent again when its own answer is lost', () => {
    const run = runWithFlush();
    run.ack('lost');
    expect(run.take()).toEqual(['flushRoutes']);
  });

  it.each(['accepted', 'refused'] as const)('is over when it is %s', (outcome) => {
    const run = runWithFlush();
    run.ack(outcome);
    run.advance(10_000);
    expect(run.take()).not.toContain('flushRoutes');
    expect(run.state.speaker.flush).toBe('none');
    const told = run.reports.filter(
      (report) => report.kind === 'speakerChanged' && report.to === 'unable to flush',
    );
    expect(told).toHaveLength(outcome === 'refused' ? 1 : 0);
  });

  it('takes a number of its own, so that its answer is no route’s', () => {
    const run = runWithFlush();
    const { flush, nextCommand } = run.state.speaker;
    expect(nextCommand).toBe(Number(flush) + 1);
    run.claims([]);
    expect(new Set(run.openCommands()).size).toBe(2);
  });

  it('is not asked for while nothing was ever sent', () => {
    const run = new CoreRun().speakerUp();
    run.advance(10_000, { isProven: false });
    expect(run.take()).toEqual([]);
    expect(run.state.speaker.flush).toBe('needed');
  });
});

describe('routes that some neighbor may lack', () => {
  const announce1 = 'announceRoute 10.20.255.1/32 self med 100';

  it('are announced once more, though the speaker has accepted them, and nothing else is', () => {
    const run = settledRun();
    run.hear({ kind: 'resendDue', mustFlush: false });
    expect(run.take()).toEqual([announce1]);
    run.ack();
    run.advance(10_000);
    expect(run.take()).toEqual([]);
    expect(run.state.speaker.flush).toBe('none');
  });

  it('are flushed as well when that is asked for, behind them', () => {
    const run = settledRun();
    run.hear({ kind: 'resendDue', mustFlush: true });
    run.hear({ kind: 'resendDue', mustFlush: true });
    expect(run.take()).toEqual([announce1]);
    run.ack();
    expect(run.take()).toEqual([announce1, 'flushRoutes']);
  });

  it('are sent while decisions are frozen too, and as they are', () => {
    const run = settledRun();
    run.disconnect();
    run.advance(60_000, { isProven: false });
    run.take();
    run.hear({ kind: 'resendDue', mustFlush: false });
    expect(run.take()).toEqual([announce1]);
  });

  it('are tried again, with pauses, when the speaker refuses them, and keep their claims', () => {
    const run = settledRun();
    run.hear({ kind: 'resendDue', mustFlush: false });
    run.ack('refused');
    expect(run.take()).toEqual([announce1]);
    run.advance(1_100);
    expect(run.take()).toEqual([announce1]);
    run.ack();
    run.advance(60_000);
    expect(run.take()).toEqual([]);
  });

  it('are sent after the change of them that is open when it is asked for', () => {
    const run = settledRun();
    run.hear({ kind: 'resendDue', mustFlush: false });
    run.hear({ kind: 'resendDue', mustFlush: false });
    expect(run.take()).toEqual([announce1]);
    accept(run, run.openCommands()[0] ?? 0);
    expect(run.take()).toEqual([announce1]);
  });
});

describe('a change of a route whose answer is lost', () => {
  it('leaves the route announced, since one of both is in force, and is sent again', () => {
    const owner = { ...ownerAttributes, med: backupAttributes.med };
    const run = settledRun();
    const changed = settings({ announce: { owner, backup: backupAttributes, down: undefined } });
    run.hear({ kind: 'settingsChanged', settings: changed });
    run.take();
    run.ack('lost');
    expect(run.take()).toEqual(['announceRoute 10.20.255.1/32 self med 200']);
    const route = [...(run.state.services.list[0]?.vips.values() ?? [])][0]?.route;
    expect(route?.acked).toEqual(ownerAttributes);
  });
});

describe('a withdraw', () => {
  it("carries the path id that the service's owner announces with", () => {
    const pathId = 7 as PathId;
    const owner = { ...ownerAttributes, pathId };
    const run = settledRun(settings({ announce: { owner, backup: owner, down: undefined } }));
    const effects: Effect[] = [];
    const { state } = run;
    const maintenance = { service: apex, isPresent: true, connection: run.connection } as const;
    effects.push(...step(state, { kind: 'maintenanceRead', ...maintenance }, run.nowMs).effects);
    expect(effects).toContainEqual(
      expect.objectContaining({ kind: 'withdrawRoute', vip: vip1, pathId }),
    );
  });
});

describe('an answer', () => {
  it('changes no route when it names a command that is not open', () => {
    const run = settledRun();
    const before = run.state.services;
    run.hear({ kind: 'commandAnswered', command: 9_999, outcome: 'accepted', detail: '' });
    expect(run.state.services).toEqual(before);
    expect(run.take()).toEqual([]);
  });

  it('makes nothing be sent for attributes that the speaker already has', () => {
    const down = { ...ownerAttributes };
    const same = { owner: ownerAttributes, backup: backupAttributes, down };
    const run = settledRun(settings({ checks: [check], announce: same }));
    run.verdict(false);
    run.verdict(false);
    expect(run.decision(vip1)).toEqual({ kind: 'announce', role: 'down', reason: 'healthDown' });
    expect(commandsIn(run.take())).toEqual([]);
    expect(run.decision(vip2)).toEqual({ kind: 'withdraw', reason: 'healthDown' });
  });
});
