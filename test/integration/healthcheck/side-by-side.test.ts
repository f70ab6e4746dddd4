import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it, onTestFinished } from 'vitest';
import { waitFor } from '../../helpers/wait.ts';

/** ExaBGP's own program, of Debian's package, with the Python that it is packaged for. */
const python = '/usr/bin/python3';
const isInstalled = existsSync('/usr/lib/python3/dist-packages/exabgp/application/healthcheck.py');
const vipkeeper = resolve(import.meta.dirname, '../../../bin/vipkeeper');
const programs = {
  healthcheck: [python, '-m', 'exabgp.application.healthcheck'],
  vipkeeper: [vipkeeper, 'healthcheck'],
} as const;

/** What one look finds; after the last one, that again. `disable` passes and makes the disable file. */
type Look = 'pass' | 'fail' | 'slow' | 'disable';

interface Story {
  readonly looks: readonly Look[];
  readonly options: readonly string[];
  /** Each as many times as it comes in a row, once. */
  readonly expected: readonly string[];
  /** What the hooks hear; undefined: nothing is compared. */
  readonly states?: readonly string[];
}

const fast = ['-i', '0.2', '-f', '0.1', '-t', '1', '--no-ip-setup', '--no-syslog'];
const two = ['--ip', '192.0.2.1', '--ip', '2001:db8::/64'];
const all = [
  ...['--start-ip', '1', '--increase', '10', '--up-metric', '50', '--local-preference', '70'],
  ...['--community', '65000:1 65000:2', '--disabled-community', 'no-export'],
  ...['--extended-community', 'target:65000:1', '--large-community', '65000:1:2'],
  ...['--as-path', '65001 65001', '--down-as-path', '65009', '--path-id', '7'],
  ...['--neighbor', '192.0.2.8', '--neighbor', '192.0.2.9', '-N', '192.0.2.7'],
];
const rest = 'extended-community [ target:65000:1 ] large-community [ 65000:1:2 ]';
const toBoth = 'neighbor 192.0.2.8, neighbor 192.0.2.9';

const stories: readonly (readonly [string, Story])[] = [
  [
    'metrics, from up to down and back',
    {
      looks: ['pass', 'pass', 'pass', 'fail', 'fail', 'fail', 'pass'],
      options: two,
      expected: [
        'announce route 192.0.2.1/32 next-hop self med 100',
        'announce route 192.0.2.1/32 next-hop self med 1000',
        'announce route 192.0.2.1/32 next-hop self med 100',
        'withdraw route 192.0.2.1/32 next-hop self',
        'announce route 2001:db8::/64 next-hop self med 101',
        'announce route 2001:db8::/64 next-hop self med 1001',
        'announce route 2001:db8::/64 next-hop self med 101',
        'withdraw route 2001:db8::/64 next-hop self',
      ],
      states: ['RISING', 'UP', 'FALLING', 'DOWN', 'RISING', 'UP'],
    },
  ],
  [
    'all attributes, and a service that is down from the start',
    {
      looks: ['fail', 'fail', 'fail', 'pass', 'pass', 'pass'],
      options: ['--ip', '192.0.2.1', '--ip', '192.0.2.2', ...all],
      expected: [
        `${toBoth} announce route 192.0.2.2/32 next-hop 192.0.2.7 med 1000 local-preference 70 community [ no-export ] ${rest} as-path [ 65009 ] path-information 7`,
        `${toBoth} announce route 192.0.2.2/32 next-hop 192.0.2.7 med 50 local-preference 70 community [ 65000:1 65000:2 ] ${rest} as-path [ 65001 65001 ] path-information 7`,
        `${toBoth} withdraw route 192.0.2.2/32 next-hop 192.0.2.7 path-information 7`,
        `${toBoth} announce route 192.0.2.1/32 next-hop 192.0.2.7 med 1010 local-preference 70 community [ no-export ] ${rest} as-path [ 65009 ] path-information 7`,
        `${toBoth} announce route 192.0.2.1/32 next-hop 192.0.2.7 med 60 local-preference 70 community [ 65000:1 65000:2 ] ${rest} as-path [ 65001 65001 ] path-information 7`,
        `${toBoth} withdraw route 192.0.2.1/32 next-hop 192.0.2.7 path-information 7`,
      ],
    },
  ],
  [
    'withdraws, and checks that are too slow; a blip is none of them',
    {
      looks: ['pass', 'pass', 'fail', 'pass', 'pass', 'slow', 'fail', 'pass'],
      options: ['--ip', '192.0.2.1', '--rise', '2', '--fall', '2', '--withdraw-on-down'],
      expected: [
        'announce route 192.0.2.1/32 next-hop self med 100',
        'withdraw route 192.0.2.1/32 next-hop self',
        'announce route 192.0.2.1/32 next-hop self med 100',
        'withdraw route 192.0.2.1/32 next-hop self',
      ],
    },
  ],
  [
    'a disable file that comes and goes',
    {
      looks: ['pass', 'pass', 'disable', 'pass'],
      options: ['--ip', '192.0.2.1', '--rise', '2', '--disabled-metric', '400'],
      expected: [
        'announce route 192.0.2.1/32 next-hop self med 100',
        'announce route 192.0.2.1/32 next-hop self med 400',
        'announce route 192.0.2.1/32 next-hop self med 100',
        'withdraw route 192.0.2.1/32 next-hop self',
      ],
      states: ['RISING', 'UP', 'DISABLED', 'INIT', 'RISING', 'UP'],
    },
  ],
  [
    'a disable file where nothing is announced but health, and no answers',
    {
      looks: ['disable', 'pass'],
      options: ['--ip', '192.0.2.1', '--rise', '1', '--withdraw-on-down', '--no-ack'],
      expected: [
        'announce route 192.0.2.1/32 next-hop self med 100',
        'withdraw route 192.0.2.1/32 next-hop self',
        'announce route 192.0.2.1/32 next-hop self med 100',
        'withdraw route 192.0.2.1/32 next-hop self',
      ],
    },
  ],
];

