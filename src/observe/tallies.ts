import type { Counter, Histogram } from 'prom-client';
import type { Effect } from '../core/effect.ts';
import type { Event } from '../core/event.ts';
import type { TakenStep } from '../core/index.ts';
import type { Report } from '../core/report.ts';
import type { Vip } from '../core/vip.ts';
import { roleName } from './history.ts';
import { levelOf } from './sentences.ts';

/** Seconds: from a step that has nothing to wait for to an ExaBGP that is busy. */
const stageBuckets = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5,
];

/** What is counted from the moment on that the endpoint is there. */
export const counterTable = {
  commands: {
    name: 'vipkeeper_exabgp_commands_total',
    help: 'Commands to ExaBGP, by what became of them: accepted, refused, or lost (never answered, though it answers again).',
    labelNames: ['command', 'outcome'],
  },
  moves: {
    name: 'vipkeeper_moves_total',
    help: 'Changes of role of VIPs at this member, by new role and reason.',
    labelNames: ['service', 'role', 'reason'],
  },
  checks: {
    name: 'vipkeeper_check_runs_total',
    help: 'Runs of checks, by result: passed or failed.',
    labelNames: ['service', 'check', 'result'],
  },
  connectionsLost: {
    name: 'vipkeeper_zookeeper_connections_lost_total',
    help: 'Connections to ZooKeeper that were lost.',
    labelNames: [],
  },
  sessionsEnded: {
    name: 'vipkeeper_zookeeper_sessions_ended_total',
    help: 'Sessions that ZooKeeper ended: expired or authenticationFailed.',
    labelNames: ['reason'],
  },
  writeFailures: {
    name: 'vipkeeper_zookeeper_write_failures_total',
    help: 'Writes of claims and members that ZooKeeper did not take, by outcome.',
    labelNames: ['outcome'],
  },
  conflicts: {
    name: 'vipkeeper_claim_conflicts_total',
    help: 'VIPs of ours found claimed, or owned as well, by somebody else.',
    labelNames: ['service'],
  },
  stalls: {
    name: 'vipkeeper_exabgp_stalls_total',
    help: 'How often ExaBGP fell silent for exabgp.stallAfter.',
    labelNames: [],
  },
  hooks: {
    name: 'vipkeeper_hook_runs_total',
    help: 'Runs of hooks, by result: passed or failed.',
    labelNames: ['hook', 'result'],
  },
  lines: {
    name: 'vipkeeper_log_lines_total',
    help: 'What was told, by level, whether that level is written or not.',
    labelNames: ['level'],
  },
} as const;

/** What is measured from that moment on. */
export const histogramTable = {
  answers: {
    name: 'vipkeeper_exabgp_answer_seconds',
    help: 'From handing a command on for ExaBGP to its answer; not of lost ones.',
    labelNames: [],
    buckets: stageBuckets,
  },
  stages: {
    name: 'vipkeeper_takeover_stage_seconds',
    help: "Takeovers of VIPs as backup, by stage: decision (from the event that leads to it), line (from there until the announce is handed on), ack (from there to ExaBGP's acceptance).",
    labelNames: ['stage'],
    buckets: stageBuckets,
  },
} as const;

/** The counters and histograms of both tables. */
export interface Instruments {
  readonly counters: Readonly<Record<keyof typeof counterTable, Counter>>;
  readonly histograms: Readonly<Record<keyof typeof histogramTable, Histogram>>;
}

/** Counts and measures what happens. */
export interface Tallies {
  watch(taken: TakenStep): void;
  hookEnded(hook: string, hasPassed: boolean): void;
}

/** Makes what feeds the instruments. What it remembers is bounded by the VIPs and the unanswered commands. */
export function createTallies({ counters, histograms }: Instruments): Tallies {
  /** VIPs taken over whose announce is yet to come, and since when. */
  const decided = new Map<Vip, number>();
  const open = new Map<number, { kind: string; sentMs: number; isTakeover: boolean }>();

  const noteReport = (report: Report, { heardMs, decidedMs }: TakenStep) => {
    counters.lines.inc({ level: levelOf(report) });
    count(report, counters);
    if (report.kind !== 'decisionChanged') return;
    const isTakeover = roleName(report.to) === 'backup';
    if (!isTakeover) decided.delete(report.vip);
    else if (report.from === undefined || roleName(report.from) !== 'backup') {
      decided.set(report.vip, decidedMs);
      histograms.stages.observe({ stage: 'decision' }, (decidedMs - heardMs) / 1_000);
    }
  };
  const noteCommand = (effect: Command, { doneMs }: TakenStep) => {
    const kind = commandNames[effect.kind];
    const sinceMs = effect.kind === 'announceRoute' ? decided.get(effect.vip) : undefined;
    if (sinceMs !== undefined && 'vip' in effect) {
      decided.delete(effect.vip);
      histograms.stages.observe({ stage: 'line' }, (doneMs - sinceMs) / 1_000);
    }
    open.set(effect.command, { kind, sentMs: doneMs, isTakeover: sinceMs !== undefined });
  };
  const noteAnswer = (event: Extract<Event, { kind: 'commandAnswered' }>, heardMs: number) => {
    const command = open.get(event.command);
    if (command === undefined) return;
    open.delete(event.command);
    const { outcome } = event;
    counters.commands.inc({ command: command.kind, outcome });
    if (outcome === 'lost') return;
    const seconds = Math.max(0, heardMs - command.sentMs) / 1_000;
    histograms.answers.observe(seconds);
    if (command.isTakeover && outcome === 'accepted')
      histograms.stages.observe({ stage: 'ack' }, seconds);
  };
  return {
    watch(taken) {
      const { event, heardMs, after } = taken;
      if (event.kind === 'commandAnswered') noteAnswer(event, heardMs);
      else countEvent(event, counters);
      // Reports come after the routes that they tell of.
      for (const effect of after.effects)
        if (effect.kind === 'report') noteReport(effect.report, taken);
      for (const effect of after.effects) if (isCommand(effect)) noteCommand(effect, taken);
    },
    hookEnded: (hook, hasPassed) =>
      counters.hooks.inc({ hook, result: hasPassed ? 'passed' : 'failed' }),
  };
}

const commandNames = {
  announceRoute: 'announce',
  withdrawRoute: 'withdraw',
  flushRoutes: 'flush',
} as const;

type Command = Extract<Effect, { kind: keyof typeof commandNames }>;

function isCommand(effect: Effect): effect is Command {
  return Object.hasOwn(commandNames, effect.kind);
}

function countEvent(event: Event, counters: Instruments['counters']): void {
  switch (event.kind) {
    case 'checkCompleted': {
      const { service, check, passed } = event;
      const result = passed ? 'passed' : 'failed';
      counters.checks.inc({ service, check: `${check + 1}`, result });
      break;
    }
    case 'sessionInterrupted':
      counters.connectionsLost.inc();
      break;
    case 'sessionEnded':
      counters.sessionsEnded.inc({ reason: event.reason });
      break;
    case 'speakerSilent':
      counters.stalls.inc();
      break;
    default:
  }
}

function count(report: Report, counters: Instruments['counters']): void {
  switch (report.kind) {
    case 'decisionChanged': {
      const { service, from, to } = report;
      const role = roleName(to);
      if (from === undefined || roleName(from) !== role)
        counters.moves.inc({ service, role, reason: to.reason });
      break;
    }
    case 'writeFailed':
      counters.writeFailures.inc({ outcome: report.outcome });
      break;
    case 'claimConflict':
    case 'claimContested':
      counters.conflicts.inc({ service: report.service });
      break;
    default:
  }
}
