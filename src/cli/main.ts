import { Command, CommanderError, Option } from 'commander';
import type { ImportFormat } from '../config/import.ts';
import { inOrder } from './argument-order.ts';
import { addCompletionCommands } from './completion/program.ts';
import { addDashboardCommand } from './dashboard/program.ts';
import { addDoctorCommand } from './doctor/program.ts';
import { exitCodes } from './exit-codes.ts';
import { failOfBug, failStart } from './failed-start.ts';
import { addFleetCommands } from './fleet/program.ts';
import { addInitCommand } from './init/program.ts';
import { hostContext, loadFile, problemLines } from './load.ts';
import { addOperateCommands } from './operate/program.ts';
import { summaryLines } from './summary.ts';
import { versionText } from './version.ts';
import { addVipCommands } from './vip/program.ts';

const examples = `
Examples:
  In exabgp.conf, one process for all services of this LB:
    process vipkeeper { run /usr/bin/vipkeeper run -f /etc/vipkeeper/vipkeeper.yaml; encoder json; }

  Before it is rolled out, on any host:
    $ vipkeeper check -f vipkeeper.yaml
    apex: lb1 owns 10.20.255.1/32; backs up 10.20.255.2/32, 10.20.255.3/32; 1 check every 5s; claims in /exabgp/service/apex

  At night, on any host that reaches ZooKeeper:
    $ vipkeeper status -z zk1:2181,zk2:2181

Exit codes: 0 done, 1 problems found, 64 wrong command line, 65 no such VIP, 69 ZooKeeper does not answer, 70 bug, 78 wrong
configuration (docs/errors.md).`;

const program = createProgram();
const argv = inOrder(process.argv.slice(2), program);
/** Its options are parsed as Python does. */
const isHealthcheck = argv[0] === 'healthcheck';
const isRun = argv[0] === 'run' || isHealthcheck;

await main();

async function main(): Promise<void> {
  try {
    if (isHealthcheck) {
      const { runHealthcheck } = await import('./healthcheck.ts');
      await runHealthcheck(argv.slice(1));
      return;
    }
    await program.parseAsync(argv, { from: 'user' });
  } catch (error) {
    if (!isRun && isInterruption(error)) {
      process.stderr.write('\nvipkeeper: interrupted, so nothing was changed\n');
      process.exitCode = exitCodes.refused;
      return;
    }
    if (!(error instanceof CommanderError)) {
      if (isRun) await failOfBug(error);
      throw error;
    }
    // Help and version, once printed, are thrown as well.
    if (error.exitCode === 0) return;
    if (isRun) await failStart([], exitCodes.usage);
    process.exitCode = exitCodes.usage;
  }
}

/** Ctrl-C or Ctrl-D in the place of an answer. */
function isInterruption(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}

function createProgram(): Command {
  const program = new Command('vipkeeper')
    .description('VIP ownership agent for ExaBGP: which LB carries which VIP, decided in ZooKeeper')
    .version(versionText(), '-V, --version', 'print version and commit')
    .addHelpText('after', examples)
    .showHelpAfterError('(try --help)')
    .exitOverride();
  program
    .command('run')
    .description(
      'run the agent, as a process of ExaBGP: stdin and stdout belong to ExaBGP, logs go to stderr',
    )
    .requiredOption('-f, --config <file>', 'configuration, YAML')
    .action(async ({ config }: { readonly config: string }) => run(config));
  program
    .command('check')
    .description('check a configuration and say what it means for this member')
    .option('-f, --config <file>', 'configuration, YAML', '/etc/vipkeeper/vipkeeper.yaml')
    .action(({ config }: { readonly config: string }) => check(config));
  program
    .command('healthcheck')
    .description("run the agent by the options of ExaBGP's healthcheck; see healthcheck --help");
  program
    .command('import <file>')
    .description(
      "print the configuration that a file of ExaZK, ExaBGP's healthcheck or the Perl one means",
    )
    .addOption(
      new Option('--from <program>', 'what the file is for; else told by its content').choices([
        'exazk',
        'healthcheck',
        'perl',
      ]),
    )
    .action(async (file: string, { from }: { readonly from?: ImportFormat }) =>
      printImport(file, from),
    );
  addVipCommands(program);
  addFleetCommands(program);
  addOperateCommands(program);
  addDoctorCommand(program);
  addDashboardCommand(program);
  addInitCommand(program);
  addCompletionCommands(program);
  return program;
}

async function printImport(file: string, from: ImportFormat | undefined): Promise<void> {
  const { importFile } = await import('./import.ts');
  const imported = importFile(file, from, hostContext());
  if (imported.kind === 'done') {
    process.stdout.write(imported.yaml);
    return;
  }
  for (const line of imported.lines) process.stderr.write(`${line}\n`);
  process.exitCode = exitCodes.config;
}

async function run(file: string): Promise<void> {
  const loaded = loadFile(file);
  if (loaded.kind === 'wrong') {
    await failStart(problemLines(loaded.problems), exitCodes.config);
    return;
  }
  // Only here, so that everything else starts without the agent's libraries.
  const { runAgent } = await import('./run-agent.ts');
  await runAgent(loaded.config, {
    name: 'vipkeeper',
    warnings: loaded.warnings,
    load: () => loadFile(file),
    file: loaded.config.reload === 'onChange' ? file : undefined,
  });
}

function check(file: string): void {
  const loaded = loadFile(file);
  if (loaded.kind === 'wrong') {
    for (const line of problemLines(loaded.problems)) process.stderr.write(`${line}\n`);
    process.exitCode = exitCodes.config;
    return;
  }
  for (const warning of loaded.warnings) process.stderr.write(`${file}: warning: ${warning}\n`);
  for (const line of summaryLines(loaded.config)) process.stdout.write(`${line}\n`);
}
