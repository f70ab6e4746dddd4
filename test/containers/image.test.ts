import { createClient } from 'node-zookeeper-client';
import {
  GenericContainer,
  Network,
  type StartedNetwork,
  type StartedTestContainer,
  Wait,
} from 'testcontainers';
import { afterAll, beforeAll, describe, expect, inject, it, onTestFinished } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { waitFor } from '../helpers/wait.ts';
import { runCommand } from './commands.ts';
import { images } from './images.ts';
import { type ContainedZooKeeper, startZooKeeper } from './zookeeper.ts';

const why = inject('noContainers');
const vip = '10.99.0.1';
/** The router does not exist: what is looked at here is the pod alone. */
const exabgpConf = `process vipkeeper {
  run /usr/bin/vipkeeper run -f /etc/vipkeeper/vipkeeper.yaml;
  encoder json;
}
neighbor 192.0.2.1 {
  router-id \${ROUTER_ID};
  local-address 192.0.2.2;
  local-as 65001;
  peer-as 65000;
  family { ipv4 unicast; }
  api { processes [ vipkeeper ]; neighbor-changes; }
}
`;

describe('the image', () => {
  let network: StartedNetwork;
  let zooKeeper: ContainedZooKeeper;

  beforeAll(async () => {
    if (why !== '') return;
    network = await new Network().start();
    zooKeeper = await startZooKeeper(network);
  });
  afterAll(async () => {
    await zooKeeper?.stop();
    await network?.stop();
  });

  async function startPod(
    member: string,
    change: (container: GenericContainer) => GenericContainer = (container) => container,
    more = '',
  ): Promise<StartedTestContainer> {
    const config = `member: ${member}
zookeeper: { hosts: [${zooKeeper.address}], sessionTimeout: 2s }
bgp: { require: off }
shutdown: { timeout: 1s }
${more}
services:
  ${member}: { vips: { ${vip}: ${member} }, checks: [], takeover: { settle: 0s, release: 0s } }
`;
    const container = change(
      new GenericContainer(images.vipkeeper)
        .withNetwork(network)
        .withEnvironment({ ROUTER_ID: '192.0.2.2' })
        .withCopyContentToContainer([
          { content: config, target: '/etc/vipkeeper/vipkeeper.yaml' },
          { content: exabgpConf, target: '/etc/vipkeeper/exabgp.conf' },
        ])
        .withWaitStrategy(Wait.forLogMessage(/claim on .*: created/))
        .withStartupTimeout(30_000),
    );
    const log: string[] = [];
    container.withLogConsumer((stream) => stream.on('data', (text) => log.push(String(text))));
    const pod = await container.start().catch((error: Error) => {
      throw new Error(`${error.message}\n${log.join('')}`);
    });
    onTestFinished(async () => void (await pod.stop({ timeout: 0 }).catch(() => undefined)));
    return pod;
  }

  it('says what it is, and runs as nobody special under tini', async ({ skip }) => {
    skip(why !== '', why);
    const pod = await startPod('plain');
    const inside = async (...command: string[]) => (await pod.exec(command)).output.trim();
    expect(await inside('vipkeeper', '--version')).toMatch(
      new RegExp(`^${packageJson.version.replaceAll('.', '\\.')} \\(`),
    );
    expect(await inside('id', '-u')).toBe('179');
    expect(await inside('cat', '/proc/1/comm')).toBe('tini');
    expect(await inside('/usr/lib/vipkeeper/health')).toMatch(/^process \d+ runs$/);
    const size = await runCommand([
      'docker',
      'image',
      'inspect',
      '--format',
      '{{.Size}}',
      images.vipkeeper,
    ]);
    expect(Number(size)).toBeLessThan(300e6);
  });

  it('is healthy while its agent runs and answers', async ({ skip }) => {
    skip(why !== '', why);
    const pod = await startPod('health', undefined, 'listen: 127.0.0.1:9468 # machines');
    const health = async () => {
      const { exitCode, output } = await pod.exec(['/usr/lib/vipkeeper/health']);
      return `${exitCode}: ${output.trim().split('\n').at(-1)}`;
    };
    const answering = /^0: process \d+ answers on 127\.0\.0\.1 9468$/;
    await waitFor(async () => answering.test(await health()), {
      what: 'the agent to listen',
      timeoutMs: 30_000,
      everyMs: 200,
    });
    const inside = (script: string) => pod.exec(['bash', '-c', script]);
    const [, agent] = /process (\d+)/.exec(await health()) ?? [];
    // Stopped, it takes connections still: the kernel does.
    await inside(`kill -STOP ${agent}`);
    expect(await health()).toBe(`1: process ${agent} does not answer on 127.0.0.1 9468`);
    await inside(`kill -CONT ${agent}`);
    await waitFor(async () => answering.test(await health()), {
      what: 'the agent to answer again',
      timeoutMs: 30_000,
      everyMs: 200,
    });
    await inside(
      'for p in /proc/[0-9]*; do grep -qsz [s]bin.exabgp $p/cmdline && kill -STOP $(basename $p); done',
    );
    await inside(`kill -9 ${agent}`);
    expect(await health()).toBe('1: no agent runs');
  });

  it('gives its claim away when it is stopped, and ends by itself', async ({ skip }) => {
    skip(why !== '', why);
    const pod = await startPod('stopped');
    expect(await hasClaim('stopped')).toBe(true);
    await runCommand(['docker', 'stop', '--time', '20', pod.getId()]);
    expect(await exitCode(pod)).toBe('0');
    expect(await hasClaim('stopped')).toBe(false);
  });

  it('works with ExaBGP as the first process, whose end it does not misread', async ({ skip }) => {
    skip(why !== '', why);
    const conf = exabgpConf.replace(`\${ROUTER_ID}`, '192.0.2.2');
    const pod = await startPod('first', (container) =>
      container
        .withEntrypoint(['exabgp', '/etc/vipkeeper/plain.conf'])
        .withCopyContentToContainer([{ content: conf, target: '/etc/vipkeeper/plain.conf' }]),
    );
    const agent = async () =>
      (await pod.exec(['cat', '/proc/1/task/1/children'])).output.trim().split(' ')[0] ?? '';
    const first = await agent();
    await pod.exec(['sh', '-c', `kill -9 ${first}`]);
    await waitFor(async () => !['', first].includes(await agent()), {
      what: 'ExaBGP to start another agent',
      timeoutMs: 15_000,
    });
    await waitFor(() => hasClaim('first'), { what: 'its claim', timeoutMs: 15_000 });
    await runCommand(['docker', 'stop', '--time', '20', pod.getId()]);
    expect(await exitCode(pod)).toBe('0');
    // The agent that was killed had a session too.
    await waitFor(async () => !(await hasClaim('first')), { what: 'the claim to go' });
  });

  it('puts VIPs on the loopback with NET_ADMIN, and gives the right up', async ({ skip }) => {
    skip(why !== '', why);
    const pod = await startPod(
      'addresses',
      (container) =>
        container
          .withUser('0')
          .withEnvironment({ exabgp_daemon_drop: 'false', exabgp_daemon_user: 'root' })
          .withDroppedCapabilities('ALL')
          .withAddedCapabilities('NET_ADMIN', 'SETUID', 'SETGID', 'KILL'),
      'host: { addresses: static }\nuser: exabgp',
    );
    const inside = async (command: string) => (await pod.exec(['sh', '-c', command])).output.trim();
    expect(await inside('ip -4 address show dev lo')).toContain(`${vip}/32`);
    const agent = await inside(`for p in /proc/[0-9]*; do
      grep -qszx /usr/bin/vipkeeper $p/cmdline && grep ^Uid $p/status; done`);
    expect(agent).toMatch(/^Uid:\s+179\s+179\s/);
  });

  it('names a variable of exabgp.conf that has no value', async ({ skip }) => {
    skip(why !== '', why);
    const output = await runCommand([
      'sh',
      '-c',
      `printf '\${NOBODY}' > "$1/exabgp.conf"
       docker run --rm --network none --volume "$1/exabgp.conf:/etc/vipkeeper/exabgp.conf:ro" "$2" 2>&1 || :`,
      'sh',
      (await runCommand(['mktemp', '-d'])).trim(),
      images.vipkeeper,
    ]);
    expect(output).toMatch(/NOBODY\} has no value; set it in the environment of the container/);
  });

  async function hasClaim(service: string): Promise<boolean> {
    const client = createClient(zooKeeper.connectString);
    client.connect();
    try {
      return await new Promise((resolve, reject) => {
        client.exists(`/exabgp/service/${service}/${vip}`, (error, stat) =>
          error ? reject(error) : resolve(stat !== null),
        );
      });
    } finally {
      client.close();
    }
  }
});

async function exitCode(pod: StartedTestContainer): Promise<string> {
  const format = '{{.State.ExitCode}}';
  return (await runCommand(['docker', 'inspect', '--format', format, pod.getId()])).trim();
}
