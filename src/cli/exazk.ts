import { translateExazk } from '../config/exazk.ts';
import type { ExazkOptions } from '../config/exazk-reader.ts';
import { parseExazkArguments } from './exazk-arguments.ts';
import { exitCodes } from './exit-codes.ts';
import { failOfBug, failStart } from './failed-start.ts';
import { hostContext, problemLines } from './load.ts';
import { versionText } from './version.ts';

const usage = `usage: exazk [-h] [--version] [-f FILE] [-d] [-s] [--no-syslog] [-sF [FACILITY]]
             [-zH HOST]... [-zPS PATH] [-zPM PATH] [-c CMD] [-n NAME] [-A VIP] [-N VIP]...`;

const help = `${usage}

vipkeeper behind ExaZK's command line: only the path of the program changes.

  -h, --help                            show this and exit
  --version                             print version and commit
  -f, --config FILE                     ExaZK's YAML file; flags win over it
logging:
  -d, --debug                           log everything, and not to syslog
  -s, --silent                          log nothing to stderr
  --no-syslog                           do not log to syslog
  -sF, --syslog-facility [FACILITY]     log to syslog with FACILITY (daemon)
ZooKeeper:
  -zH, --zk-host HOST                   one server, host or host:port; repeat for each
  -zPS, --zk-path-service PATH          where claims are
  -zPM, --zk-path-maintenance PATH      the znode whose existence withdraws the service
service:
  -c, --local-check CMD                 shell command, exit code 0 is healthy
  -n, --name NAME                       name of the service
  -A, --auth-ip VIP                     the VIP this LB owns
  -N, --non-auth-ip VIP                 a VIP owned by another LB; repeat for each

Example, in exabgp.conf:
  run exazk -sF daemon -c /exazk/check_local_nginx.sh -n apex -A 10.20.255.1 -N 10.20.255.2 -N 10.20.255.3
      -zH localhost -zPS /exabgp/service/apex -zPM /exabgp/maintenance/apex;
`;

await main().catch(failOfBug);

async function main(): Promise<void> {
  const request = parseExazkArguments(process.argv.slice(2));
  switch (request.kind) {
    case 'help':
      process.stdout.write(help);
      break;
    case 'version':
      process.stdout.write(`${versionText()}\n`);
      break;
    case 'wrong':
      await failStart([usage, `exazk: error: ${request.detail}`], exitCodes.usage);
      break;
    case 'run':
      await run(request.options);
      break;
  }
}

async function run(options: ExazkOptions): Promise<void> {
  const load = () => translateExazk(options, hostContext());
  const translated = load();
  if (translated.kind === 'wrong') {
    await failStart(problemLines(translated.problems), exitCodes.config);
    return;
  }
  const { config, warnings } = translated;
  const { runAgent } = await import('./run-agent.ts');
  const [service] = config.settings.services;
  await runAgent(config, { name: `exazk-${service?.name ?? ''}`, warnings, load, file: undefined });
}