/** One program on pipes that answers every line, and all that it wrote. */
class Run {
  readonly lines: string[] = [];
  readonly directory = mkdtempSync(join(tmpdir(), 'vipkeeper-healthcheck-'));
  readonly exited: Promise<number | null>;
  readonly #child;

  constructor(program: keyof typeof programs, { looks, options }: Story) {
    writeFileSync(join(this.directory, 'looks'), `${looks.join('\n')}\n`);
    writeFileSync(join(this.directory, 'check.sh'), script(this.directory));
    const config = join(this.directory, 'healthcheck.conf');
    writeFileSync(
      config,
      `# as in seed 003\nname = apex\ncommand = sh ${this.directory}/check.sh\n`,
    );
    const [file, ...start] = programs[program];
    const hook = `echo $STATE >> ${this.directory}/states`;
    const disable = ['--disable', this.disableFile, '--execute', hook, '--config', config];
    this.#child = spawn(file, [...start, ...fast, ...options, ...disable], {
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    this.exited = new Promise((done) => this.#child.once('exit', done));
    this.#child.stdin.on('error', () => undefined);
    createInterface({ input: this.#child.stdout }).on('line', (line) => {
      this.lines.push(line);
      this.#child.stdin.write('done\n');
    });
    onTestFinished(() => {
      this.#child.kill('SIGKILL');
      rmSync(this.directory, { recursive: true, force: true });
    });
  }

  get disableFile(): string {
    return join(this.directory, 'disabled');
  }

  /** By VIP, each line once for as often as it came in a row. */
  get story(): readonly string[] {
    const byVip = new Map<string, string[]>();
    for (const line of this.lines) {
      const vip = vipOf(line) ?? line;
      const told = byVip.get(vip) ?? [];
      if (told.at(-1) !== line) byVip.set(vip, [...told, line]);
    }
    return [...byVip.values()].flat();
  }

  get states(): readonly string[] {
    const file = join(this.directory, 'states');
    return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }
}

/** Takes the first of what is to be found, and leaves the rest, or the last one. */
function script(directory: string): string {
  return `cd ${directory}
read look < looks
if [ $(wc -l < looks) -gt 1 ]; then sed -i 1d looks; fi
case $look in
  pass) exit 0;;
  disable) touch disabled; exit 0;;
  slow) sleep 20;;
  *) exit 1;;
esac
`;
}

/** Plays the story to its end, and a SIGTERM. */
async function play(program: keyof typeof programs, story: Story): Promise<Run> {
  const run = new Run(program, story);
  const before = story.expected.filter((_, index) => !isLast(story.expected, index));
  const disabled = waitFor(() => existsSync(run.disableFile) && hasTwoStories(run), {
    what: `${program} to tell that it is disabled`,
    timeoutMs: 10_000,
  });
  if (story.looks.includes('disable')) {
    await disabled;
    rmSync(run.disableFile);
  } else disabled.catch(() => undefined);
  await waitFor(() => run.story.length === before.length, {
    what: `${program} to say ${before.join('; ')}`,
    timeoutMs: 10_000,
  }).catch((error: unknown) => expect({ error, said: run.story }).toEqual(before));
  if (story.states !== undefined)
    await waitFor(() => run.states.length === story.states?.length, { what: 'the last hook' });
  expect(run.story).toEqual(before);
  if (program === 'healthcheck') await isAsleep(run, story);
  run.signal('SIGTERM');
  const code = await run.exited;
  // While ExaBGP's program writes or reads, a SIGTERM ends it with an exception of Python's instead of the withdraws.
  if (program === 'vipkeeper' || code === 0) expect(run.story).toEqual(story.expected);
  if (program === 'vipkeeper') expect(code).toBe(0);
  return run;
}

/** Between two rounds it sleeps, so that a SIGTERM finds it where it expects one. */
async function isAsleep(run: Run, { expected }: Story): Promise<void> {
  const told = run.lines.length;
  await waitFor(
    () => run.lines.length > told && vipOf(run.lines.at(-1)) === vipOf(expected.at(-1)),
    {
      what: 'the next round of ExaBGP’s healthcheck',
    },
  );
}

function vipOf(line = ''): string | undefined {
  return / route (\S+)/.exec(line)?.[1];
}

/** What is said at the end only: the withdraw of each VIP. */
function isLast(expected: readonly string[], index: number): boolean {
  return vipOf(expected[index]) !== vipOf(expected[index + 1]);
}

function hasTwoStories(run: Run): boolean {
  return run.story.length >= 2;
}

describe.skipIf(!isInstalled)("ExaBGP's healthcheck and ours, side by side", () => {
  it.each(stories)('say the same: %s', async (_, story) => {
    const [theirs, ours] = await Promise.all([
      play('healthcheck', story),
      play('vipkeeper', story),
    ]);
    if (story.states === undefined) return;
    expect(theirs.states).toEqual(story.states);
    expect(ours.states).toEqual(story.states);
  });
});
