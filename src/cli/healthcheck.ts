import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { type LoadedConfig, loadConfig } from '../config/config.ts';
import {
  type HealthcheckOptions,
  isOnce,
  type Translated,
  translateHealthcheck,
} from '../config/healthcheck.ts';
import { nextHopSelf } from '../core/route.ts';
import { isMemberName } from '../core/settings.ts';
import { parseAddresses } from '../host/ip.ts';
import { exitCodes } from './exit-codes.ts';
import { failStart, isPipe } from './failed-start.ts';
import { parseHealthcheckArguments } from './healthcheck-arguments.ts';
import { healthcheckHelp } from './healthcheck-help.ts';
import { hostContext, problemLines } from './load.ts';

/** Addresses of `lo` are listed in so long, or not at all. */
const listTimeoutMs = 3_000;

/** Runs the agent as ExaBGP's healthcheck would run with these arguments. */
export async function runHealthcheck(argv: readonly string[]): Promise<void> {
  const { readFile } = hostContext();
  const parse = () => parseHealthcheckArguments(argv, readFile);
  const request = parse();
  if (request.kind === 'help') {
    process.stdout.write(healthcheckHelp);
    return;
  }
  if (request.kind === 'wrong') {
    await failStart([`vipkeeper healthcheck: error: ${request.detail}`], exitCodes.usage);
    return;
  }
  const { options } = request;
  // Where nobody answers, nothing is waited for: healthcheck reads the end of its input for every answer then.
  const isAnswered = isPipe(0);
  const load = (): LoadedConfig => {
    const again = parse();
    return loadOptions(again.kind === 'run' ? again.options : options, isAnswered);
  };
  const loaded = load();
  if (loaded.kind === 'wrong') {
    await failStart(problemLines(loaded.problems), exitCodes.config);
    return;
  }
  if (options.pid !== undefined) writeFileSync(options.pid, `${process.pid}\n`);
  const { runAgent } = await import('./run-agent.ts');
  await runAgent(loaded.config, {
    name: options.name === undefined ? 'healthcheck' : `healthcheck-${options.name}`,
    warnings: loaded.warnings,
    load,
    file: undefined,
  });
}

/** What healthcheck's options mean, as a configuration of ours; what a file cannot say is added here. */
function loadOptions(options: HealthcheckOptions, isAnswered: boolean): LoadedConfig {
  const { data, notes } = translate(options);
  const context = hostContext();
  const hostname = isMemberName(context.hostname) ? context.hostname : 'localhost';
  const loaded = loadConfig(JSON.stringify(data), { ...context, hostname, file: 'command line' });
  if (loaded.kind === 'wrong') return loaded;
  const { config, warnings } = loaded;
  const owner = config.settings.services[0]?.announce.owner;
  const nextHop = typeof owner?.nextHop === 'string' ? owner.nextHop : nextHopSelf;
  return {
    kind: 'valid',
    warnings: [...notes, ...warnings],
    config: {
      ...config,
      settings: { ...config.settings, endsOnceDecided: isOnce(options) },
      exabgp: {
        ...config.exabgp,
        acks: isAnswered ? config.exabgp.acks : 'off',
        manner: { nextHop, ...(owner?.neighbors && { neighbors: owner.neighbors }) },
      },
      reload: 'onSignal',
    },
  };
}

function translate(options: HealthcheckOptions): Translated {
  if (options.ip !== undefined) return translateHealthcheck(options);
  return translateHealthcheck({ ...options, ip: loopbackAddresses(options) });
}

/** Without `--ip`: what is on the loopback interface already, but for its own addresses. */
function loopbackAddresses(options: HealthcheckOptions): readonly string[] {
  const { stdout } = spawnSync('ip', ['-j', 'address', 'show', 'dev', 'lo'], {
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: listTimeoutMs,
    encoding: 'utf8',
  });
  const found = parseAddresses(stdout);
  if (typeof found === 'string') return [];
  const wanted = options.label === undefined ? undefined : `lo:${options.label}`;
  const isExact = options['label-exact-match'] === true;
  return found
    .filter(({ vip }) => !vip.startsWith('127.') && vip !== '::1/128')
    .filter(({ label = '' }) => {
      if (wanted === undefined) return true;
      return isExact ? label === wanted : label.startsWith(wanted);
    })
    .map(({ vip }) => vip);
}
