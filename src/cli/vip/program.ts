import type { Command } from 'commander';
import { exitCodes } from '../exit-codes.ts';
import { fail } from '../fleet/print.ts';
import { loadFile, problemLines } from '../load.ts';
import type { VipOptions } from './command.ts';

type Flags = Omit<VipOptions, 'name' | 'action'> & { readonly config: string };

const texts = {
  withdraw: 'withdraw the VIPs behind a name at this site, until they are announced again',
  announce: 'announce the VIPs behind a name at this site again',
};

/** Adds what takes VIPs out by the name that people know them by, and brings them back. */
export function addVipCommands(program: Command): void {
  const vip = program.command('vip').description('take VIPs out at this site, by name, and back');
  for (const action of ['withdraw', 'announce'] as const) {
    const command = vip
      .command(`${action} <name>`)
      .description(texts[action])
      .option('-f, --config <file>', 'configuration, YAML', '/etc/vipkeeper/vipkeeper.yaml')
      .option('--this-member', 'of this member alone; only whole services')
      .option('--reason <text>', 'why, for those who find it')
      .action((name: string, { config, ...options }: Flags) =>
        changeVips(config, { ...options, name, action }),
      );
    if (action === 'withdraw') {
      command.option('--for <duration>', 'ends by itself after so long, as 2h');
    }
  }
}

async function changeVips(file: string, options: VipOptions): Promise<void> {
  // Who this member is matters only where it alone is to go.
  const loaded = loadFile(file, options.thisMember === true ? 'agent' : 'fleet');
  if (loaded.kind === 'wrong') return fail(problemLines(loaded.problems), exitCodes.config);
  // Only here, so that the agent starts without it.
  const command = await import('./command.ts');
  const { code, out, errors } = await command.changeVips(loaded.config, options);
  for (const line of out) process.stdout.write(`${line}\n`);
  for (const line of errors) process.stderr.write(`${line}\n`);
  process.exitCode = code;
}
