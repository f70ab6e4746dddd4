import type { Command } from 'commander';
import { type AccessFlags, withAccess } from './access.ts';
import type { JsonFlag, WhatIfFlags } from './commands.ts';
import type { HistoryFlags } from './history.ts';
import type { StatusFlags } from './status.ts';

/** Adds what shows a fleet. What does the work is loaded when it is asked for: the agent does without. */
export function addFleetCommands(program: Command): void {
  withAccess(program.command('status'))
    .description('show who owns and announces what, and what is wrong')
    .argument('[service]', 'this service only')
    .option('--watch', 'go on, and show every change')
    .option('--all', 'every VIP and member by name, however many')
    .option('--json', 'as JSON (docs/commands.md)')
    .action(async (service: string | undefined, flags: AccessFlags & StatusFlags) => {
      const { runStatus } = await import('./commands.ts');
      await runStatus(service, flags);
    });
  withAccess(program.command('explain'))
    .description('say what decided about a VIP at every member, and what would change it')
    .argument('<vip>', 'as 10.20.255.1 or 10.30.0.0/24')
    .option('--json', 'as JSON (docs/commands.md)')
    .action(async (vip: string, flags: AccessFlags & JsonFlag) => {
      const { runExplain } = await import('./commands.ts');
      await runExplain(vip, flags);
    });
  const more = (value: string, before: readonly string[]) => [...before, value];
  withAccess(program.command('whatif'))
    .description(
      'say who would announce what, by the rule itself; a configuration given is taken for that of all members',
    )
    .argument('[service]', 'this service only')
    .option('--down <member...>', 'if these members were gone', more, [])
    .option('--drain <member|vip...>', 'if these were drained', more, [])
    .option('--maintenance', 'if the service were in maintenance')
    .option('--json', 'as JSON (docs/commands.md)')
    .action(async (service: string | undefined, flags: AccessFlags & JsonFlag & WhatIfFlags) => {
      const { runWhatIf } = await import('./commands.ts');
      await runWhatIf(service, flags);
    });
  withAccess(program.command('history'))
    .description(
      'list the last moves of VIPs, drains and maintenance, with times, reasons and who did it',
    )
    .argument('[service]', 'this service only')
    .option('--vip <vip>', 'this VIP only')
    .option('--since <time>', 'what happened since then: 2h, or 2026-11-21T18:00:00Z')
    .option('-n, --number <count>', 'so many of each VIP (default: 10, with --since all)')
    .option('--json', 'as JSON (docs/commands.md)')
    .action(async (service: string | undefined, flags: AccessFlags & JsonFlag & HistoryFlags) => {
      const { runHistory } = await import('./history.ts');
      await runHistory(service, flags);
    });
}
