import { expect, it } from 'vitest';
import { parseHealthcheckArguments } from '../../src/cli/healthcheck-arguments.ts';

/** The files of seeds 001 (as its text has it) and 003. */
const files: Readonly<Record<string, string>> = {
  'seed003.conf': `name = apex
interval = 10
fast-interval = 1
command = curl -sf http://127.0.0.1/healthcheck
ip = 91.238.131.166
ip = 91.238.131.167
`,
  'odd.conf': `# a comment

  debug
ip=192.0.2.1
command = test "$A" = b
`,
  'wrong.conf': 'no-such-key = 1\n',
};

const parse = (line: string) =>
  parseHealthcheckArguments(line === '' ? [] : line.split(' '), (path) => {
    const text = files[path];
    if (text === undefined) throw new Error('ENOENT');
    return text;
  });

it.each([
  ['', {}],
  [
    '-s --config seed003.conf --start-ip 0',
    {
      silent: true,
      name: 'apex',
      interval: '10',
      'fast-interval': '1',
      command: 'curl -sf http://127.0.0.1/healthcheck',
      ip: ['91.238.131.166', '91.238.131.167'],
      'start-ip': '0',
    },
  ],
  [
    '--config odd.conf --ip 192.0.2.2',
    {
      debug: true,
      ip: ['192.0.2.1', '192.0.2.2'],
      command: 'test "$A" = b',
    },
  ],
  [
    '-F seed003.conf -i 3 -n web',
    {
      name: 'web',
      interval: '3',
      'fast-interval': '1',
      command: 'curl -sf http://127.0.0.1/healthcheck',
      ip: ['91.238.131.166', '91.238.131.167'],
    },
  ],
  [
    '--cmd=true --local-preference -1 --up-m 5',
    { command: 'true', 'local-preference': '-1', 'up-metric': '5' },
  ],
  ['-sF --no-ack -d', { 'syslog-facility': 'daemon', 'no-ack': true, debug: true }],
  ['--execute a --execute b --debounce', { execute: ['a', 'b'], debounce: true }],
])('reads %j', (line, options) => {
  expect(parse(line)).toEqual({ kind: 'run', options });
});

it.each([
  ['--rise x', /--rise: expected an integer, found 'x'/],
  ['-i -1', /--interval: expected a number of seconds/],
  ['-s --no-syslog', /--no-syslog: not allowed with argument --silent/],
  [
    '--up 3',
    /ambiguous option: --up could match --up-metric, --up-as-path, --up-execute|ambiguous/,
  ],
  ['--nothing', /unrecognized argument: --nothing/],
  ['-F absent.conf', /can't open 'absent.conf': ENOENT/],
  ['-F wrong.conf', /^wrong\.conf:1:1: no-such-key: expected an option of healthcheck, found the/],
])('says what is wrong with %j', (line, words) => {
  expect(parse(line)).toEqual({ kind: 'wrong', detail: expect.stringMatching(words) });
});

it('shows its help', () => {
  expect(parse('-F absent.conf --help')).toEqual({ kind: 'help' });
});
