import { expect, it } from 'vitest';
import { parseExazkArguments } from '../../src/cli/exazk-arguments.ts';

const parse = (line: string) => parseExazkArguments(line === '' ? [] : line.split(' '));

it("parses seed 003's line", () => {
  const line =
    '-sF daemon -c /exazk/check_local_nginx.sh -n apex -A 10.20.255.1 -N 10.20.255.2 -N 10.20.255.3' +
    ' -zH localhost -zPS /exabgp/service/apex -zPM /exabgp/maintenance/apex';
  expect(parse(line)).toEqual({
    kind: 'run',
    options: {
      syslog_facility: 'daemon',
      local_check: '/exazk/check_local_nginx.sh',
      srv_name: 'apex',
      srv_auth_ip: '10.20.255.1',
      srv_non_auth_ips: ['10.20.255.2', '10.20.255.3'],
      zk_hosts: ['localhost'],
      zk_path_service: '/exabgp/service/apex',
      zk_path_maintenance: '/exabgp/maintenance/apex',
    },
  });
});

// Each row was compared with Python's argparse, along with 30000 random ones.
it.each([
  ['', {}],
  ['-ds', { debug: true, silent: true }],
  ['-sF -d', { syslog_facility: 'daemon', debug: true }],
  ['-sF=local0', { syslog_facility: 'local0' }],
  ['--syslog-f local1', { syslog_facility: 'local1' }],
  ['--no-syslog', { syslog: false }],
  ['--no-s', { syslog: false }],
  ['-napex', { srv_name: 'apex' }],
  ['-n=apex', { srv_name: 'apex' }],
  ['-nfoo=bar', { srv_name: 'foo=bar' }],
  ['-n a -n b', { srv_name: 'b' }],
  ['-dcfoo', { debug: true, local_check: 'foo' }],
  ['-zH=a --zk-host=b --zk-h c', { zk_hosts: ['a', 'b', 'c'] }],
  ['-c -5', { local_check: '-5' }],
  ['-f x --silent', { conffile: 'x', silent: true }],
])('parses %j', (line, options) => {
  expect(parse(line)).toEqual({ kind: 'run', options });
});

it('takes a value with spaces even behind a dash', () => {
  expect(parseExazkArguments(['-c', '-x y'])).toEqual({
    kind: 'run',
    options: { local_check: '-x y' },
  });
});

it.each([
  ['-zHhost', 'unrecognized argument: -zHhost'],
  ['-z host', 'ambiguous option: -z could match -zH, -zPS, -zPM'],
  [
    '--zk-path x',
    'ambiguous option: --zk-path could match --zk-path-service, --zk-path-maintenance',
  ],
  ['-sFdaemon', "argument -s: ignored explicit argument 'Fdaemon'"],
  ['--debug=1', "argument --debug: ignored explicit argument '1'"],
  ['-c', 'argument -c: expected one argument'],
  ['-c -n apex', 'argument -c: expected one argument'],
  ['apex', 'unrecognized argument: apex'],
  ['-q', 'unrecognized argument: -q'],
  ['-- x', 'unrecognized argument: --'],
])('refuses %j', (line, detail) => {
  expect(parse(line)).toEqual({ kind: 'wrong', detail });
});

it('knows help and version', () => {
  expect([parse('-h'), parse('-d --help'), parse('--version')].map(({ kind }) => kind)).toEqual([
    'help',
    'help',
    'version',
  ]);
});
