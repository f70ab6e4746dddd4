import { type LoadedConfig, loadConfig } from '../../src/config/config.ts';
import { type ConfigProblem, renderProblem } from '../../src/config/problem.ts';

interface Surroundings {
  readonly environment?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string>>;
  readonly hostname?: string;
}

/** Loads a text as fleet.yaml on lb1, with the given variables and files and no others. */
export function load(
  text: string,
  surroundings: Surroundings = {},
  purpose: 'agent' | 'fleet' = 'agent',
): LoadedConfig {
  return loadConfig(text, { file: 'fleet.yaml', purpose, ...context(surroundings) });
}

export function context({ environment = {}, files = {}, hostname = 'lb1' }: Surroundings = {}) {
  return {
    environment,
    hostname,
    readFile(path: string): string {
      const content = Object.hasOwn(files, path) ? files[path] : undefined;
      if (content !== undefined) return content;
      throw Object.assign(new Error(`ENOENT: ${path}`), { code: 'ENOENT' });
    },
  };
}

/** What there is besides services and ZooKeeper, with nothing said about it. */
export const ofTheHost = {
  secretVariables: [],
  stateDir: undefined,
  exabgp: {
    api: 'auto',
    ackTimeoutMs: 2_000,
    stallAfterMs: 5_000,
    acks: 'auto',
    refreshMs: undefined,
  },
  guard: { allowed: undefined, maxRoutes: undefined },
  host: { addresses: 'off', interface: 'lo', label: undefined, sudo: false },
  hooks: { timeoutMs: 5_000, commands: new Map() },
  user: undefined,
  group: undefined,
};

/** The configuration of a result that must be valid. */
export function valid(loaded: LoadedConfig) {
  if (loaded.kind === 'valid') return loaded;
  throw new Error(loaded.problems.map(renderProblem).join('\n'));
}

/** The problems of a result that must be wrong. */
export function problems(loaded: LoadedConfig): readonly ConfigProblem[] {
  if (loaded.kind === 'wrong') return loaded.problems;
  throw new Error('the configuration is valid');
}

/** `path: CODE` of each problem. */
export function outline(loaded: LoadedConfig): readonly string[] {
  return problems(loaded).map(({ path, code }) => `${path}: ${code}`);
}

/** A small valid file, with further lines at the top level and inside of service apex. */
export function fleet({ top = '', zookeeper = '', service = '' } = {}): string {
  return `zookeeper:
  hosts: [zk1]
${indent(zookeeper, 2)}services:
  apex:
    vips: { 10.20.255.1: lb1, 10.20.255.2: lb2 }
${indent(service, 4)}${top}
`;
}

function indent(text: string, columns: number): string {
  if (text === '') return '';
  return `${text.replace(/^/gm, ' '.repeat(columns))}\n`;
}
