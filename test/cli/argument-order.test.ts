import { Command } from 'commander';
import { expect, it } from 'vitest';
import { inOrder } from '../../src/cli/argument-order.ts';

function program(): Command {
  const made = new Command('vipkeeper').version('1', '-V, --version');
  made.command('status').argument('[service]').option('-z <hosts>').option('--json');
  const maintenance = made.command('maintenance');
  maintenance.command('on').argument('<service>').option('-z <hosts>').option('--yes');
  return made;
}

it.each([
  ['status -z zk1 apex', 'status -z zk1 apex'],
  ['-z zk1 status apex', 'status -z zk1 apex'],
  ['--json status', 'status --json'],
  ['--json -z status status', 'status --json -z status'],
  ['-z zk1 maintenance --yes on apex', 'maintenance on -z zk1 --yes apex'],
  // What is wrong with these is said by who parses them.
  ['-z zk1 statsu', 'statsu -z zk1'],
  ['--jsno status', 'status --jsno'],
  ['-z zk1', '-z zk1'],
  ['-z', '-z'],
  // The program's own.
  ['--version', '--version'],
  ['--help status', '--help status'],
  ['maintenance --help', 'maintenance --help'],
  ['', ''],
])('reads %j as %j', (typed, meant) => {
  const words = (text: string) => (text === '' ? [] : text.split(' '));
  expect(inOrder(words(typed), program())).toEqual(words(meant));
});
