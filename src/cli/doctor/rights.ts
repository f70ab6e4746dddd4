import { mkdtempSync, rmdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Config } from '../../config/config.ts';
import { isOurs, modeOf } from '../../host/private-file.ts';
import { readSettings } from './exabgp.ts';
import { type Finding, findingsOf } from './finding.ts';
import type { DoctorHost } from './host.ts';

/** What is found out about rights and programs that the configuration needs. */
export async function examineRights(
  host: DoctorHost,
  config: Config,
  exabgpEnv: string,
): Promise<readonly Finding[]> {
  const findings = [
    ...userFindings(host, config, exabgpEnv),
    ...(await addressFindings(host, config)),
    ...programFindings(host, config),
    ...tableFindings(host, config),
  ];
  const rights =
    findings.length > 0 ? findings : [findingsOf('rights').ok(`${host.user} may do all`)];
  return [...rights, directoryFinding(config.stateDir)];
}

/** The agent has the rights of ExaBGP's user, whoever asks the doctor. */
function userFindings(host: DoctorHost, { user, group }: Config, env: string): readonly Finding[] {
  const { warning, failed } = findingsOf('rights');
  const settings = readSettings(host.readText(env) ?? '');
  const isDropped = settings.get('exabgp.daemon.drop')?.toLowerCase() !== 'false';
  const account = settings.get('exabgp.daemon.user');
  const other = account !== undefined && isDropped && account !== host.user ? account : undefined;
  if (other !== undefined && (user ?? group) !== undefined)
    return [
      failed(
        `user and group need root at the start, and ExaBGP starts the agent as ${other}`,
        `set drop = false in ${env}, or remove user and group`,
      ),
    ];
  if (other !== undefined)
    return [
      warning(
        `this ran as ${host.user}, and ExaBGP runs the agent as ${other}`,
        `look again by sudo -u ${other} vipkeeper doctor, with the same flags`,
      ),
    ];
  if ((user ?? group) !== undefined && host.uid !== 0)
    return [failed('user and group need root at the start', 'run ExaBGP as root, or remove them')];
  return [];
}

async function addressFindings(host: DoctorHost, config: Config): Promise<readonly Finding[]> {
  const { failed } = findingsOf('rights');
  if (config.host.addresses === 'off') return [];
  const ip = host.find('ip');
  if (ip === undefined) return [failed('host.addresses needs ip', 'install iproute2')];
  if (config.host.sudo) {
    const { failure } = await host.run('sudo', ['-n', '-l', ip], '');
    if (failure === undefined) return [];
    return [
      failed(`${host.user} may not run ip by sudo (${failure})`, 'let it, without a password'),
    ];
  }
  if (mayChangeNetwork(host)) return [];
  return [
    failed(
      `host.addresses needs CAP_NET_ADMIN, which ${host.user} has not`,
      'run ExaBGP as root, or set host.sudo: true',
    ),
  ];
}

/** CAP_NET_ADMIN is bit 12 (capabilities(7)). */
function mayChangeNetwork(host: DoctorHost): boolean {
  const [, effective = '0'] =
    /^CapEff:\s*([0-9a-f]+)/m.exec(host.readText('/proc/self/status') ?? '') ?? [];
  return (BigInt(`0x${effective}`) >> 12n) % 2n === 1n;
}

function programFindings(host: DoctorHost, { stateDir, log }: Config): readonly Finding[] {
  const { failed } = findingsOf('rights');
  const needed = [
    ...(stateDir === undefined ? [] : [['flock', 'stateDir', 'util-linux'] as const]),
    ...(log.syslog === undefined ? [] : [['logger', 'log.syslog', 'bsdutils'] as const]),
  ];
  return needed
    .filter(([program]) => host.find(program) === undefined)
    .map(([program, key, home]) => failed(`${key} needs ${program}`, `install ${home}`));
}

function tableFindings(host: DoctorHost, { settings }: Config): readonly Finding[] {
  const { failed } = findingsOf('rights');
  const tables = settings.services.flatMap(({ checks }) =>
    checks.flatMap(({ probe }) => (probe.kind === 'ipvs' ? [probe.table] : [])),
  );
  return [...new Set(tables)]
    .filter((table) => host.readText(table) === undefined)
    .map((table) =>
      failed(`${table} cannot be read by ${host.user}`, 'load ip_vs, or let that user read it'),
    );
}

/** As the agent will look at it; one that is missing is made by the agent, and is not made here. */
function directoryFinding(path: string | undefined): Finding {
  const { ok, warning, failed } = findingsOf('stateDir');
  if (path === undefined)
    return warning(
      'not set, so a restarted agent begins with a new session, and its VIPs move',
      'set stateDir: /run/vipkeeper',
    );
  try {
    const stat = statSync(path);
    if (!stat.isDirectory()) return failed(`${path} is no directory`, 'name another one');
    if (!isOurs(stat)) return failed(`${path} belongs to uid ${stat.uid}`, 'chown it to this user');
    if ((stat.mode & 0o022) !== 0)
      return failed(`others may write to ${path} (mode ${modeOf(stat)})`, `chmod 700 ${path}`);
    tryDirectory(path);
    return ok(`${path} can be written`);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const isMissing = 'code' in error && error.code === 'ENOENT';
    return isMissing ? ofParent(path) : failed(error.message, 'let this user write there');
  }
}

function ofParent(path: string): Finding {
  const { ok, failed } = findingsOf('stateDir');
  try {
    tryDirectory(dirname(path));
    return ok(`${path} will be made at the start`);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return failed(`${path} is missing: ${error.message}`, 'make it, for the user ExaBGP runs as');
  }
}

function tryDirectory(path: string): void {
  rmdirSync(mkdtempSync(join(path, '.doctor-')));
}
