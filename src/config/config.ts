import type { NeighborAddress, NextHop } from '../core/route.ts';
import type { Settings } from '../core/settings.ts';
import type { Vip } from '../core/vip.ts';
import { findingsOfChecks } from './check-findings.ts';
import { composeConfig } from './compose.ts';
import { crossCheck } from './cross-checks.ts';
import { valueAt, withoutValues } from './data.ts';
import { type ConfigDocument, readDocument } from './document.ts';
import { hashOf } from './hash.ts';
import type { Server } from './hosts.ts';
import { findingsOfIssues } from './issues.ts';
import type { Listen } from './listen.ts';
import {
  type ConfigPath,
  type ConfigProblem,
  describeFound,
  type Finding,
  isSecretPath,
} from './problem.ts';
import type { ReferenceSource } from './reference.ts';
import { type ConfigFile, fileSchema } from './schema.ts';
import { readServers } from './servers.ts';
import type { TlsFiles } from './tls.ts';
import { readRenewableTls, type TlsRenewal } from './tls-renewal.ts';
import { readVips } from './vips.ts';

/** Everything an agent is told at its start. */
export interface Config {
  /** Tells one version from another: of the file as it was read, or of the command line. */
  readonly hash: string;
  readonly settings: Settings;
  /** Of a standalone agent there are no servers, and the rest is of no use. */
  readonly zookeeper: {
    readonly servers: readonly Server[];
    /** Prefix of every znode path, as in `/chroot`; empty for none. */
    readonly chroot: string;
    readonly sessionTimeoutMs: number;
    readonly auth: { readonly scheme: 'digest'; readonly credential: string } | undefined;
    /** Of what we create. */
    readonly acl: NonNullable<ConfigFile['zookeeper']>['acl'];
    /** Undefined: connections are not encrypted. */
    readonly tls: TlsFiles | undefined;
    /** Reads the files of `tls` again; undefined when nothing about them has changed. */
    readonly renewTls: () => TlsRenewal | undefined;
    readonly services: readonly ServicePaths[];
  };
  /** Environment variables that hold secrets; programs we start have no need of them. */
  readonly secretVariables: readonly string[];
  /** Where the session is kept for the agent's next life; undefined: nowhere. */
  readonly stateDir: string | undefined;
  readonly exabgp: {
    /** Which ExaBGP's commands are written; `auto`: those of the one that we run under. */
    readonly api: ConfigFile['exabgp']['api'];
    readonly ackTimeoutMs: number;
    /** Silent for so long, ExaBGP serves nobody; at least `ackTimeoutMs`. */
    readonly stallAfterMs: number;
    readonly acks: 'auto' | 'on' | 'off';
    /** How often every route is sent again; undefined: never. */
    readonly refreshMs: number | undefined;
    /** As ExaBGP's healthcheck does it: only routes are written, withdraws with these words. Undefined: in our own way. */
    readonly manner?: {
      readonly nextHop: NextHop;
      readonly neighbors?: readonly NeighborAddress[];
    };
  };
  /** What may ever be announced. Held against the configured VIPs already. */
  readonly guard: {
    /** Prefixes that every route lies in; undefined: any. */
    readonly allowed: readonly Vip[] | undefined;
    readonly maxRoutes: number | undefined;
  };
  readonly host: {
    readonly addresses: 'off' | 'static' | 'dynamic';
    readonly interface: string;
    /** Stands behind the interface and a colon; both and the colon are 15 characters at most. */
    readonly label: string | undefined;
    readonly sudo: boolean;
  };
  readonly hooks: {
    readonly timeoutMs: number;
    /** For `/bin/sh -c`. */
    readonly commands: ReadonlyMap<HookName, string>;
  };
  /** Whom the agent becomes after its set-up, by name or number; undefined: it stays who it is. */
  readonly user: string | undefined;
  readonly group: string | undefined;
  /** SIGHUP always reloads; `onChange`: so does a change of the file. */
  readonly reload: 'onChange' | 'onSignal';
  /** Where machines may read how the agent is; undefined: nowhere. */
  readonly listen: Listen | undefined;
  readonly log: {
    readonly level: 'debug' | 'info' | 'warn' | 'error';
    /** Nothing to stderr. */
    readonly silent: boolean;
    /** `auto`: for people on a terminal, else JSON. */
    readonly format: 'auto' | 'human' | 'json';
    /** Facility; undefined when syslog is off. */
    readonly syslog: string | undefined;
  };
}

/** When a hook is run. */
export type HookName = Exclude<keyof ConfigFile['hooks'], 'timeout'>;

/** Where a service lives in ZooKeeper; paths are relative to the chroot. */
export interface ServicePaths {
  readonly name: Settings['services'][number]['name'];
  readonly paths: {
    readonly claims: string;
    readonly maintenance: string;
    readonly members: string;
    readonly drains: string;
    /** Of what members keep for people. */
    readonly statuses: string;
  };
}

