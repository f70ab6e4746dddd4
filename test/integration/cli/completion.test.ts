import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { launcherOf } from '../../helpers/agent-process.ts';
import { temporaryDirectory } from '../../helpers/temporary-directory.ts';

const hasScript = spawnSync('script', ['--version']).status === 0;

const isThere = (shell: string) => spawnSync(shell, ['-c', 'exit 0']).status === 0;

/** A folder with a configuration, and what finds our program there. */
function workplace(): { readonly folder: string; readonly env: NodeJS.ProcessEnv } {
  const folder = temporaryDirectory();
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  symlinkSync(launcherOf('vipkeeper'), join(bin, 'vipkeeper'));
  // Nobody answers there: whoever asked ZooKeeper for names would wait.
  const config = `
zookeeper: { hosts: [192.0.2.1] }
services:
  apex: { vips: { 10.20.255.1: lb1, "2001:db8::1": lb2 }, checks: [{ always: up }] }`;
  writeFileSync(join(folder, 'fleet.yaml'), config);
  const path = `${bin}:${process.env['PATH']}`;
  return {
    folder,
    env: { ...process.env, PATH: path, TERM: 'dumb', HISTFILE: '', ZDOTDIR: folder },
  };
}

/** What is run shows the words it got. */
const echo = `vipkeeper() {
  if [ "$1" = complete ]; then command vipkeeper "$@"; else printf '<%s>' vipkeeper "$@"; fi
}
PS1='ready> '
`;

const shells = {
  bash: {
    rc: `source <(command vipkeeper completion bash)\n`,
    start: 'bash --noprofile --rcfile .zshrc -i',
  },
  zsh: {
    rc: `unsetopt PROMPT_SP PROMPT_CR; autoload -Uz compinit; compinit -u -D
source <(command vipkeeper completion zsh)\n`,
    start: 'zsh -d -i',
  },
};

/** Types keys into an interactive shell on a terminal of its own, and returns what the command it then ran had got. */
async function typed(name: keyof typeof shells, keys: string): Promise<string> {
  const { folder, env } = workplace();
  const { rc, start } = shells[name];
  writeFileSync(join(folder, '.zshrc'), rc + echo);
  const command = `cd ${folder} && ${start}`;
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
  // The shell waits for the end of a completion before it takes the next key.
  shell.stdin.write(`${keys}\n`);
  await sees('>ready> ');
  shell.stdin.end('exit\n');
  return /(<vipkeeper>.*>)ready> /s.exec(seen)?.[1] ?? seen;
}

describe.each(['bash', 'zsh'] as const)('%s', (name) => {
  it.skipIf(!hasScript || !isThere(name)).each([
    [
      'true; vipkeeper dra\t-f fl\tap\tlb2\t--wa\t',
      '<vipkeeper><drain><-f><fleet.yaml><apex><lb2><--wait>',
    ],
    [
      'vipkeeper dra\t-f fleet.yaml apex 2001:d\t',
      '<vipkeeper><drain><-f><fleet.yaml><apex><2001:db8::1>',
    ],
  ])('completes %j', { timeout: 60_000 }, async (keys, expected) => {
    expect(await typed(name, keys)).toBe(expected);
  });
});

it.skipIf(!isThere('fish'))(
  'fish completes, file names only where there is nothing else',
  {
    timeout: 60_000,
  },
  () => {
    const { folder, env } = workplace();
    const lines = [
      'dra',
      'drain -f fl',
      'drain -f fleet.yaml ap',
      '-f fleet.yaml drain apex 2001:',
    ];
    const asked = lines.map((line) => `complete -C 'vipkeeper ${line}'`);
    const script = ['vipkeeper completion fish | source', ...asked].join('; ');
    const ran = spawnSync('fish', ['--no-config', '-c', script], { cwd: folder, env });
    expect(ran.stderr.toString()).toBe('');
    expect(ran.stdout.toString()).toBe('drain\nfleet.yaml\napex\n2001:db8::1\n');
  },
);

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
