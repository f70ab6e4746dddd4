import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Network, type StartedNetwork } from 'testcontainers';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { waitFor } from '../helpers/wait.ts';
import { repositoryRoot, runCommand, succeeds } from './commands.ts';
import { images } from './images.ts';
import { type ContainedZooKeeper, startZooKeeper } from './zookeeper.ts';

const why = inject('noContainers');
const folder = join(repositoryRoot, 'deploy/kubernetes');
const vip = '10.20.255.1/32';

interface Probe {
  readonly httpGet: { readonly host: string; readonly port: number; readonly path: string };
}
interface Container {
  readonly lifecycle: { readonly preStop: { readonly exec: { readonly command: string[] } } };
  readonly startupProbe: Probe;
  readonly livenessProbe: Probe;
  readonly readinessProbe: Probe;
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
}
interface DaemonSet {
  readonly spec: {
    readonly template: {
      readonly spec: {
        readonly terminationGracePeriodSeconds: number;
        readonly containers: readonly [Container];
        readonly volumes: readonly { readonly name: string; readonly emptyDir?: unknown }[];
      };
    };
  };
}

/** As `vipkeeper status --json` prints it. */
interface Status {
  readonly services: readonly {
    readonly vips: readonly {
      readonly vip: string;
      readonly announcers: readonly { readonly member: string; readonly role: string }[];
    }[];
  }[];
}

const read = (path: string) => readFileSync(join(folder, path), 'utf8');
const manifest = parse(read('overlays/daemonset/daemonset.yaml')) as DaemonSet;
const pod = manifest.spec.template.spec;
const [container] = pod.containers;
const probes = [container.startupProbe, container.livenessProbe, container.readinessProbe];

describe('the pod of deploy/kubernetes', () => {
  let network: StartedNetwork;
  let zooKeeper: ContainedZooKeeper;
  let directory: string;
  const ids: string[] = [];

  beforeAll(async () => {
    if (why !== '') return;
    directory = mkdtempSync(join(tmpdir(), 'vipkeeper-kubernetes-'));
    network = await new Network().start();
    zooKeeper = await startZooKeeper(network);
    writeVolumes(directory, zooKeeper.address);
    for (const member of ['lb1', 'lb2']) ids.push(await start(member));
  });
  afterAll(async () => {
    if (why !== '') return;
    if (ids.length > 0) await runCommand(['docker', 'rm', '--force', ...ids]);
    await zooKeeper?.stop();
    await network?.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  /** As a kubelet does: who runs it, what it may, and an emptyDir as it is with an fsGroup. */
  async function start(member: string): Promise<string> {
    const mounts = container.volumeMounts.flatMap(({ name, mountPath }) =>
      pod.volumes.some((volume) => volume.name === name && volume.emptyDir !== undefined)
        ? ['--tmpfs', `${mountPath}:mode=3777,gid=179`]
        : ['--volume', `${join(directory, name)}:${mountPath}:ro`],
    );
    const rights = ['--read-only', '--cap-drop', 'ALL', '--security-opt', 'no-new-privileges'];
    const environment = ['--env', `MEMBER=${member}`, '--env', 'NODE_ADDRESS=192.0.2.2'];
    const place = ['--network', network.getName(), '--user', '179:179'];
    const options = [...place, ...rights, ...environment, ...mounts];
    return (await runCommand(['docker', 'run', '--detach', ...options, images.vipkeeper])).trim();
  }

  const inside = (id: string, ...command: string[]) => ['docker', 'exec', id, ...command];
  const answers = (id: string, { httpGet: { host, port, path } }: Probe) =>
    succeeds(
      inside(
        id,
        'node',
        '-e',
        `fetch('http://${host}:${port}${path}').then(({ ok }) => process.exit(ok ? 0 : 1))`,
      ),
    );

  it('is ready by its probes, and keeps its state', { timeout: 300_000 }, async ({ skip }) => {
    skip(why !== '', why);
    for (const id of ids) {
      for (const probe of probes)
        await waitFor(() => answers(id, probe), {
          what: probe.httpGet.path,
          timeoutMs: 60_000,
        }).catch(async (error: Error) => {
          throw new Error(`${error.message}\n${await logOf(id)}`);
        });
      await waitFor(() => succeeds(inside(id, 'test', '-s', '/run/vipkeeper/state/state.json')), {
        what: 'its state in the emptyDir',
        timeoutMs: 30_000,
      });
    }
  });

  it('gives its VIP away in preStop, and ends by itself', { timeout: 300_000 }, async ({
    skip,
  }) => {
    skip(why !== '', why);
    const [first = '', second = ''] = ids;
    await waitFor(async () => (await announcers(second)).includes('lb1 owner'), {
      what: 'lb1 to announce its VIP',
      timeoutMs: 60_000,
    });
    await runCommand(inside(first, ...container.lifecycle.preStop.exec.command));
    await waitFor(async () => (await announcers(second)).includes('lb2 backup'), {
      what: 'lb2 to announce it instead',
      timeoutMs: 60_000,
    });
    expect(await announcers(second)).not.toContain('lb1 owner');
    const grace = String(pod.terminationGracePeriodSeconds);
    await runCommand(['docker', 'stop', '--time', grace, first], { timeoutMs: 100_000 });
    const exitCode = ['docker', 'inspect', '--format', '{{.State.ExitCode}}', first];
    expect((await runCommand(exitCode)).trim()).toBe('0');
  });

  /** Who announces lb1's VIP, as `lb1 owner`. */
  async function announcers(id: string): Promise<readonly string[]> {
    const command = 'vipkeeper status --json -f /etc/vipkeeper/vipkeeper.yaml || :';
    const { services } = JSON.parse(await runCommand(inside(id, 'sh', '-c', command))) as Status;
    const [apex] = services;
    const found = apex?.vips.find((entry) => entry.vip === vip);
    return (found?.announcers ?? []).map(({ member, role }) => `${member} ${role}`);
  }
});

function logOf(id: string): Promise<string> {
  return runCommand(['sh', '-c', `docker logs "${id}" 2>&1`]);
}

/** The configuration as it stands there, but for what a cluster has around it: three servers with TLS, a service, routers. */
function writeVolumes(directory: string, address: string): void {
  const config = parse(read('base/vipkeeper.yaml')) as {
    zookeeper: Record<string, unknown>;
    bgp: Record<string, unknown>;
    services: { apex: Record<string, unknown> };
  };
  const { tls: _, ...zookeeper } = config.zookeeper;
  config.zookeeper = { ...zookeeper, hosts: [address] };
  config.bgp['require'] = 'off';
  config.services.apex['checks'] = [];
  const files = {
    config: { 'vipkeeper.yaml': stringify(config), 'exabgp.conf': read('base/exabgp.conf') },
    zookeeper: { digest: 'lb:secret' },
  };
  chmodSync(directory, 0o755);
  for (const [volume, contents] of Object.entries(files)) {
    mkdirSync(join(directory, volume));
    for (const [name, text] of Object.entries(contents))
      writeFileSync(join(directory, volume, name), text);
  }
}
