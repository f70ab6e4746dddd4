import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { launcherOf } from '../../helpers/agent-process.ts';
import { temporaryDirectory } from '../../helpers/temporary-directory.ts';

const hasScript = spawnSync('script', ['--version']).status === 0;

/** Types keys into an interactive bash on a terminal of its own, and returns what the command it then ran had got. */
async function typed(keys: string): Promise<string> {
  const folder = temporaryDirectory();
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  symlinkSync(launcherOf('vipkeeper'), join(bin, 'vipkeeper'));
  const config = `
zookeeper: { hosts: [zk1] }
services:
  apex: { vips: { 10.20.255.1: lb1, "2001:db8::1": lb2 }, checks: [{ always: up }] }`;
  writeFileSync(join(folder, 'fleet.yaml'), config);
  const env = { ...process.env, PATH: `${bin}:${process.env['PATH']}`, TERM: 'dumb', HISTFILE: '' };
  writeFileSync(
    join(folder, 'rc'),
    `source <(vipkeeper completion bash); PS1='ready> '; args() { printf '<%s>' "$@"; }\n`,
  );
  const command = `cd ${folder} && bash --noprofile --rcfile rc -i`;
  const shell = spawn('script', ['-qec', command, '/dev/null'], { env, stdio: 'pipe' });
  let seen = '';
  const sees = (text: string) =>
    new Promise<void>((resolve) => {
      const look = () => {
        if (!seen.includes(text)) return;
        shell.stdout.off('data', look);
        resolve();
      };
      shell.stdout.on('data', look);
      look();
    });
  shell.stdout.on('data', (bytes: Buffer) => {
    seen += bytes.toString();
  });
  await sees('ready> ');
  // Readline waits for the end of a completion before it takes the next key; what is run shows the words it got.
  shell.stdin.write(`${keys}\u0001args \n`);
  await sees('>ready> ');
  shell.stdin.end('exit\n');
  return /(<vipkeeper>.*>)ready> /s.exec(seen)?.[1] ?? seen;
}

it.skipIf(!hasScript).each([
  [
    'vipkeeper dra\t-f fl\tap\tlb2\t--wa\t',
    '<vipkeeper><drain><-f><fleet.yaml><apex><lb2><--wait>',
  ],
  [
    'vipkeeper dra\t-f fleet.yaml apex 2001:d\t',
    '<vipkeeper><drain><-f><fleet.yaml><apex><2001:db8::1>',
  ],
])('bash completes %j', { timeout: 30_000 }, async (keys, expected) => {
  expect(await typed(keys)).toBe(expected);
});

it.each([
  ['bash', ['-n']],
  ['zsh', ['-n']],
  ['fish', ['--no-execute']],
])('prints what %s can read', (shell, flags) => {
  const text = execFileSync(process.execPath, [launcherOf('vipkeeper'), 'completion', shell]);
  expect(text.toString()).toMatch(/vipkeeper complete /);
  const file = join(temporaryDirectory(), 'script');
  writeFileSync(file, text);
  const { error, status, stderr } = spawnSync(shell, [...flags, file]);
  // Not everybody has every shell.
  if (error === undefined) expect([status, stderr.toString()]).toEqual([0, '']);
});

it('refuses other shells', () => {
  const ran = spawnSync(process.execPath, [launcherOf('vipkeeper'), 'completion', 'csh']);
  expect(ran.status).toBe(64);
  expect(ran.stderr.toString()).toContain('Allowed choices are bash, zsh, fish');
});
