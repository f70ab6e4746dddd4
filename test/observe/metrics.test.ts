import { describe, expect, it, onTestFinished } from 'vitest';
import type { Effect } from '../../src/core/effect.ts';
import type { Event } from '../../src/core/event.ts';
import { createMetrics } from '../../src/observe/metrics.ts';
import {
  apex,
  CoreRun,
  check,
  lb1,
  lb2,
  settings,
  settledRun,
  vip1,
  vip2,
} from '../helpers/core-run.ts';

const loadedAt = '2026-11-21T18:00:00.000Z';

function setUp() {
  const metrics = createMetrics(Date.UTC(2026, 10, 21, 17));
  onTestFinished(() => metrics.stop());
  /** The samples of a run whose names match, as written. */
  const samples = async (run: CoreRun, pattern: RegExp) => {
    const text = await metrics.text(
      {
        state: run.state,
        nowMs: run.nowMs,
        version: '0.1.0',
        exabgpVersion: '4.2.21',
        exabgpHeardMs: run.nowMs - 1_500,
        config: { hash: '0123456789ab', loadedAt },
      },
      () => Promise.resolve(),
    );
    return text.split('\n').filter((line) => !line.startsWith('#') && pattern.test(line));
  };
  /** One step as the agent shows it: heard at 0 ms, decided at 2 ms, carried out at 5 ms. */
  const step = (run: CoreRun, event: Event, effects: readonly Effect[], atMs = 0) =>
    metrics.watch({
      event,
      before: run.state,
      after: { state: run.state, effects, wakeAtMs: undefined },
      heardMs: atMs,
      decidedMs: atMs + 2,
      doneMs: atMs + 5,
    });
  return { metrics, samples, step };
}

