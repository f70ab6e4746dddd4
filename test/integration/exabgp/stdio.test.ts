import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { build } from 'esbuild';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { waitFor } from '../../helpers/wait.ts';

/**
 * A helper process with the speaker on its real stdin and stdout, which are pipes as ExaBGP makes them. It reports on
 * stderr: one JSON line per event, and per beat the longest time its loop was held up.
 */
const helperSource = `
import { createClock } from './src/agent/clock.ts';
import { openStdio } from './src/exabgp/stdio.ts';
import { createSpeaker } from './src/exabgp/speaker.ts';
const tell = (value) => process.stderr.write(JSON.stringify(value) + '\\n');
const speaker = createSpeaker(
  { ackTimeoutMs: 500, pollMs: 200, acks: 'on' },
  { clock: createClock(), ...openStdio(), emit: tell, note: (level, place, detail) => tell({ kind: 'note', detail }) },
);
process.on('uncaughtException', (error) => { tell({ kind: 'uncaught', detail: error.message }); process.exit(1); });
let lastMs = performance.now();
let worstMs = 0;
setInterval(() => { worstMs = Math.max(worstMs, performance.now() - lastMs); lastMs = performance.now(); }, 5);
setInterval(() => tell({ kind: 'beat', worstMs }), 100);
speaker.start();
for (let command = 1; command <= Number(process.argv[2]); command += 1)
  speaker.announce(command, '10.20.255.1/32', { nextHop: 'self', med: command });
`;

type Told = { readonly kind: string; readonly detail?: string; readonly worstMs?: number };

describe('the speaker on real pipes', () => {
  const directory = mkdtempSync(join(tmpdir(), 'vk-stdio-'));
  const program = join(directory, 'helper.mjs');
  let child: ChildProcessByStdio<Writable, Readable, Readable> | undefined;

  beforeAll(async () => {
    await build({
      stdin: { contents: helperSource, resolveDir: process.cwd(), loader: 'ts' },
      bundle: true,
      platform: 'node',
      format: 'esm',
      outfile: program,
    });
  });
  afterEach(() => child?.kill('SIGKILL'));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  function start(commands: number) {
    const started = spawn(process.execPath, [program, String(commands)], {
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    child = started;
    started.stdin.on('error', () => undefined);
    const told: Told[] = [];
    createInterface({ input: started.stderr }).on('line', (line) => told.push(JSON.parse(line)));
    const until = (kind: string) =>
      waitFor(() => told.find((event) => event.kind === kind), { what: kind });
    return { helper: started, told, until };
  }

  it('goes on beating while nobody reads its output', async () => {
    // Nothing reads the pipe of this end: 64 KiB fill it, the rest waits in the helper.
    const { told, until } = start(3000);
    await until('speakerSilent');
    await waitFor(() => told.filter(({ kind }) => kind === 'beat').length >= 5, { what: 'beats' });
    const beat = told.findLast(({ kind }) => kind === 'beat');
    expect(beat?.worstMs).toBeLessThan(400);
    expect(told.filter(({ kind }) => kind === 'note')).toHaveLength(1);
    expect(told.find(({ kind }) => kind === 'note')?.detail).toContain('1000 lines wait');
  });

  it('says that ExaBGP is gone on end of input', async () => {
    const { helper, told, until } = start(1);
    await until('beat');
    helper.stdin.end();
    await until('speakerClosed');
    expect(told.find(({ kind }) => kind === 'speakerClosed')?.detail).toBe('end of input');
  });

  it('says that ExaBGP is gone on EPIPE, without an uncaught error', async () => {
    const { helper, told, until } = start(1);
    await until('beat');
    helper.stdout.destroy();
    // The next poll meets the closed pipe.
    helper.stdin.write('exabgp 4.2.21\ndone\ndone\n');
    await until('speakerClosed');
    expect(told.find(({ kind }) => kind === 'speakerClosed')?.detail).toBe('EPIPE');
    const beats = told.filter(({ kind }) => kind === 'beat').length;
    await waitFor(() => told.filter(({ kind }) => kind === 'beat').length > beats + 1, {
      what: 'life after EPIPE',
    });
    expect(told.some(({ kind }) => kind === 'uncaught')).toBe(false);
  });
});