/** What loading depends on besides the text. */
export interface ConfigContext extends ReferenceSource {
  /** Name of the file, for messages. */
  readonly file: string;
  /**
   * `fleet`: to ask about the fleet, or to act on it, from any host: ZooKeeper and the services matter. A reference elsewhere,
   * or in a check, that cannot be resolved here is none of this host's business, and is left out. Default: to run the agent.
   */
  readonly purpose?: 'agent' | 'fleet';
}

export type LoadedConfig =
  | {
      readonly kind: 'valid';
      readonly config: Config;
      readonly warnings: readonly string[];
      /** What was left out of the file, and why; absent: nothing. */
      readonly leftOut?: readonly ConfigProblem[];
    }
  | { readonly kind: 'wrong'; readonly problems: readonly ConfigProblem[] };

/** Parses and checks a whole file. Never throws; finds all problems at once, in the file's order. */
export function loadConfig(text: string, context: ConfigContext): LoadedConfig {
  const document = readDocument(text, context, isShellText);
  const leftOut = context.purpose === 'fleet' ? document.findings.filter(isOfTheHost) : [];
  const problemOf = (finding: Finding) => toProblem(finding, document, context.file);
  const problems = document.findings.filter((finding) => !leftOut.includes(finding)).map(problemOf);
  // Whatever a broken file seems to lack may only be misread.
  if (problems.some(({ code }) => code === 'CONFIG_SYNTAX')) return wrong(problems);
  const data = withoutValues(
    document.data,
    leftOut.map(({ path }) => path),
  );
  const parsed = fileSchema.safeParse(data);
  const vips = readVips(data);
  const servers = readServers(valueAt(data, ['zookeeper', 'hosts']), ['zookeeper', 'hosts']);
  const tls = readRenewableTls(data, context);
  const hasZookeeper = valueAt(data, ['zookeeper']) instanceof Object;
  const unresolved = new Set(document.findings.map(({ path }) => path.join('.')));
  const findings = [
    ...findingsOfIssues(parsed.success ? [] : parsed.error.issues, data),
    ...(hasZookeeper ? servers.findings : []),
    ...tls.findings,
    ...vips.findings,
    ...crossCheck(data, vips.listed, context.hostname),
    ...findingsOfChecks(data, context),
    // A value whose reference cannot be resolved has been complained about already.
  ].filter(({ path }) => path.length === 0 || !unresolved.has(path.join('.')));
  problems.push(...findings.map(problemOf));
  if (problems.length > 0 || !parsed.success) return wrong(problems);
  return {
    kind: 'valid',
    ...(leftOut.length > 0 && { leftOut: leftOut.map(problemOf) }),
    ...composeConfig(parsed.data, {
      ...(hasZookeeper ? servers : { servers: [], chroot: '' }),
      tls,
      secretVariables: [...document.secretVariables],
      listed: vips.listed,
      hostname: context.hostname,
      file: context.file,
      hash: hashOf(text),
    }),
  };
}

/** A reference that only the agent on its own host needs. */
function isOfTheHost({ code, path }: Finding): boolean {
  const isOfFleet = path[0] === 'zookeeper' || (path[0] === 'services' && path[2] !== 'checks');
  return code === 'CONFIG_REFERENCE' && path.length > 0 && !isOfFleet;
}

/** The shell expands `${...}` in commands itself, with its own quoting. */
function isShellText(path: ConfigPath): boolean {
  const isHook = path[0] === 'hooks' && String(path[1]).startsWith('on');
  return isHook || (path[0] === 'services' && path[2] === 'checks' && path.at(-1) === 'exec');
}

function wrong(problems: readonly ConfigProblem[]): LoadedConfig {
  const inOrder = [...problems].sort(
    (one, other) => (one.line ?? 0) - (other.line ?? 0) || (one.column ?? 0) - (other.column ?? 0),
  );
  return { kind: 'wrong', problems: inOrder };
}

function toProblem(
  finding: Finding & { readonly offset?: number },
  document: ConfigDocument,
  file: string,
): ConfigProblem {
  const { code, path, expected, fix, offset } = finding;
  const place =
    offset === undefined
      ? document.locate(path, finding.atKey ?? false)
      : document.positionOf(offset);
  const value = valueAt(document.data, path);
  const isSecret = isSecretPath(path) || document.secretPaths.has(path.join('.'));
  const found = finding.found ?? describeFound(value);
  // What is said of a reference never holds its value.
  const isHidden = isSecret && typeof value === 'string' && code !== 'CONFIG_REFERENCE';
  return {
    code,
    path: path.join('.'),
    file,
    line: place?.line,
    column: place?.column,
    expected,
    found: isHidden ? 'a value that is not shown' : found,
    fix,
  };
}
