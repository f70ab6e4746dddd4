import { describe, expect, it } from 'vitest';
import type { Event } from '../../src/core/event.ts';
import { hear } from '../../src/core/hear.ts';
import type { Report } from '../../src/core/report.ts';
import type { ServiceName } from '../../src/core/settings.ts';
import type { State } from '../../src/core/state.ts';
import {
  apex,
  backupAttributes,
  CoreRun,
  check,
  downAttributes,
  lb2,
  ownerAttributes,
  settings,
  settledRun,
  vip,
  vip1,
} from '../helpers/core-run.ts';

const edge = 'edge' as ServiceName;

/** What one event is told as, right after `state`. */
function told(state: State, event: Event): readonly Report[] {
  const reports: Report[] = [];
  hear(state, event, 1e6, reports);
  return reports;
}

describe('an event about something that is not configured', () => {
  const { state, connection } = settledRun();
  const stamp = { connection, service: edge };
  it.each<Event>([
    {
      kind: 'checkCompleted',
      service: edge,
      check: 0,
      passed: false,
      detail: '',
      durationMs: 1,
    },
    { kind: 'claimsRead', ...stamp, claims: new Map() },
    { kind: 'maintenanceRead', ...stamp, isPresent: true },
    { kind: 'drainsRead', ...stamp, drained: new Set(['lb1']) },
    { kind: 'membersRead', ...stamp, members: new Map(), own: undefined },
    {
      kind: 'claimAnswered',
      ...stamp,
      vip: vip1,
      operation: 'create',
      outcome: 'denied',
      detail: '',
    },
    { kind: 'memberAnswered', ...stamp, outcome: 'denied', detail: '' },
  ])('changes nothing and is told nobody: $kind', (event) => {
    const reports: Report[] = [];
    expect(hear(state, event, 1e6, reports)).toBe(state);
    expect(reports).toEqual([]);
  });

  it('changes nothing when only the VIP is unknown', () => {
    const stranger = { service: apex, connection, vip: vip('192.0.2.1') };
    const event = { kind: 'claimAnswered', operation: 'create', outcome: 'denied' } as const;
    expect(told(state, { ...event, ...stranger, detail: '' })).toEqual([]);
  });
});

describe('what was read on an earlier connection', () => {
  const { state, connection } = settledRun();
  const stamp = { connection: connection - 1, service: apex };
  it.each<Event>([
    { kind: 'claimsRead', ...stamp, claims: new Map() },
    { kind: 'maintenanceRead', ...stamp, isPresent: true },
    { kind: 'drainsRead', ...stamp, drained: new Set(['lb1']) },
    { kind: 'membersRead', ...stamp, members: new Map(), own: undefined },
  ])('changes nothing: $kind', (event) => {
    expect(hear(state, event, 1e6, [])).toBe(state);
  });
});

