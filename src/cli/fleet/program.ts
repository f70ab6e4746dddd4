import type { Command } from 'commander';
import { type AccessFlags, withAccess } from './access.ts';
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
}
