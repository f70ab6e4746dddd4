import type { Command } from 'commander';
import type { InitFlags } from './init.ts';

/** Adds what writes a first configuration. */
export function addInitCommand(program: Command): void {
  program
    .command('init')
    .description("ask a few questions, write a configuration, and print what belongs into ExaBGP's")
    .option('-o, --output <file>', 'the file to write', 'vipkeeper.yaml')
    .option('--force', 'overwrite it')
    .option('--yes', 'ask nothing: what no flag says has its default')
    .option('--zookeeper <hosts>', 'zk1:2181,zk2:2181')
    .option('--service <name>', 'name of the service')
    .option('--vip <vip=owner...>', 'a VIP and its owner, 10.20.255.1=lb1')
    .option('--check <what>', 'a URL, HOST:PORT, or a command')
    .option('--local-as <number>', 'AS of the LBs')
    .option('--neighbor <address...>', 'addresses of the routers')
    .option('--peer-as <number>', 'AS of the routers')
    .option('--local-address <address>', "this LB's address towards the routers")
    .option('--exabgp-version <version>', 'as 4.2.21 (default: what exabgp --version says)')
    .action(async (flags: InitFlags) => {
      const { initialize } = await import('./init.ts');
      await initialize(flags);
    });
}
