import type { Command } from 'commander';
import { type AccessFlags, withAccess } from '../fleet/access.ts';
import type { DashboardFlags } from './run.ts';

/** Adds the command that serves the page. What does the work is loaded when it is asked for. */
export function addDashboardCommand(program: Command): void {
  withAccess(program.command('dashboard'))
    .description('serve a web page of the whole fleet, live')
    .option('--listen <address:port>', 'where the page is served', '127.0.0.1:9469')
    .option(
      '--name <host...>',
      "names by which the page is asked for, besides addresses and this host's own",
    )
    .option(
      '--token-file <file>',
      'lets those who know the token in it drain, and put into maintenance, by the page',
    )
    .action(async (flags: AccessFlags & DashboardFlags) => {
      const { runDashboard } = await import('./run.ts');
      await runDashboard(flags);
    });
}
