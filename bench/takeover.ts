import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { PassThrough, Writable } from 'node:stream';
import zooKeeper from 'node-zookeeper-client';
import { createAgent } from '../src/agent/agent.ts';
import { createClock } from '../src/agent/clock.ts';
import { createSpeaker } from '../src/exabgp/speaker.ts';
import { readInstance } from '../src/host/instance.ts';
import { createCoordinator } from '../src/zookeeper/coordinator.ts';
import {
  apex,
  backupAttributes,
  lb1,
  lb2,
  settings,
  vip1,
  vip2,
} from '../test/helpers/core-run.ts';
import { waitFor } from '../test/helpers/wait.ts';
import type { ZooKeeper } from '../test/helpers/zookeeper.ts';
import { monotonicMs, type WriterAnswer, type WriterCommand } from './claim-writer.ts';

const claims = '/exabgp/service/apex';
const claimPath = `${claims}/10.20.255.2`;

export interface TakeoverSample {
  /** From the peer's delete request to the callback of a bare watch on the same list of claims. */
  readonly watchMs: number;
  /**
   * Every other time the bare watch reads the claims as well, since the event alone does not say which VIP it is about:
   * from the same moment to the answer of that read.
   */
  readonly readMs: number | undefined;
  /** From the same moment to the announce line at ExaBGP's pipe. */
  readonly lineMs: number;
}

/** Lets a peer delete its claim `count` times and times both a bare watch and the whole agent, in this one process. */
export async function measureTakeover(
  ensemble: ZooKeeper,
  count: number,
): Promise<readonly TakeoverSample[]> {
  const exaBgp = createPipe();
  const agent = startAgent(ensemble, exaBgp);
  const watch = await createBareWatch(ensemble.connectString);
  const writer = fork(process.argv[1] ?? '', ['claim-writer', ensemble.connectString, claimPath]);
  await once(writer, 'message');
  const samples: TakeoverSample[] = [];
  for (let index = 0; index < count; index += 1) {
    await order(writer, 'create');
    await waitFor(() => exaBgp.last === 'withdraw', { timeoutMs: 10_000, what: 'the withdraw' });
    await watch.arm(index % 2 === 1);
    exaBgp.announcedMs = undefined;
    const { sentMs } = await order(writer, 'delete');
    await waitFor(() => exaBgp.announcedMs !== undefined && watch.isDone(), {
      timeoutMs: 10_000,
      what: 'watch and line',
    });
    samples.push({
      watchMs: (watch.firedMs ?? 0) - sentMs,
      readMs: watch.readMs === undefined ? undefined : watch.readMs - sentMs,
      lineMs: (exaBgp.announcedMs ?? 0) - sentMs,
    });
  }
  writer.disconnect();
  watch.close();
  await agent.close();
  return samples;
}

async function order(writer: ChildProcess, command: WriterCommand): Promise<WriterAnswer> {
  const answered = once(writer, 'message');
  writer.send(command);
  const [answer] = (await answered) as [WriterAnswer];
  return answer;
}

/** The two pipes of an ExaBGP that accepts everything at once. */
function createPipe() {
  const input = new PassThrough();
  const pipe = {
    input,
    announcedMs: undefined as number | undefined,
    last: '',
    output: new Writable({
      write(chunk: Buffer, _encoding, done) {
        const arrivedMs = monotonicMs();
        for (const line of chunk.toString().trim().split('\n')) answerLine(line, arrivedMs);
        done();
      },
    }),
  };
  function answerLine(line: string, arrivedMs: number): void {
    if (line.includes(vip2)) {
      pipe.last = line.split(' ')[0] ?? '';
      if (pipe.last === 'announce') pipe.announcedMs ??= arrivedMs;
    }
    if (line.includes('version')) input.write('exabgp 4.2.21\n');
    if (line.includes('summary')) {
      input.write('10.0.0.2       65001     0:00:11 established           4          0\n');
    }
    input.write('done\n');
  }
  return pipe;
}

function startAgent(ensemble: ZooKeeper, pipe: ReturnType<typeof createPipe>) {
  const clock = createClock();
  let close = async () => {};
  const agent = createAgent({
    settings: settings(
      {
        vips: [
          { vip: vip1, owner: lb1 },
          { vip: vip2, owner: lb2 },
        ],
        takeover: { delayMs: 0, releaseMs: 1, settleMs: 0 },
        announce: { owner: backupAttributes, backup: backupAttributes, down: undefined },
      },
      { neighbors: { require: 'off', stableForMs: 0 } },
    ),
    clock,
    log: () => undefined,
    exit: () => undefined,
    adapters: (emit, note) => {
      const coordinator = createCoordinator(
        {
          servers: ensemble.servers,
          chroot: '',
          sessionTimeoutMs: 6_000,
          auth: undefined,
          tls: undefined,
          member: lb1,
          instance: readInstance(),
          fateOf: () => 'elsewhere',
          services: [
            {
              name: apex,
              paths: {
                claims,
                maintenance: '/exabgp/maintenance/apex',
                members: '/exabgp/member/apex',
                drains: '/exabgp/drain/apex',
              },
              vips: [vip1, vip2],
              ownVips: [vip1],
            },
          ],
          rereadMs: 60_000,
        },
        { clock, emit, note },
      );
      close = () => coordinator.close(1_000);
      return {
        coordinator,
        speaker: createSpeaker(
          { ackTimeoutMs: 2_000, pollMs: 1_000, acks: 'on' },
          { clock, emit, note, input: pipe.input, output: pipe.output },
        ),
        checker: { run: () => undefined, setServices: () => undefined, stop: () => undefined },
      };
    },
  });
  agent.start();
  return { close: () => close() };
}

/** What the library alone needs: a client of its own, and a watch on the children. */
async function createBareWatch(connectString: string) {
  const client = zooKeeper.createClient(connectString);
  client.connect();
  await once(client, 'connected');
  const watch = {
    firedMs: undefined as number | undefined,
    readMs: undefined as number | undefined,
    reads: false,
    isDone: () => (watch.reads ? watch.readMs : watch.firedMs) !== undefined,
    /** Resolves once ZooKeeper has the watch. */
    arm(reads: boolean): Promise<void> {
      watch.firedMs = undefined;
      watch.readMs = undefined;
      watch.reads = reads;
      const fired = () => {
        watch.firedMs = monotonicMs();
        if (!reads) return;
        client.getChildren(claims, () => {
          watch.readMs = monotonicMs();
        });
      };
      return new Promise((resolve, reject) => {
        client.getChildren(claims, fired, (error) => (error ? reject(error) : resolve()));
      });
    },
    close: () => client.close(),
  };
  return watch;
}
