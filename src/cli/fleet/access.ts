import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import type { Config, ServicePaths } from '../../config/config.ts';
import type { Complaint, ConfigProblem } from '../../config/problem.ts';
import { readServers } from '../../config/servers.ts';
import { znodePrefix } from '../../config/values.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { loadFile, problemLines } from '../load.ts';

/** The flags by which every command finds ZooKeeper. */
export interface AccessFlags {
  readonly config?: string;
  readonly zookeeper?: string;
  readonly root?: string;
}

/** Where a fleet is found, and by which credentials. */
export interface FleetAccess {
  readonly servers: Config['zookeeper']['servers'];
  readonly chroot: string;
  /** Below the chroot; empty for its top. */
  readonly root: string;
  readonly sessionTimeoutMs: number;
  readonly auth: Config['zookeeper']['auth'];
  readonly acl: Config['zookeeper']['acl'];
  readonly tls: Config['zookeeper']['tls'];
  readonly renewTls: Config['zookeeper']['renewTls'];
  /** Of the configured services, below the chroot. */
  readonly places: ReadonlyMap<string, ServicePaths['paths']>;
  /** Undefined: the command line alone said where. */
  readonly config: Config | undefined;
  /** What the configuration says by variables or files that are not here; its defaults stand there. */
  readonly leftOut: readonly ConfigProblem[];
}

export type FoundAccess =
  | { readonly kind: 'found'; readonly access: FleetAccess }
  | { readonly kind: 'wrong'; readonly lines: readonly string[]; readonly code: ExitCode };

const defaultFile = '/etc/vipkeeper/vipkeeper.yaml';
const defaultRoot = '/exabgp';
const sessionTimeoutMs = 6_000;

/** Adds the flags to a command. */
export function withAccess(command: Command): Command {
  return command
    .option(
      '-f, --config <file>',
      `configuration that says where ZooKeeper is (default: ${defaultFile}, unless --zookeeper is given)`,
    )
    .option('-z, --zookeeper <hosts>', 'ZooKeeper without a configuration: zk1:2181,zk2:2181')
    .option('--root <path>', `with --zookeeper: where the services are (default: ${defaultRoot})`);
}

/** Finds ZooKeeper by the flags of a command line. */
export function findAccess(flags: AccessFlags): FoundAccess {
  const { config, zookeeper, root } = flags;
  if (zookeeper === undefined)
    return root === undefined
      ? byFile(config)
      : wrong('--root goes with --zookeeper; the configuration has a root of its own');
  if (config !== undefined) return wrong('-f and --zookeeper exclude each other');
  return byFlags(zookeeper, root ?? defaultRoot);
}

function wrong(line: string): FoundAccess {
  return { kind: 'wrong', lines: [`vipkeeper: ${line}`], code: exitCodes.usage };
}

function byFile(given: string | undefined): FoundAccess {
  const file = given ?? defaultFile;
  if (given === undefined && !existsSync(file))
    return wrong(
      `where is ZooKeeper? There is no ${file}; name a configuration with -f, or servers with --zookeeper`,
    );
  const loaded = loadFile(file, 'fleet');
  if (loaded.kind === 'wrong')
    return { kind: 'wrong', lines: problemLines(loaded.problems), code: exitCodes.config };
  const { config, leftOut = [] } = loaded;
  if (config.settings.isStandalone === true)
    return wrong(
      `${file} has no zookeeper section: an agent that stands alone tells nobody of itself`,
    );
  const { servers, chroot, auth, acl, tls, renewTls, services } = config.zookeeper;
  const places = new Map<string, ServicePaths['paths']>(
    services.map(({ name, paths }) => [name, paths]),
  );
  const ofConfig = { servers, chroot, auth, acl, tls, renewTls, places, config, leftOut };
  const { sessionTimeoutMs } = config.zookeeper;
  return { kind: 'found', access: { ...ofConfig, root: rootOf(services), sessionTimeoutMs } };
}

/** Members are always where the root has them, whatever other paths a service has. */
function rootOf(services: readonly ServicePaths[]): string {
  const [service] = services;
  return service?.paths.members.split('/').slice(0, -2).join('/') ?? defaultRoot;
}

function byFlags(hosts: string, root: string): FoundAccess {
  const { servers, chroot, findings } = readServers(hosts, []);
  const [finding] = findings;
  if (finding !== undefined) return wrong(`--zookeeper: ${complaintText(finding, hosts)}`);
  const prefix = znodePrefix(root);
  if (typeof prefix !== 'string') return wrong(`--root: ${complaintText(prefix, root)}`);
  return {
    kind: 'found',
    access: {
      servers,
      chroot: chroot === '/' ? '' : chroot,
      root: prefix,
      sessionTimeoutMs,
      auth: undefined,
      acl: { readers: 'everybody', operators: [] },
      tls: undefined,
      renewTls: () => undefined,
      places: new Map(),
      config: undefined,
      leftOut: [],
    },
  };
}

function complaintText({ expected, found, fix }: Complaint, text: string): string {
  return `expected ${expected}, found ${found ?? JSON.stringify(text)}; ${fix}`;
}
