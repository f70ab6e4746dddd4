import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { DaemonSet, StatefulSet } from 'kubernetes-models/apps/v1';
import { NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1';
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1';
import { Pod as PodModel, Service, ServiceAccount } from 'kubernetes-models/v1';
import ts from 'typescript';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parse } from 'yaml';
import { loadConfig } from '../../src/config/config.ts';
import { launcherOf } from '../helpers/agent-process.ts';
import { createAuthority, hasOpenssl } from '../helpers/certificates.ts';

const root = resolve(import.meta.dirname, '../..');
const folder = join(root, 'deploy/kubernetes');
const overlays = ['daemonset', 'statefulset'] as const;
const models = {
  DaemonSet,
  NetworkPolicy,
  Pod: PodModel,
  PodDisruptionBudget,
  Service,
  ServiceAccount,
  StatefulSet,
};

interface Kustomization {
  readonly namespace?: string;
  readonly resources: readonly string[];
  readonly configMapGenerator?: readonly { readonly files: readonly string[] }[];
}
interface Probe {
  readonly httpGet: { readonly port: number; readonly path: string };
}
interface Pod {
  readonly terminationGracePeriodSeconds: number;
  readonly affinity?: unknown;
  readonly securityContext: { readonly runAsUser: number; readonly runAsGroup: number };
  readonly containers: readonly {
    readonly env: readonly { readonly name: string; readonly valueFrom: unknown }[];
    readonly lifecycle: { readonly preStop: { readonly exec: { readonly command: string[] } } };
    readonly readinessProbe: Probe;
    readonly livenessProbe: Probe;
    readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
  }[];
}
interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly spec: { readonly template: { readonly spec: Pod } };
}

const read = (path: string): string => readFileSync(join(folder, path), 'utf8');
const manifests = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.yaml') && !/kustomization|vipkeeper\.yaml/.test(file))
  .map((file) => ({ file, manifest: parse(read(file)) as Manifest }))
  .concat({ file: '../rkt/pod.yaml', manifest: parse(read('../rkt/pod.yaml')) as Manifest });
const pods = overlays.map((form) => parse(read(`overlays/${form}/${form}.yaml`)) as Manifest);
const pod = pods[0]!.spec.template.spec;
const container = pod.containers[0]!;

/** What the API server would refuse, by the schemas of its OpenAPI description. */
function refusals(manifest: Manifest): readonly string[] {
  const Model = models[manifest.kind as keyof typeof models];
  try {
    new Model(manifest as never).validate();
    return [];
  } catch (error) {
    return [String(error)];
  }
}

/** What it would refuse besides: fields that it does not know. The compiler knows every field of the published types. */
function unknownFields(all: readonly Manifest[]): readonly string[] {
  const file = join(root, 'test/deploy/manifests.ts');
  const lines = all.map(
    (
      manifest,
      index,
    ) => `import type { I${manifest.kind} as I${index} } from 'kubernetes-models/${manifest.apiVersion}';
export const manifest${index}: I${index} = ${JSON.stringify(manifest)};`,
  );
  const settings = {
    ...{ noEmit: true, strict: true, skipLibCheck: true, types: [] },
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
  };
  const host = ts.createCompilerHost(settings);
  const { getSourceFile, fileExists } = host;
  host.fileExists = (name) => name === file || fileExists(name);
  host.getSourceFile = (name, version, ...more) =>
    name === file
      ? ts.createSourceFile(name, lines.join('\n'), version)
      : getSourceFile.call(host, name, version, ...more);
  return ts
    .getPreEmitDiagnostics(ts.createProgram([file], settings, host))
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' '));
}