describe('metrics', () => {
  it('say how things are', async () => {
    const { samples } = setUp();
    const run = settledRun(settings({ checks: [check] }));
    run.advance(500);
    expect(await samples(run, /^vipkeeper_(build|config|zookeeper|exabgp|bgp|leaving)/)).toEqual(
      expect.arrayContaining([
        'vipkeeper_build_info{version="0.1.0",member="lb1"} 1',
        'vipkeeper_config_info{hash="0123456789ab"} 1',
        `vipkeeper_config_loaded_timestamp_seconds ${Date.parse(loadedAt) / 1_000}`,
        'vipkeeper_config_rejected 0',
        'vipkeeper_leaving 0',
        'vipkeeper_zookeeper_session_state{state="live"} 1',
        'vipkeeper_zookeeper_session_timeout_seconds 6',
        'vipkeeper_exabgp_info{version="4.2.21"} 1',
        'vipkeeper_exabgp_answering 1',
        'vipkeeper_exabgp_last_answer_age_seconds 1.5',
        'vipkeeper_bgp_neighbor_up{neighbor="10.0.0.1"} 1',
      ]),
    );
    expect(await samples(run, /^vipkeeper_(service|check)_/)).toEqual([
      'vipkeeper_service_up{service="apex"} 1',
      'vipkeeper_service_connected{service="apex"} 1',
      'vipkeeper_service_maintenance{service="apex"} 0',
      'vipkeeper_service_drained{service="apex"} 0',
      'vipkeeper_service_drained_vips{service="apex"} 0',
      'vipkeeper_service_settling_seconds{service="apex"} 0',
      'vipkeeper_service_damped_seconds{service="apex"} 0',
      'vipkeeper_service_members{service="apex"} 0',
      'vipkeeper_service_healthy_members{service="apex"} 0',
      'vipkeeper_service_routes{service="apex"} 1',
      'vipkeeper_check_up{service="apex",check="1"} 1',
      'vipkeeper_check_duration_seconds{service="apex",check="1"} 0.01',
    ]);
    expect(await samples(run, /^vipkeeper_vip_.*10\.20\.255\.1/)).toEqual([
      `vipkeeper_vip_role{service="apex",vip="${vip1}",role="owner",reason="owner"} 1`,
      `vipkeeper_vip_announced{service="apex",vip="${vip1}"} 1`,
      `vipkeeper_vip_claimed{service="apex",vip="${vip1}"} 1`,
      `vipkeeper_vip_refused{service="apex",vip="${vip1}"} 0`,
    ]);
    expect(await samples(run, /^process_/)).toHaveLength(3);
    expect(await samples(run, /^vipkeeper_event_loop_lag_seconds/)).toHaveLength(3);
  });

  it('have no value for what is not known, and forget what is gone', async () => {
    const { samples } = setUp();
    const run = new CoreRun(settings({ checks: [check], vips: [{ vip: vip2, owner: lb2 }] }));
    const unknown = /^vipkeeper_(bgp_connected|service_up|service_maintenance|zookeeper_last)/;
    expect(await samples(run, unknown)).toEqual([]);
    const settled = settledRun(settings({ checks: [check] }));
    expect(await samples(settled, unknown)).toHaveLength(4);
    expect(await samples(run, unknown)).toEqual([]);
    const roles = await samples(run, /^vipkeeper_vip_role/);
    expect(roles).toEqual([expect.stringContaining('role="hold",reason="noView"')]);
  });

  it('say nothing of a ZooKeeper that is not configured', async () => {
    const { samples } = setUp();
    const run = new CoreRun({ ...settings(), isStandalone: true }).speakerUp();
    expect(await samples(run, /^vipkeeper_zookeeper_(session_|connected|last)/)).toEqual([]);
  });

  it('tell drains, maintenance, refusals and leaving', async () => {
    const { samples } = setUp();
    const run = new CoreRun(settings({ vips: [{ vip: vip1, owner: lb1 }] })).speakerUp().connect();
    run.view([], [[lb2, { health: 'up', announces: [], isLeaving: false }]]);
    run.ack('refused');
    expect(await samples(run, /^vipkeeper_(vip_refused|service_healthy_members)/)).toEqual([
      'vipkeeper_service_healthy_members{service="apex"} 1',
      `vipkeeper_vip_refused{service="apex",vip="${vip1}"} 1`,
    ]);
    run.drains([lb1, vip1]);
    run.maintenance(true);
    run.hear({ kind: 'stopRequested', signal: 'SIGTERM' });
    expect(await samples(run, /^vipkeeper_(leaving|service_(maint|drained))/)).toEqual([
      'vipkeeper_leaving 1',
      'vipkeeper_service_maintenance{service="apex"} 1',
      'vipkeeper_service_drained{service="apex"} 1',
      'vipkeeper_service_drained_vips{service="apex"} 1',
    ]);
  });

  it('measure a takeover by stages, and count what ExaBGP answers', async () => {
    const { samples, step } = setUp();
    const run = settledRun();
    const moved: Effect = {
      kind: 'report',
      report: {
        kind: 'decisionChanged',
        service: apex,
        vip: vip2,
        from: { kind: 'withdraw', reason: 'heldByOwner' },
        to: { kind: 'announce', role: 'backup', reason: 'claimMissing' },
      },
    };
    const attributes = { nextHop: 'self' } as Extract<
      Effect,
      { kind: 'announceRoute' }
    >['attributes'];
    const announce: Effect = { kind: 'announceRoute', command: 1, vip: vip2, attributes };
    const answer = (command: number, outcome: 'accepted' | 'refused' | 'lost'): Event => ({
      kind: 'commandAnswered',
      command,
      outcome,
      detail: '',
    });
    step(run, { kind: 'timerFired' }, [announce, moved]);
    step(run, answer(1, 'accepted'), [], 25);
    step(run, { kind: 'timerFired' }, [
      { kind: 'withdrawRoute', command: 2, vip: vip1 },
      { kind: 'flushRoutes', command: 3 },
    ]);
    step(run, answer(2, 'refused'), []);
    step(run, answer(3, 'lost'), []);
    step(run, answer(9, 'accepted'), []);
    expect(await samples(run, /^vipkeeper_takeover_stage_seconds_(sum|count)/)).toEqual([
      'vipkeeper_takeover_stage_seconds_sum{stage="decision"} 0.002',
      'vipkeeper_takeover_stage_seconds_count{stage="decision"} 1',
      'vipkeeper_takeover_stage_seconds_sum{stage="line"} 0.003',
      'vipkeeper_takeover_stage_seconds_count{stage="line"} 1',
      'vipkeeper_takeover_stage_seconds_sum{stage="ack"} 0.02',
      'vipkeeper_takeover_stage_seconds_count{stage="ack"} 1',
    ]);
    expect(await samples(run, /^vipkeeper_(exabgp_commands|moves)_total/)).toEqual([
      'vipkeeper_exabgp_commands_total{command="announce",outcome="accepted"} 1',
      'vipkeeper_exabgp_commands_total{command="withdraw",outcome="refused"} 1',
      'vipkeeper_exabgp_commands_total{command="flush",outcome="lost"} 1',
      'vipkeeper_moves_total{service="apex",role="backup",reason="claimMissing"} 1',
    ]);
    expect(await samples(run, /^vipkeeper_exabgp_answer_seconds_count/)).toEqual([
      'vipkeeper_exabgp_answer_seconds_count 2',
    ]);
  });

  it('count what befalls checks, hooks, sessions, writes and claims', async () => {
    const { metrics, samples, step } = setUp();
    const run = settledRun();
    const told = (report: Extract<Effect, { kind: 'report' }>['report']): Effect => ({
      kind: 'report',
      report,
    });
    const ran = {
      kind: 'checkCompleted',
      service: apex,
      check: 0,
      detail: '',
      durationMs: 1,
    } as const;
    step(run, { ...ran, passed: true }, []);
    step(run, { ...ran, passed: false }, []);
    step(run, { kind: 'sessionInterrupted', connection: 1, detail: '' }, []);
    step(run, { kind: 'sessionEnded', epoch: 1, reason: 'expired' }, []);
    step(run, { kind: 'speakerSilent' }, [
      told({ kind: 'writeFailed', service: apex, target: 'member', outcome: 'denied', detail: '' }),
      told({ kind: 'claimConflict', service: apex, vip: vip1, holder: 'member lb2' }),
      told({ kind: 'claimContested', service: apex, vip: vip1, member: lb2 }),
    ]);
    metrics.hookEnded('onTakeover', false);
    expect(await samples(run, /^vipkeeper_.*_total/)).toEqual([
      'vipkeeper_check_runs_total{service="apex",check="1",result="passed"} 1',
      'vipkeeper_check_runs_total{service="apex",check="1",result="failed"} 1',
      'vipkeeper_zookeeper_connections_lost_total 1',
      'vipkeeper_zookeeper_sessions_ended_total{reason="expired"} 1',
      'vipkeeper_zookeeper_write_failures_total{outcome="denied"} 1',
      'vipkeeper_claim_conflicts_total{service="apex"} 2',
      'vipkeeper_exabgp_stalls_total 1',
      'vipkeeper_hook_runs_total{hook="onTakeover",result="failed"} 1',
      'vipkeeper_log_lines_total{level="error"} 3',
    ]);
  });
});
