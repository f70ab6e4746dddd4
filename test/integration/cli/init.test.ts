import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { launcherOf } from '../../helpers/agent-process.ts';
import { temporaryDirectory } from '../../helpers/temporary-directory.ts';

/** Not a dependency of ours: the integration tests install it. */
const exabgp = 'exabgp';
const has = (program: string) => spawnSync(program, ['--version']).status === 0;
const flags = ['--vip', '10.20.255.1=lb1', '--local-as', '65147'];
const routers = [
  '--neighbor',
  '10.0.0.1',
  '10.0.0.2',
  '--peer-as',
  '65101',
  '--local-address',
  '10.0.0.9',
];

function vipkeeper(...args: readonly string[]) {
  const child = spawnSync(process.execPath, [launcherOf('vipkeeper'), ...args], { input: '' });
  return { code: child.status, out: child.stdout.toString(), error: child.stderr.toString() };
}

it('writes what check accepts, and never over a file without being told to', () => {
  const file = join(temporaryDirectory(), 'new/fleet.yaml');
  const first = vipkeeper('init', '-o', file, ...flags, ...routers, '--exabgp-version', '4.2.21');
  expect(first.error).toContain(`${file} is written`);
  expect(first.code).toBe(0);
  expect(vipkeeper('check', '-f', file).code).toBe(0);
  const before = readFileSync(file, 'utf8');
  const second = vipkeeper('init', '-o', file, '--vip', '10.20.255.9=lb1');
  expect(second).toMatchObject({
    code: 77,
    error: `vipkeeper: ${file} is there already; --force overwrites it\n`,
  });
  expect(readFileSync(file, 'utf8')).toBe(before);
  expect(vipkeeper('init', '-o', file, '--force', '--vip', '10.20.255.9=lb1').code).toBe(0);
  expect(readFileSync(file, 'utf8')).toContain('10.20.255.9');
});

it('says which flag is missing where nobody can be asked', () => {
  const file = join(temporaryDirectory(), 'fleet.yaml');
  expect(vipkeeper('init', '-o', file)).toMatchObject({
    code: 64,
    error: 'vipkeeper: --vip: expected at least one VIP, as 10.20.255.1=lb1\n',
  });
  expect(() => readFileSync(file)).toThrow('ENOENT');
});

it.skipIf(!has(exabgp))('prints what the ExaBGP of this host accepts', () => {
  const folder = temporaryDirectory();
  const file = join(folder, 'fleet.yaml');
  const { out } = vipkeeper('init', '-o', file, ...flags, ...routers);
  writeFileSync(join(folder, 'exabgp.conf'), out);
  const env = { ...process.env, 'exabgp.api.cli': 'false', 'exabgp.log.level': 'ERR' };
  const tested = spawnSync(exabgp, ['--test', join(folder, 'exabgp.conf')], { env });
  expect([tested.status, tested.stdout.toString()]).toEqual([0, '']);
});

it.skipIf(!has('script'))('asks on a terminal, again where an answer is wrong', async () => {
  const folder = temporaryDirectory();
  const command = `${process.execPath} ${launcherOf('vipkeeper')} init -o ${folder}/fleet.yaml --exabgp-version 5`;
  const shell = spawn('script', ['-qec', command, '/dev/null'], {
    env: { ...process.env, TERM: 'dumb' },
    stdio: 'pipe',
  });
  const replies: [RegExp, string][] = [
    [/ZooKeeper servers \[.*\]: $/, 'zk9'],
    [/name of the service \[apex\]: $/, ''],
    [/its VIPs.*: $/, '10.20.255'],
    [/expected an address or a network, found "10.20.255"\s+its VIPs.*: $/, '10.20.255.7=lb7'],
    [/what tells that it works.*: $/, '127.0.0.1:80'],
    [/AS number of the LBs.*: $/, ''],
    [/addresses of the routers.*: $/, ''],
    [/AS number of the routers.*: $/, ''],
    [/address towards them.*: $/, ''],
  ];
  let seen = '';
  shell.stdout.on('data', (bytes: Buffer) => {
    seen += bytes.toString();
    const [next] = replies;
    if (next === undefined || !next[0].test(seen)) return;
    replies.shift();
    seen = '';
    shell.stdin.write(`${next[1]}\r`);
  });
  await new Promise((resolve) => shell.on('close', resolve));
  expect(replies).toEqual([]);
  expect(seen).toContain('neighbor ROUTER');
  const written = readFileSync(join(folder, 'fleet.yaml'), 'utf8');
  for (const part of ['["zk9"]', '"10.20.255.7": "lb7"', 'tcp: "127.0.0.1:80"', '  apex:'])
    expect(written).toContain(part);
});

it.skipIf(!has('script')).each([
  ['Ctrl-C', '\x03'],
  ['Ctrl-D', '\x04'],
])('ends in order when %s is the answer', async (_name, key) => {
  const folder = temporaryDirectory();
  const command = `${process.execPath} ${launcherOf('vipkeeper')} init -o ${folder}/fleet.yaml`;
  const shell = spawn('script', ['-qec', command, '/dev/null'], {
    env: { ...process.env, TERM: 'dumb' },
    stdio: 'pipe',
  });
  let seen = '';
  shell.stdout.on('data', (bytes: Buffer) => {
    if (!seen.includes(']: ') && `${seen}${bytes}`.includes(']: ')) shell.stdin.write(key);
    seen += bytes.toString();
  });
  const code = await new Promise((resolve) => shell.on('close', resolve));
  expect(seen).toContain('vipkeeper: interrupted, so nothing was changed');
  expect(code).toBe(77);
  expect(existsSync(join(folder, 'fleet.yaml'))).toBe(false);
});
