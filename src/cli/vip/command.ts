import { createClock } from '../../agent/clock.ts';
import type { Config } from '../../config/config.ts';
import { durationForm, parseDuration } from '../../config/duration.ts';
import type { Vip } from '../../core/vip.ts';
import { openCommandSession, UnreachableError } from '../../zookeeper/command-session.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { type Result, type Task, unkeptLine } from '../operate/change.ts';
import { carryOutAndKeep } from '../operate/keep.ts';
import { reasonMistake } from '../operate/reason.ts';
import { addressesOf, hostLookup } from './addresses.ts';
import { outcomeText } from './change.ts';
import { alsoLeaving, type Route, routesOf } from './routes.ts';

/** What was typed after `vip withdraw` or `vip announce`. */
export interface VipOptions {
  readonly action: 'withdraw' | 'announce';
  /** A VIP, or a name that stands for VIPs. */
  readonly name: string;
  /** This member alone, with whole services. */
  readonly thisMember?: boolean;
  readonly reason?: string;
  /** After so long the drain is none any more. */
  readonly for?: string;
}

/** What a command prints, and how it ends. */
export interface Answer {
  readonly code: ExitCode;
  readonly out: readonly string[];
  readonly errors: readonly string[];
}

/** Time for the whole command, above what a server of an ensemble that is down costs. */
const connectWithinMs = 10_000;
const closeWithinMs = 1_000;

/**
 * Drains or restores the VIPs that a name stands for, and says of each route what became of it. Nothing is written unless
 * all of them are VIPs of this configuration.
 */
export async function changeVips(config: Config, options: VipOptions): Promise<Answer> {
  const forMs = options.for === undefined ? undefined : parseDuration(options.for);
  if (options.for !== undefined && !forMs) {
    return refusal(exitCodes.usage, `--for: expected ${durationForm}, found ${options.for}`);
  }
  const mistake = reasonMistake(options.reason);
  if (mistake !== undefined) return refusal(exitCodes.usage, mistake);
  if (config.zookeeper.servers.length === 0) {
    const why = 'this configuration has no zookeeper section, and drains are znodes';
    return refusal(exitCodes.config, `${why}; without one, use the service's disable file`);
  }
  const found = await addressesOf(options.name, hostLookup);
  if (found.kind !== 'found') {
    const code = found.kind === 'failed' ? exitCodes.unavailable : exitCodes.noSuchVip;
    return refusal(code, `${found.detail}; nothing was changed`);
  }
  const chosen = chooseRoutes(config, found.vips, options);
  return 'code' in chosen ? chosen : write(config, chosen.routes, { ...options, forMs });
}

/** The routes to change, or why none is. */
function chooseRoutes(
  config: Config,
  vips: readonly Vip[],
  { name, thisMember = false }: VipOptions,
): { readonly routes: readonly Route[] } | Answer {
  const { routes, unknown } = routesOf(config, vips, thisMember ? 'member' : 'site');
  if (unknown.length > 0) {
    const which = `${unknown.join(', ')}: no service of this configuration has it`;
    return refusal(
      exitCodes.noSuchVip,
      `${which} (asked for ${name}); nothing was changed. Name VIPs one by one to leave it out`,
    );
  }
  const others = thisMember ? alsoLeaving(config, routes) : [];
  if (others.length === 0) return { routes };
  const named = others.map(({ vip, service }) => `${vip} of ${service}`).join(', ');
  return refusal(
    exitCodes.noSuchVip,
    `a member leaves a service with all its VIPs, and ${name} is not ${named}; nothing was changed. Without --this-member the VIPs named go from every member`,
  );
}

async function write(
  config: Config,
  routes: readonly Route[],
  options: VipOptions & { readonly forMs: number | undefined },
): Promise<Answer> {
  const clock = createClock();
  const session = await openCommandSession(config.zookeeper, { clock }, connectWithinMs).catch(
    (error: unknown) => {
      if (error instanceof UnreachableError) return error;
      throw error;
    },
  );
  if (session instanceof UnreachableError) {
    return refusal(exitCodes.unavailable, `${session.message}; nothing was changed`);
  }
  const { action, reason, forMs } = options;
  const results = new Map<string, Result>();
  for (const { path, service } of routes) {
    if (results.has(path)) continue;
    const task: Task = {
      action: action === 'withdraw' ? 'set' : 'lift',
      service,
      drained: path.slice(path.lastIndexOf('/') + 1),
      path,
      journal: journalOf(config, service),
      reason,
      forMs,
    };
    results.set(path, await carryOutAndKeep(task, session.requests, clock));
  }
  await session.close(closeWithinMs);
  return answerOf(routes, results);
}

/** What is said of routes when their drains were written. @param results by the path of the drain. */
export function answerOf(routes: readonly Route[], results: ReadonlyMap<string, Result>): Answer {
  const all = [...results.values()];
  const isDone = all.every(({ outcome }) => outcome !== 'failed');
  const out = routes.flatMap(({ vip, service, path }) => {
    const result = results.get(path);
    return result === undefined ? [] : [`${vip} (service ${service}): ${outcomeText(result)}`];
  });
  const unkept = all.map(unkeptLine).filter((line) => line !== undefined);
  const errors = [...new Set(unkept)].map((line) => `vipkeeper: ${line}`);
  return { code: isDone ? exitCodes.ok : exitCodes.unavailable, out, errors };
}

function journalOf({ zookeeper: { chroot, services } }: Config, service: string): string {
  return `${chroot}${services.find(({ name }) => name === service)?.paths.statuses ?? ''}`;
}

function refusal(code: ExitCode, line: string): Answer {
  return { code, out: [], errors: [`vipkeeper: ${line}`] };
}
