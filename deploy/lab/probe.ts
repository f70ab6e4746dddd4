import { createSocket, type Socket } from 'node:dgram';
import { probePort, type Vip, vips } from './plan.ts';
import { type LossRun, ProbeFlow } from './probe-flow.ts';
import { nowMs } from './wait.ts';

export const flowsPerVip = 4;
export const probeIntervalMs = 5;
/** How often the prober tells how far it is. */
const tickEveryMs = 100;

/** What the prober prints, one JSON line each. */
export type ProbeLine =
  | ({ readonly kind: 'silence'; readonly vip: string; readonly flow: number } & LossRun)
  | ProbeTick;

export interface ProbeTick {
  readonly kind: 'tick';
  readonly atMs: number;
  /** All probes sent before this time are settled. */
  readonly settledMs: number;
  /** Since the last tick. */
  readonly sent: number;
  /** The largest time between two rounds of probes since the last tick: what this machine's noise hid. */
  readonly worstGapMs: number;
  /** Answers since the last tick, by VIP and LB. */
  readonly answers: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** Runs of losses that go on. */
  readonly open: readonly ({ readonly vip: string; readonly flow: number } & LossRun)[];
}

interface Flow {
  readonly vip: string;
  readonly flow: number;
  readonly socket: Socket;
  readonly book: ProbeFlow;
  isReady: boolean;
}

/** Runs inside the client's namespace until its standard input ends: probes every VIP over several flows. */
export function runProbe(): void {
  const answers: Record<string, Record<string, number>> = {};
  const flows = vips.flatMap((vip) =>
    Array.from({ length: flowsPerVip }, (_, index) => openFlow(vip, index, answers)),
  );
  const report = createReporter(flows, answers);
  let lastRoundMs = nowMs();
  let worstGapMs = 0;
  let sent = 0;
  let nextTickMs = lastRoundMs + tickEveryMs;
  setInterval(() => {
    const atMs = nowMs();
    worstGapMs = Math.max(worstGapMs, atMs - lastRoundMs);
    lastRoundMs = atMs;
    for (const flow of flows) if (sendProbe(flow)) sent += 1;
    if (atMs < nextTickMs) return;
    nextTickMs = atMs + tickEveryMs;
    report(atMs, sent, worstGapMs);
    sent = 0;
    worstGapMs = 0;
  }, probeIntervalMs);
  process.stdin.resume();
  process.stdin.on('end', () => process.exit(0));
}

function openFlow(vip: Vip, index: number, answers: Record<string, Record<string, number>>): Flow {
  const socket = createSocket(vip.family === 'ipv4' ? 'udp4' : 'udp6');
  const flow: Flow = {
    vip: vip.address,
    flow: index,
    socket,
    book: new ProbeFlow(),
    isReady: false,
  };
  socket.on('message', (message) => {
    flow.book.answered(message.readUInt32BE(0));
    const name = message.toString('latin1', 4);
    answers[vip.address] ??= {};
    const perName = answers[vip.address] ?? {};
    perName[name] = (perName[name] ?? 0) + 1;
  });
  // Refused and unreachable are what a dark VIP looks like: the probe stays unanswered.
  socket.on('error', () => undefined);
  socket.on('connect', () => {
    flow.isReady = true;
  });
  socket.connect(probePort, vip.address);
  return flow;
}

function sendProbe(flow: Flow): boolean {
  if (!flow.isReady) return false;
  const message = Buffer.alloc(4);
  message.writeUInt32BE(flow.book.sent(nowMs()));
  flow.socket.send(message, () => {
    // See the socket's error listener.
  });
  return true;
}

function createReporter(flows: readonly Flow[], answers: Record<string, Record<string, number>>) {
  return (atMs: number, sent: number, worstGapMs: number): void => {
    const lines: ProbeLine[] = [];
    let settledMs = atMs;
    for (const { vip, flow, book } of flows) {
      for (const run of book.settle(atMs)) lines.push({ kind: 'silence', vip, flow, ...run });
      settledMs = Math.min(settledMs, book.settledMs(atMs));
    }
    const open = flows.flatMap(({ vip, flow, book }) => {
      const run = book.openRun();
      return run === undefined ? [] : [{ vip, flow, ...run }];
    });
    lines.push({
      kind: 'tick',
      atMs,
      settledMs,
      sent,
      worstGapMs,
      answers: structuredClone(answers),
      open,
    });
    for (const vip of Object.keys(answers)) delete answers[vip];
    process.stdout.write(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  };
}