describe('deploy/kubernetes', () => {
  it.each(manifests)('$file is what the API server takes', ({ manifest }) => {
    expect(refusals(manifest)).toEqual([]);
  });

  it('has no value of another type', () => {
    const [manifest] = structuredClone(pods);
    Object.assign(manifest!.spec.template.spec, { hostNetwork: 'yes' });
    expect(refusals(manifest!).join()).toContain('hostNetwork');
  });

  it('has no field that the API server does not know', { timeout: 60_000 }, () => {
    expect(unknownFields(manifests.map(({ manifest }) => manifest))).toEqual([]);
    const [manifest] = structuredClone(pods);
    Object.assign(manifest!.spec.template.spec, { hostNetwrk: true });
    expect(unknownFields([manifest!]).join()).toContain('hostNetwrk');
  });

  it.each(['base', ...overlays.map((form) => `overlays/${form}`)])(
    '%s names what there is',
    (at) => {
      const { resources, configMapGenerator = [] } = parse(
        read(`${at}/kustomization.yaml`),
      ) as Kustomization;
      const named = [...resources, ...configMapGenerator.flatMap(({ files }) => files)];
      expect(named.filter((name) => !existsSync(join(folder, at, name)))).toEqual([]);
    },
  );

  it('puts all objects into one namespace', () => {
    const namespaceOf = (at: string) =>
      (parse(read(`${at}/kustomization.yaml`)) as Kustomization).namespace;
    // That of the base would leave out what an overlay adds.
    expect(namespaceOf('base')).toBeUndefined();
    expect(overlays.map((form) => namespaceOf(`overlays/${form}`))).toEqual([
      'vipkeeper',
      'vipkeeper',
    ]);
  });

  it('lets one LB be evicted at a time, by a number that the form can count', () => {
    const [daemon, stateful] = overlays.map((form) => {
      const budget = parse(read(`overlays/${form}/poddisruptionbudget.yaml`)) as {
        readonly spec: { readonly selector: unknown };
      };
      const { selector: _, ...limits } = budget.spec;
      return limits;
    });
    // A DaemonSet has no scale subresource: a share of it, or what may be missing of it, is never known.
    expect(daemon).toEqual({ minAvailable: 2 });
    expect(stateful).toEqual({ maxUnavailable: 1 });
  });

  it('runs the same pod in both forms, but for its name and where it may run', () => {
    const [daemon, stateful] = pods.map(({ spec }) => {
      const { affinity: _, ...same } = structuredClone(spec.template.spec);
      Object.assign(same.containers[0]!.env[0]!, { valueFrom: undefined });
      return same;
    });
    expect(stateful).toEqual(daemon);
  });

  it.skipIf(!hasOpenssl())(
    'has a configuration that every LB takes, with the paths of the pod',
    () => {
      const authority = createAuthority();
      onTestFinished(() => authority.remove());
      const { cert, key } = authority.issue('lb1');
      const secrets = {
        digest: 'lb:secret',
        'ca.pem': authority.cert,
        'tls.crt': cert,
        'tls.key': key,
      };
      const mount = container.volumeMounts.find(({ name }) => name === 'zookeeper')?.mountPath;
      const files = new Map(
        Object.entries(secrets).map(([name, text]) => [`${mount}/${name}`, text]),
      );
      const readFile = (path: string): string => {
        const text = files.get(path);
        if (text === undefined) throw Object.assign(new Error(path), { code: 'ENOENT' });
        return text;
      };
      const names = container.env.map(({ name }) => name);
      const environment = Object.fromEntries(names.map((name) => [name, 'lb2']));
      const loaded = loadConfig(read('base/vipkeeper.yaml'), {
        ...{ environment, hostname: 'node', readFile },
        file: '/etc/vipkeeper/vipkeeper.yaml',
      });
      expect(loaded).toMatchObject({ kind: 'valid', warnings: [] });
      if (loaded.kind === 'wrong') return;
      expect(loaded.config.settings.member).toBe('lb2');
      const { httpGet } = container.readinessProbe;
      expect(loaded.config.listen).toEqual({ host: '127.0.0.1', port: httpGet.port });
      // An emptyDir itself is open to all, and refused: the agent makes one of its own in it.
      expect(container.volumeMounts.map(({ mountPath }) => mountPath)).toContain(
        dirname(loaded.config.stateDir ?? ''),
      );
    },
  );

  it('asks paths that the endpoint has', () => {
    const source = readFileSync(join(root, 'src/cli/observation.ts'), 'utf8');
    for (const probe of [container.readinessProbe, container.livenessProbe])
      expect(source).toContain(`'${probe.httpGet.path}'`);
  });

  it('sets every variable of its exabgp.conf', () => {
    // In comments, too: run-pod does not tell them apart.
    const used = [...read('base/exabgp.conf').matchAll(/\$\{(\w+)\}/g)];
    const names = container.env.map(({ name }) => name);
    expect(used.map(([, name]) => name).filter((name) => !names.includes(name ?? ''))).toEqual([]);
  });

  it('drains by a command that there is, and has the time for it', () => {
    const [program, ...args] = container.lifecycle.preStop.exec.command;
    expect(program).toBe('vipkeeper');
    const elsewhere = args.map((text) => text.replace('/etc/vipkeeper/', '/nowhere/'));
    const { status, stderr } = spawnSync(launcherOf('vipkeeper'), elsewhere, { encoding: 'utf8' });
    // The command line is understood: it is the file that is missing.
    expect([status, stderr]).toEqual([78, expect.stringContaining('/nowhere/vipkeeper.yaml')]);
    const waitS = Number(/--timeout=(\d+)s/.exec(args.join(' '))?.[1]);
    const drainS = Number(/drain: \{ timeout: (\d+)s/.exec(read('base/vipkeeper.yaml'))?.[1]);
    expect(pod.terminationGracePeriodSeconds).toBeGreaterThanOrEqual(waitS + drainS);
  });

  it('runs as the user of the image', () => {
    const dockerfile = readFileSync(join(root, 'deploy/docker/Dockerfile'), 'utf8');
    const { runAsUser, runAsGroup } = pod.securityContext;
    expect(dockerfile).toContain(`USER ${runAsUser}:${runAsGroup}\n`);
  });
});