describe('the session', () => {
  const { state, connection, epoch } = settledRun();

  it.each<Event>([
    { kind: 'sessionProven', epoch: epoch + 1, proofMs: 5 },
    { kind: 'sessionInterrupted', connection: connection - 1, detail: 'cut' },
    { kind: 'sessionEnded', epoch: epoch - 1, reason: 'expired' },
    {
      kind: 'sessionEstablished',
      epoch: epoch - 1,
      connection: connection + 1,
      timeoutMs: 6_000,
      proofMs: 5,
    },
  ])('of another time changes nothing and is told nobody: $kind', (event) => {
    const reports: Report[] = [];
    expect(hear(state, event, 1e6, reports)).toBe(state);
    expect(reports).toEqual([]);
  });

  it('is told at every turn, but not at every proof', () => {
    const run = new CoreRun().connect();
    run.prove();
    run.disconnect();
    run.connect();
    run.hear({ kind: 'sessionEnded', epoch: run.epoch, reason: 'expired' });
    run.connect({ isNew: true });
    const lines = run.reports.flatMap((report) =>
      report.kind === 'sessionChanged' ? `${report.to}: ${report.detail}` : [],
    );
    expect(lines).toEqual([
      'new session: timeout 6000 ms, connection 1',
      'disconnected: cut',
      'same session regained: timeout 6000 ms, connection 2',
      'ended: expired',
      'new session: timeout 6000 ms, connection 3',
    ]);
  });

  it('is told as continued when an earlier life made it', () => {
    const run = new CoreRun();
    const made = { epoch: 1, connection: 1, timeoutMs: 6_000, proofMs: run.nowMs };
    run.hear({ kind: 'sessionEstablished', ...made, isResumed: true });
    expect(run.reports).toContainEqual({
      kind: 'sessionChanged',
      to: "continued from this agent's earlier life",
      detail: 'timeout 6000 ms, connection 1',
    });
  });

  it('that ends while disconnected loses nothing but itself', () => {
    const run = settledRun();
    run.disconnect();
    const { services } = run.state;
    run.hear({ kind: 'sessionEnded', epoch: run.epoch, reason: 'expired' });
    expect(run.state.session.isEnded).toBe(true);
    const [before, after] = [services.get(apex), run.state.services.get(apex)];
    expect(after?.presence).toEqual(before?.presence);
    expect(run.take()).toEqual([]);
  });

  it('that is new makes peers wait, and forgets what the old one published', () => {
    const run = settledRun();
    run.connect({ isNew: true });
    const service = run.state.services.get(apex);
    expect(service?.mustSettle).toBe('doubt');
    expect(service?.presence.published).toBeUndefined();
  });

  it('that is regained while belief held settles nothing anew', () => {
    const run = settledRun();
    run.disconnect();
    run.connect();
    const service = run.state.services.get(apex);
    expect(service?.mustSettle).toBe('no');
    expect(service?.presence.published).toBeDefined();
  });
});

describe('the speaker', () => {
  const { state } = settledRun();
  it.each<[Event, string]>([
    [{ kind: 'speakerIdentified', version: '5.0.1', acks: true }, 'identified: 5.0.1, acks on'],
    [
      { kind: 'speakerIdentified', version: undefined, acks: false },
      'identified: version unknown, acks off',
    ],
    [{ kind: 'speakerSilent' }, 'silent: no answer for exabgp.stallAfter'],
    [{ kind: 'speakerResponsive' }, 'responsive: '],
    [{ kind: 'speakerClosed', detail: 'EOF' }, 'closed: EOF'],
    [{ kind: 'neighborsListed', established: ['a', 'b'] }, 'neighbors listed: a b'],
    [{ kind: 'neighborsListed', established: [] }, 'neighbors listed: '],
    [{ kind: 'neighborsListed', established: undefined }, 'neighbors listed: cannot tell'],
  ])('is told: %o', (event, line) => {
    const lines = told(state, event).map((report) =>
      report.kind === 'speakerChanged' ? `${report.to}: ${report.detail}` : report.kind,
    );
    expect(lines).toEqual([line]);
  });

  it.each([true, false])('is told with the reason it gives for a neighbor: %s', (isEstablished) => {
    const change = { kind: 'neighborChanged', neighbor: 'a', isEstablished, detail: 'x' } as const;
    expect(told(state, change)).toEqual([change]);
  });
});

describe('a check', () => {
  const run = (verdicts: readonly boolean[]) => {
    const driven = new CoreRun(settings({ checks: [check] }));
    for (const passed of verdicts) driven.verdict(passed);
    return driven.reports.flatMap((report) => {
      if (report.kind === 'checkFailed') return `failed ${report.check}: ${report.detail}`;
      return report.kind === 'healthChanged' ? `${report.to}: ${report.detail}` : [];
    });
  };

  it('is told when it begins to fail, and health at each change', () => {
    expect(run([true, true, true, false, true, false, false, false, true, true])).toEqual([
      'up: exit 0',
      'failed 0: exit 7',
      'failed 0: exit 7',
      'down: exit 7',
      'up: exit 0',
    ]);
  });

  it('is told again when it fails in another way', () => {
    const driven = new CoreRun(settings({ checks: [check] }));
    for (const detail of ['exit 7', 'exit 7', 'timed out', 'timed out']) {
      const result = { service: apex, check: 0, passed: false, detail, durationMs: 1 };
      driven.hear({ kind: 'checkCompleted', ...result });
    }
    const told = driven.reports.flatMap((report) =>
      report.kind === 'checkFailed' ? report.detail : [],
    );
    expect(told).toEqual(['exit 7', 'timed out']);
  });

  it('is told to continue when our earlier life’s claim makes the first pass enough', () => {
    const driven = new CoreRun(settings({ checks: [check] })).speakerUp().connect();
    driven.view([[vip1, { kind: 'predecessor', sameSpeaker: true }]]);
    driven.verdict(true);
    const changes = driven.reports.filter((report) => report.kind === 'healthChanged');
    expect(changes).toEqual([
      { kind: 'healthChanged', service: apex, to: 'up', detail: 'continued' },
    ]);
  });
});

