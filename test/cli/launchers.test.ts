import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const bin = (name: string) => join(root, 'bin', name);
const folder = mkdtempSync(join(tmpdir(), 'vipkeeper-'));
const good = join(folder, 'good.yaml');
const bad = join(folder, 'bad.yaml');
const seedFlags = '-A 10.20.255.1 -N 10.20.255.2 -zPS /exabgp/service/apex -zPM /exabgp/off/apex';

beforeAll(() => {
  if (!existsSync(join(root, 'dist/exazk.js')))
    execFileSync('node', ['scripts/build.mjs'], { cwd: root });
  writeFileSync(
    good,
    'member: lb1\nzookeeper: { hosts: zk1 }\nservices: { apex: { vips: { 10.20.255.1: lb1 } } }\n',
  );
  writeFileSync(bad, 'membr: lb1\nzookeeper: { hosts: zk1 }\nservices: { apex: {} }\n');
});
afterAll(() => rmSync(folder, { recursive: true }));

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts a launcher with pipes on all three descriptors, as ExaBGP does; it is killed when the test ends. */
function start(
  program: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): { child: ChildProcess; ended: Promise<Ended> } {
  const env = { ...process.env, ...environment };
  const child = spawn(program, args, { cwd: '/', stdio: 'pipe', env });
  onTestFinished(() => void child.kill('SIGKILL'));
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (data: Buffer) => {
    stdout += data.toString();
  });
  child.stderr.on('data', (data: Buffer) => {
    stderr += data.toString();
  });
  const ended = new Promise<Ended>((resolve) => {
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
  return { child, ended };
}

/** Runs a launcher with an empty stdin. */
function run(program: string, ...args: readonly string[]): Promise<Ended> {
  const { child, ended } = start(program, args);
  child.stdin?.end();
  return ended;
}

it.each(['vipkeeper', 'exazk'])(
  '%s tells version and commit, from anywhere and through a symlink',
  async (name) => {
    const link = join(folder, name);
    symlinkSync(bin(name), link);
    for (const program of [bin(name), link]) {
      expect(await run(program, '--version')).toMatchObject({
        code: 0,
        // A build without git knows no commit.
        stdout: expect.stringMatching(/^\d+\.\d+\.\d+ \(([0-9a-f]{12}|unknown)\)\n$/),
        stderr: '',
      });
    }
  },
);

it.each([
  ['vipkeeper', 'vipkeeper check -f vipkeeper.yaml'],
  ['exazk', '-zPS /exabgp/service/apex'],
])('%s shows help with examples', async (name, example) => {
  const { code, stdout, stderr } = await run(bin(name), '--help');
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toContain(example);
});

it('check says what a valid file means, one line per service', async () => {
  expect(await run(bin('vipkeeper'), 'check', '-f', good)).toEqual({
    code: 0,
    stdout:
      'apex: lb1 owns 10.20.255.1/32; backs up no VIP; no check; claims in /exabgp/service/apex\n',
    stderr: `${good}: warning: services.apex.checks: none, so the service always counts as healthy\n`,
  });
});

it('check tells every problem of a wrong file, and ends with 78', async () => {
  const { code, stdout, stderr } = await run(bin('vipkeeper'), 'check', '--config', bad);
  expect([code, stdout]).toEqual([78, '']);
  expect(stderr.trimEnd().split('\n')).toEqual([
    expect.stringContaining(`${bad}:1:1: membr: `),
    expect.stringContaining(`${bad}:3:19: services.apex: expected at least one VIP, found none`),
    'vipkeeper: 2 problems in the configuration',
  ]);
});

it('check names a file that is not there', async () => {
  const { code, stderr } = await run(bin('vipkeeper'), 'check', '-f', '/none.yaml');
  expect(code).toBe(78);
  expect(stderr).toContain(
    '/none.yaml: expected a readable file, found an error on reading it (ENOENT)',
  );
});

it.each([
  ['vipkeeper', ''],
  ['vipkeeper', 'frobnicate'],
  ['vipkeeper', 'run'],
  ['vipkeeper', 'check -f a -q'],
  ['exazk', '-q'],
  ['exazk', '-zHhost'],
  ['exazk', 'apex'],
])('%s %s is a usage error, 64', async (name, line) => {
  const { code, stdout, stderr } = await run(bin(name), ...line.split(' ').filter(Boolean));
  expect([code, stdout]).toEqual([64, '']);
  expect(stderr).not.toBe('');
});

it.each([
  ['vipkeeper', `run -f ${bad}`],
  ['exazk', '-n apex'],
])(
  '%s %s keeps ExaBGP from respawning it, and ends with 78 as soon as ExaBGP is gone',
  async (name, line) => {
    const { child, ended } = start(bin(name), line.split(' '));
    await new Promise((resolve) => child.stderr?.once('data', resolve));
    expect(await Promise.race([ended, pause(300)])).toBe('running');
    child.stdin?.end();
    expect(await ended).toMatchObject({ code: 78, stdout: '' });
  },
);

it.each([
  ['vipkeeper', `run -f ${good}`],
  ['exazk', `--no-syslog -c true -n apex -zH 127.0.0.1:1 ${seedFlags}`],
])('%s keeps ExaBGP from respawning it after a bug in its start, too', async (name, line) => {
  const plant = `const { on } = process;
    process.on = (name, ...rest) => {
      if (name === 'SIGPIPE') throw new Error('planted');
      return on.call(process, name, ...rest);
    };`;
  const { child, ended } = start(bin(name), line.split(' '), {
    NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(plant)}`,
  });
  await new Promise((resolve) => child.stderr?.once('data', resolve));
  expect(await Promise.race([ended, pause(300)])).toBe('running');
  child.stdin?.end();
  const { code, stdout, stderr } = await ended;
  expect([code, stdout]).toEqual([70, '']);
  expect(stderr).toContain('bug: Error: planted');
});

it('a failed start ends at once on SIGTERM', async () => {
  const { child, ended } = start(bin('vipkeeper'), ['run', '-f', bad]);
  await new Promise((resolve) => child.stderr?.once('data', resolve));
  await pause(100);
  child.kill('SIGTERM');
  expect((await ended).code).toBe(78);
});

it.each([
  ['a stream without an end', 'close'],
  ['SIGTERM', 'SIGTERM'],
])('the agent goes to ZooKeeper, and leaves on %s', async (_, how) => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const connected = new Promise<void>((resolve) => {
    server.on('connection', (socket) => {
      onTestFinished(() => void socket.destroy());
      socket.on('error', () => undefined);
      resolve();
    });
  });
  const flags = `--no-syslog -c true -n apex -zH 127.0.0.1:${port} ${seedFlags}`;
  const { child, ended } = start(bin('exazk'), flags.split(' '));
  await connected;
  if (how === 'close') child.stdin?.end();
  else child.kill('SIGTERM');
  const { code, stdout, stderr } = await ended;
  expect(code).toBe(0);
  // Nothing may be announced before ZooKeeper was seen.
  expect(stdout).not.toContain('announce route');
  expect(stderr).toContain('member ');
});

function pause(delayMs: number): Promise<'running'> {
  return new Promise((resolve) => {
    setTimeout(() => resolve('running'), delayMs);
  });
}
