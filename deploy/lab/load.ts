import { connect, type Socket } from 'node:net';
import { vips } from './plan.ts';
import type { Outcome, Request } from './requests.ts';
import { nowMs } from './wait.ts';

/** One new connection to each VIP this often, whatever became of those before. */
const requestIntervalMs = 20;
/** Above TCP's first retransmission after 1 s: a lost packet shows as a slow request, a lost VIP as none. */
const answerWithinMs = 2_500;
const tellEveryMs = 100;

/** What the load generator prints, a JSON line each. */
export interface LoadLine {
  /** Every request that began before this time is told. */
  readonly settledMs: number;
  /** Those that ended since the last line. */
  readonly requests: readonly Request[];
}

/**
 * Runs inside the client's namespace until its standard input ends: new HTTP requests to every VIP without a pause, each
 * on a connection, and from a port, of its own.
 */
export function runLoad(): void {
  let ended: Request[] = [];
  const open = new Set<{ readonly vip: string; readonly startedMs: number }>();
  const request = (vip: string) => {
    const started = { vip, startedMs: nowMs() };
    open.add(started);
    ask(vip, (outcome) => {
      open.delete(started);
      ended.push({ ...started, endedMs: nowMs(), outcome });
    });
  };
  setInterval(() => {
    for (const { address } of vips) request(address);
  }, requestIntervalMs);
  setInterval(() => {
    const settledMs = Math.min(nowMs(), ...[...open].map(({ startedMs }) => startedMs));
    const line: LoadLine = { settledMs, requests: ended };
    ended = [];
    process.stdout.write(`${JSON.stringify(line)}\n`);
  }, tellEveryMs);
  process.stdin.resume();
  process.stdin.on('end', () => process.exit(0));
}

/** One request; `end` is called once. */
function ask(vip: string, end: (outcome: Outcome) => void): void {
  const socket = connect({ host: vip, port: 80 });
  let answer = '';
  let failure: Outcome | undefined;
  const timer = setTimeout(() => fail(socket, 'timedOut'), answerWithinMs);
  const fail = (failed: Socket, outcome: Outcome) => {
    failure = outcome;
    failed.destroy();
  };
  socket.setEncoding('latin1');
  socket.on('connect', () => socket.write(`GET / HTTP/1.0\r\nHost: ${vip}\r\n\r\n`));
  socket.on('data', (chunk: string) => {
    answer += chunk;
  });
  socket.on('error', (error) => {
    failure ??= outcomeOf(error as NodeJS.ErrnoException);
  });
  socket.on('close', () => {
    clearTimeout(timer);
    end(failure ?? (isWhole(answer) ? 'answered' : 'cut'));
  });
}

function outcomeOf({ code }: NodeJS.ErrnoException): Outcome {
  if (code === 'ECONNREFUSED') return 'refused';
  if (code === 'ECONNRESET' || code === 'EPIPE') return 'reset';
  return code === 'ETIMEDOUT' ? 'timedOut' : 'unreachable';
}

/** nginx tells the LB's name in the body. */
function isWhole(answer: string): boolean {
  return /^HTTP\/1\.[01] 200 [\s\S]*\r\n\r\nlb\d\n$/.test(answer);
}