describe('maintenance', () => {
  it('is told when it begins and ends, not when it is read again', () => {
    const run = settledRun();
    for (const isPresent of [false, true, true, false, false]) run.maintenance(isPresent);
    const changes = run.reports.flatMap((report) =>
      report.kind === 'maintenanceChanged' ? report.isPresent : [],
    );
    expect(changes).toEqual([true, false]);
  });
});

describe('a second agent with our member id', () => {
  it('is told once, and once more when it comes back', () => {
    const run = settledRun();
    const twin = { kind: 'twin', detail: 'lb1 pid 7' } as const;
    run.members([], twin);
    run.members([[lb2, undefined]], twin);
    run.members([], 'nobody');
    run.members([], twin);
    const taken = { kind: 'memberIdTaken', service: apex, detail: 'lb1 pid 7' };
    expect(run.reports.filter((report) => report.kind === 'memberIdTaken')).toEqual([taken, taken]);
  });
});

describe('a stop', () => {
  it('is told by its signal, and is urgent the second time', () => {
    const run = settledRun();
    run.hear({ kind: 'stopRequested', signal: 'SIGINT' });
    expect(run.state.stopping).toEqual({ sinceMs: run.nowMs, isUrgent: false });
    run.advance(500);
    run.hear({ kind: 'stopRequested', signal: 'SIGTERM' });
    expect(run.state.stopping).toEqual({ sinceMs: run.nowMs, isUrgent: true });
    const signals = run.reports.flatMap((report) =>
      report.kind === 'leaving' ? report.detail : [],
    );
    expect(signals).toEqual(['SIGINT', 'SIGTERM']);
  });
});

describe('a change of decision', () => {
  const decisions = (run: CoreRun, from: number) =>
    run.reports
      .slice(from)
      .flatMap((report) => (report.kind === 'decisionChanged' ? report.to.reason : []));

  it('is told once, with what was before', () => {
    const run = settledRun();
    const from = run.reports.length;
    run.drains([vip1]);
    run.drains([vip1]);
    expect(run.reports.slice(from)).toEqual([
      {
        kind: 'decisionChanged',
        service: apex,
        vip: vip1,
        from: { kind: 'announce', role: 'owner', reason: 'owner' },
        to: { kind: 'withdraw', reason: 'drained' },
      },
    ]);
  });

  it('is not told for freezing and thawing, which the change of belief tells once', () => {
    const run = settledRun();
    const from = run.reports.length;
    run.disconnect();
    run.advance(4_000, { isProven: false });
    run.connect();
    expect(decisions(run, from)).toEqual([]);
  });

  it('is told when a frozen VIP becomes sick, though ZooKeeper is still away', () => {
    const announce = { owner: ownerAttributes, backup: backupAttributes, down: downAttributes };
    const run = settledRun(settings({ checks: [check], announce }));
    run.disconnect();
    run.advance(4_000, { isProven: false });
    const from = run.reports.length;
    run.verdict(false);
    run.verdict(false);
    expect(run.decision(vip1)).toEqual({ kind: 'announce', role: 'down', reason: 'healthDown' });
    expect(decisions(run, from)).toEqual(['healthDown']);
  });

  it('is told when only the reason changes', () => {
    const run = settledRun();
    const from = run.reports.length;
    run.maintenance(true);
    run.hear({ kind: 'stopRequested', signal: 'SIGTERM' });
    run.drains(['lb1']);
    expect(decisions(run, from)).toEqual(['maintenance', 'maintenance', 'maintenance']);
  });
});
