import type { Command } from 'commander';
import type { DoctorOptions } from './doctor.ts';

/** Adds what looks at everything on this host that the agent needs, and changes nothing. */
export function addDoctorCommand(program: Command): void {
  program
    .command('doctor')
    .description(
      'test this host: configuration, ZooKeeper, ExaBGP, addresses, rights; changes nothing',
    )
    .option('-f, --config <file>', 'configuration, YAML', '/etc/vipkeeper/vipkeeper.yaml')
    .option('--exabgp <program>', "ExaBGP's program", 'exabgp')
    .option('--exabgp-conf <file>', "ExaBGP's configuration", '/etc/exabgp/exabgp.conf')
    .option('--exabgp-env <file>', "ExaBGP's settings", '/etc/exabgp/exabgp.env')
    .option('--json', 'print the findings as JSON')
    .action(async (options: DoctorOptions) => {
      // Only here, so that the agent starts without it.
      const { examine } = await import('./doctor.ts');
      await examine(options);
    });
}
