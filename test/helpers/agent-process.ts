import { execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createScriptedExaBgp, type ScriptedExaBgp } from './scripted-exabgp.ts';
import { waitFor } from './wait.ts';

/** One line of the agent's log. */
export interface LogLine {
  readonly atMs: number;
  /** Empty for a line that is no JSON. */
  readonly level: string;
  readonly msg: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface Exit {
  readonly atMs: number;
  /** Exit code, or the signal's name. */
  readonly how: number | string;
}

/** A launcher as ExaBGP runs it: pipes on stdin and stdout, its log on stderr. */
export interface AgentProcess {
  readonly pid: number;
  readonly exabgp: ScriptedExaBgp;
  readonly log: readonly LogLine[];
  readonly exited: Promise<Exit>;
  /** Log lines whose message matches, since `from`. */
  said(pattern: RegExp | string, from?: number): readonly LogLine[];
  /** Waits for such a line. */
  says(pattern: RegExp | string, options?: SaysOptions): Promise<LogLine>;
  /** Waits until these are exactly the routes that ExaBGP has: prefixes without their length, and the MED. */
  hasRoutes(routes: Readonly<Record<string, number>>, timeoutMs?: number): Promise<void>;
  /** Writes to the agent as ExaBGP would. */
  say(text: string): void;
  /** Ends the agent's stdin. */
  endInput(): void;
  /** Closes the reading end of the agent's stdout. */
  closeOutput(): void;
  /** Closes the reading end of its log. */
  closeLog(): void;
  signal(name: NodeJS.Signals): void;
  /** Kills it if it still runs. */
  stop(): Promise<void>;
}

export interface SaysOptions {
  /** Only lines from this index of the log on. */
  readonly from?: number;
  readonly timeoutMs?: number;
}

export interface AgentProcessOptions {
  readonly program?: 'vipkeeper' | 'exazk';
  /** Options for node itself, to run it under a preload. */
  readonly nodeOptions?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The path of a launcher; builds it when there is none. */
export function launcherOf(program: 'vipkeeper' | 'exazk'): string {
  if (!existsSync(join(root, `dist/${program}.js`)))
    execFileSync('node', ['scripts/build.mjs'], { cwd: root });
  return join(root, 'bin', program);
}

/** Starts a launcher. It ends with this process, however that ends: its stdin does. */
export function startAgentProcess(
  args: readonly string[],
  options: AgentProcessOptions = {},
): AgentProcess {
  const { program = 'vipkeeper', nodeOptions = [], environment } = options;
  const child = spawn(process.execPath, [...nodeOptions, launcherOf(program), ...args], {
    cwd: '/',
    stdio: 'pipe',
    env: { ...process.env, ...environment },
  });
  const { pid } = child;
  if (pid === undefined) throw new Error(`${program} did not start`);
  const exabgp = createScriptedExaBgp();
  const log = collectLog(child.stderr);
  child.stdin.on('error', () => undefined);
  child.stdout.on('error', () => undefined);
  child.stdout.on('data', (bytes: Buffer) => {
    const answer = exabgp.read(bytes);
    if (answer !== '' && child.stdin.writable) child.stdin.write(answer);
  });
  const exited = new Promise<Exit>((resolve) => {
    child.on('exit', (code, signal) =>
      resolve({ atMs: performance.now(), how: code ?? signal ?? 'unknown' }),
    );
  });
  const said = (pattern: RegExp | string, from = 0) =>
    log.slice(from).filter(({ msg }) => isLike(msg, pattern));
  const tail = () =>
    log
      .slice(-12)
      .map(({ msg }) => msg)
      .join('\n');
  return {
    pid,
    exabgp,
    log,
    exited,
    said,
    says: (pattern, { from = 0, timeoutMs = 15_000 } = {}) =>
      waitFor(() => said(pattern, from)[0], { what: `a line like ${pattern}`, timeoutMs }).catch(
        (error: Error) => {
          throw new Error(`${error.message}; the last lines were\n${tail()}`);
        },
      ),
    hasRoutes: async (routes, timeoutMs = 15_000) => {
      const wanted = JSON.stringify(Object.entries(routes).sort());
      const seen = () => JSON.stringify(Object.entries(medsOf(exabgp.routes)).sort());
      const what = `the routes ${wanted}`;
      await waitFor(() => seen() === wanted, { what, timeoutMs }).catch((error: Error) => {
        throw new Error(`${error.message}; they are ${seen()}; the last lines were\n${tail()}`);
      });
    },
    say: (text) => void child.stdin.write(text),
    endInput: () => void child.stdin.end(),
    closeOutput: () => void child.stdout.destroy(),
    closeLog: () => void child.stderr.destroy(),
    signal: (name) => void child.kill(name),
    stop: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

/** The MED of each route, by address. */
function medsOf(routes: ReadonlyMap<string, string>): Record<string, number> {
  return Object.fromEntries(
    [...routes].map(([prefix, attributes]) => [
      prefix.replace(/\/(32|128)$/, ''),
      Number(/\bmed (\d+)/.exec(attributes)?.[1]),
    ]),
  );
}

/** One line of a log; what is no JSON keeps its text. */
export function parseLogLine(text: string): LogLine {
  const atMs = performance.now();
  if (!text.startsWith('{')) return { atMs, level: '', msg: text, fields: {} };
  const { level, msg, ...fields } = JSON.parse(text) as Record<string, unknown>;
  return { atMs, level: String(level), msg: String(msg), fields };
}

function collectLog(stderr: NodeJS.ReadableStream): LogLine[] {
  const log: LogLine[] = [];
  let half = '';
  stderr.on('data', (bytes: Buffer) => {
    const lines = (half + bytes.toString()).split('\n');
    half = lines.pop() ?? '';
    log.push(...lines.map(parseLogLine));
  });
  return log;
}

function isLike(text: string, pattern: RegExp | string): boolean {
  return typeof pattern === 'string' ? text.includes(pattern) : pattern.test(text);
}
