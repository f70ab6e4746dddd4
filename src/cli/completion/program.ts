import { existsSync } from 'node:fs';
import { Argument, type Command } from 'commander';
import { loadFile } from '../load.ts';
import { type Shell, scripts, shells } from './scripts.ts';
import { type KnownNames, wordsAt } from './words.ts';

/** Adds what shells complete command lines by. To be added last: it knows the commands that are there. */
export function addCompletionCommands(program: Command): void {
  program
    .command('completion')
    .description('print what a shell completes vipkeeper by')
    .addArgument(new Argument('<shell>').choices([...shells]))
    .addHelpText('after', '\nThe first lines of what is printed say where it belongs.')
    .action((shell: Shell) => void process.stdout.write(scripts[shell]));
  program
    .command('complete', { hidden: true })
    .argument('<line>', 'a command line as far as it is typed')
    .action((line: string) => {
      const words = wordsAt(line, program, namesIn);
      if (words.length > 0) process.stdout.write(`${words.join('\n')}\n`);
    });
}

/** Of a file that cannot be read, or has mistakes, none. */
function namesIn(file = '/etc/vipkeeper/vipkeeper.yaml'): KnownNames {
  const loaded = existsSync(file) ? loadFile(file, 'fleet') : undefined;
  if (loaded?.kind !== 'valid') return { services: [], members: [], vips: [] };
  const { services } = loaded.config.settings;
  const vips = services.flatMap((service) => service.vips);
  const owners = vips.map(({ owner }) => owner).filter((owner) => owner !== undefined);
  return {
    services: services.map(({ name }) => name),
    members: [...new Set(owners)],
    // As they are written: a single address without its length.
    vips: vips.map(({ vip }) => vip.replace(/^([^:]+)\/32$|^(.*:.*)\/128$/, '$1$2')),
  };
}
