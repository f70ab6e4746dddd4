import { type Command, Option } from 'commander';
import { withAccess } from '../fleet/access.ts';
import type { DrainFlags, MaintenanceFlags } from './operate.ts';

/** Adds what takes services, members and VIPs out and back. What does the work is loaded when it is asked for. */
export function addOperateCommands(program: Command): void {
  addMaintenance(program);
  addDrains(program);
}

function addMaintenance(program: Command): void {
  const group = program
    .command('maintenance')
    .description('withdraw a whole service everywhere, and let it come back');
  const texts = {
    on: 'withdraw every VIP of a service, on every member',
    off: 'let the members announce again',
  };
  for (const action of ['on', 'off'] as const) {
    const command = withWait(withAccess(group.command(action)))
      .description(texts[action])
      .argument('<service>')
      .option('--reason <text>', 'why, for those who find it')
      .action(async (service: string, flags: MaintenanceFlags) => {
        const { changeMaintenance } = await import('./operate.ts');
        await changeMaintenance(action, service, flags);
      });
    if (action === 'on')
      command.option('--yes', 'do not ask; needed where there is no terminal to ask on');
  }
  withAccess(group.command('show'))
    .description('show which services are in maintenance, since when, by whom and why')
    .argument('[service]')
    .option('--json', 'as JSON')
    .action(async (service: string | undefined, flags: MaintenanceFlags) => {
      const { showMaintenance } = await import('./operate.ts');
      await showMaintenance(service, flags);
    });
}

function addDrains(program: Command): void {
  const texts = {
    drain: 'take one member, or one VIP everywhere, out',
    undrain: 'lift a drain',
  };
  for (const action of ['drain', 'undrain'] as const) {
    const command = withWait(withAccess(program.command(action)))
      .description(texts[action])
      .argument('[service]')
      .argument('[name]', 'a member, or a VIP')
      .option(
        '--self',
        'the member of this host, as its configuration names it; of all services, or the one named',
      )
      .option(
        '--force',
        action === 'drain'
          ? 'also what nobody knows, what leaves a VIP without announcer, or an end before the one that stands'
          : 'also what nobody knows',
      )
      .option('--reason <text>', 'why, for those who find it')
      .action(async (service: string | undefined, name: string | undefined, flags: DrainFlags) => {
        const { changeDrain } = await import('./operate.ts');
        await changeDrain(action, service, name, flags);
      });
    if (action === 'drain')
      command
        .option('--for <duration>', 'ends by itself after so long, as 30m or 2h')
        .addOption(
          new Option('--yes', 'a VIP: do not ask; needed where there is no terminal to ask on'),
        );
  }
}

function withWait(command: Command): Command {
  return command
    .option(
      '--wait',
      'return when the fleet has done it, and say on stderr what is missing until then',
    )
    .option('--timeout <duration>', 'with --wait: the longest wait', '60s')
    .option('--json', 'as JSON');
}
