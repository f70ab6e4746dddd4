import { Argument, Command, Option } from 'commander';
import { expect, it } from 'vitest';
import { wordsAt } from '../../../src/cli/completion/words.ts';

function program(): Command {
  const made = new Command('vipkeeper');
  made.command('check').requiredOption('-f, --config <file>');
  made
    .command('drain')
    .argument('[service]')
    .argument('[name]')
    .option('-f, --config <file>')
    .option('--for <duration>')
    .option('--wait');
  made.command('explain').argument('<vip>');
  made
    .command('whatif')
    .option('--down <member>')
    .option('--drain <member|vip>')
    .option('--vip <vip>');
  made
    .command('import')
    .addOption(new Option('--from <program>').choices(['exazk', 'healthcheck']));
  made.command('completion').addArgument(new Argument('<shell>').choices(['bash', 'zsh']));
  const maintenance = made.command('maintenance');
  maintenance.command('on').argument('<service>').option('-f, --config <file>');
  maintenance.command('off').argument('<service>');
  made.command('secret', { hidden: true });
  return made;
}

const known = {
  services: ['apex', 'web'],
  members: ['lb1', 'lb2'],
  vips: ['10.20.255.1', '2001:db8::1'],
};

it.each([
  [
    'vipkeeper ',
    ['check', 'drain', 'explain', 'whatif', 'import', 'completion', 'maintenance', 'help'],
  ],
  ['vipkeeper d', ['drain']],
  ['vipkeeper maintenance ', ['on', 'off', 'help']],
  ['vipkeeper maintenance on ', ['apex', 'web']],
  ['vipkeeper maintenance on apex ', []],
  ['vipkeeper drain ', ['apex', 'web']],
  ['vipkeeper drain a', ['apex']],
  ['vipkeeper drain apex ', ['lb1', 'lb2', '10.20.255.1', '2001:db8::1']],
  ['vipkeeper drain --wait apex 2001:d', ['2001:db8::1']],
  ['vipkeeper drain -', ['--config', '--for', '--wait', '--help']],
  ['vipkeeper drain apex lb1 --w', ['--wait']],
  ['vipkeeper -f a.yaml drain a', ['apex']],
  ['vipkeeper -f a.yaml ma', ['maintenance']],
  ['vipkeeper maintenance -f a.yaml o', ['on', 'off']],
  ['vipkeeper whatif --down ', ['lb1', 'lb2']],
  ['vipkeeper whatif --down lb1 --drain 1', ['10.20.255.1']],
  ['vipkeeper whatif --vip 2', ['2001:db8::1']],
  ['vipkeeper import --from h', ['healthcheck']],
  ['vipkeeper drain -f ', []],
  ['vipkeeper drain --for ', []],
  ['vipkeeper drain --for 30m ap', ['apex']],
  ['vipkeeper explain 1', ['10.20.255.1']],
  ['vipkeeper completion z', ['zsh']],
  ['vipkeeper nothing ', []],
  ['  /usr/bin/vipkeeper   drain   w', ['web']],
])('completes %j', (line, expected) => {
  expect(wordsAt(line, program(), () => known)).toEqual(expected);
});

it('asks for names in the configuration that the line names, and only when names are wanted', () => {
  const asked: (string | undefined)[] = [];
  const names = (file: string | undefined) => {
    asked.push(file);
    return known;
  };
  wordsAt('vipkeeper dr', program(), names);
  wordsAt('vipkeeper drain --w', program(), names);
  expect(asked).toEqual([]);
  wordsAt('vipkeeper drain -f /tmp/a.yaml ', program(), names);
  wordsAt('vipkeeper drain ', program(), names);
  expect(asked).toEqual(['/tmp/a.yaml', undefined]);
});
