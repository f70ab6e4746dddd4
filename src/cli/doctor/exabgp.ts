import type { Config } from '../../config/config.ts';
import { againstConfig } from './against-config.ts';
import {
  type ConfiguredNeighbor,
  type ExabgpConf,
  type HelperProcess,
  readExabgpConf,
} from './exabgp-conf.ts';
import { type Finding, findingsOf, some } from './finding.ts';
import { holdTimeFindings } from './hold-time.ts';
import type { DoctorHost } from './host.ts';

export interface ExabgpPlaces {
  /** ExaBGP's program, as it is called. */
  readonly program: string;
  readonly conf: string;
  readonly env: string;
}

/** What is found out about ExaBGP on this host. @param config undefined when it could not be read. */
export async function examineExabgp(
  host: DoctorHost,
  places: ExabgpPlaces,
  config: { readonly config: Config; readonly file: string } | undefined,
): Promise<readonly Finding[]> {
  const version = await versionOf(host, places.program);
  return [
    versionFinding(version, places.program, config?.config.exabgp.api),
    ...settingsFindings(host.readText(places.env), places.env, version),
    ...confFindings(host, places.conf, version, config),
  ];
}

async function versionOf(host: DoctorHost, program: string): Promise<string | undefined> {
  const found = host.find(program);
  if (found === undefined) return undefined;
  const { stdout } = await host.run(found, ['--version'], '');
  return /(\d+\.\d+(?:\.\d+)?)/.exec(stdout)?.[1];
}

/** The dialect a version is spoken to in. */
function dialectOf(version: string): string | undefined {
  if (version.startsWith('3.4')) return '3.4';
  const major = version.split('.')[0] ?? '';
  return ['4', '5', '6'].includes(major) ? major : undefined;
}

function versionFinding(
  version: string | undefined,
  program: string,
  api: Config['exabgp']['api'] | undefined,
): Finding {
  const { ok, warning, failed } = findingsOf('exabgp version');
  if (version === undefined)
    return warning(`${program} is not found, or tells no version`, 'name it by --exabgp');
  const dialect = dialectOf(version);
  if (dialect === undefined)
    return warning(`${version} is not known`, 'known are 3.4, 4, 5 and main (docs/exabgp.md)');
  if (api !== undefined && api !== 'auto' && api !== dialect)
    return failed(`${version}, and exabgp.api says ${api}`, 'set exabgp.api: auto');
  return ok(`${version}, spoken to as ${dialect}`);
}

/** Settings of exabgp.env that break what the agent needs; docs/exabgp.md has the reasons. */
function settingsFindings(
  text: string | undefined,
  file: string,
  version: string | undefined,
): readonly Finding[] {
  const { ok, warning, failed } = findingsOf('exabgp settings');
  if (text === undefined) return [ok(`no ${file}, so the defaults hold`)];
  const settings = readSettings(text);
  const is = (name: string, value: string) => settings.get(name)?.toLowerCase() === value;
  const findings = [
    ...(is('exabgp.api.ack', 'false')
      ? [warning(`${file}: ack is false, so a refused route goes unnoticed`, 'set ack = true')]
      : []),
    ...(is('exabgp.api.respawn', 'false')
      ? [failed(`${file}: respawn is false, so a lost agent ends ExaBGP`, 'set respawn = true')]
      : []),
    ...(is('exabgp.log.enable', 'false') && version === '4.2.21'
      ? [failed(`${file}: log enable = false stops 4.2.21 at its start`, 'set level = ERR instead')]
      : []),
  ];
  return findings.length > 0 ? findings : [ok(`${file} has what the agent needs`)];
}

/** `[exabgp.api]` and `ack = true` as `exabgp.api.ack`. */
export function readSettings(text: string): ReadonlyMap<string, string> {
  const settings = new Map<string, string>();
  let section = '';
  for (const line of text.split('\n')) {
    section = /^\s*\[(.+)\]/.exec(line)?.[1] ?? section;
    const [, key, value = ''] = /^\s*([\w.]+)\s*=\s*'?([^'#;]*?)'?\s*$/.exec(line) ?? [];
    if (key !== undefined) settings.set(section === '' ? key : `${section}.${key}`, value);
  }
  return settings;
}

function confFindings(
  host: DoctorHost,
  file: string,
  version: string | undefined,
  known: { readonly config: Config; readonly file: string } | undefined,
): readonly Finding[] {
  const { failed } = findingsOf('exabgp.conf');
  const text = host.readText(file);
  if (text === undefined)
    return [failed(`${file} is missing, or this user may not read it`, 'name it by --exabgp-conf')];
  const conf = readExabgpConf(text);
  if (typeof conf === 'string')
    return [failed(`${file}: ${conf}`, `exabgp --test ${file} shows more`)];
  const process = conf.processes.find(isOurs);
  if (process === undefined) return [noProcess(file, known?.file)];
  const found = [
    ...formFindings(conf, version),
    ...runFindings(host, process, conf.form, known?.file),
    ...encoderFindings(process, conf.form, version, known?.config),
    ...neighborFindings(conf, process, known?.config),
  ];
  if (found.length > 0) return found;
  const addresses = conf.neighbors.map(({ address }) => address);
  const { ok } = findingsOf('exabgp.conf');
  return [ok(`process ${process.name} is there for ${some(addresses)}`)];
}

function isOurs({ run }: HelperProcess): boolean {
  return run.some((word) => /(^|\/|\s|["'])(vipkeeper|exazk)(\.js)?(["'\s]|$)/.test(word));
}

function noProcess(file: string, config = '/etc/vipkeeper/vipkeeper.yaml'): Finding {
  return findingsOf('exabgp.conf').failed(
    `${file}: no process runs vipkeeper`,
    `add process vipkeeper { run /usr/bin/vipkeeper run -f ${config}; encoder json; } (docs/exabgp.md)`,
  );
}

function formFindings({ form }: ExabgpConf, version: string | undefined): readonly Finding[] {
  if (version === undefined) return [];
  const expected = version.startsWith('3.4') ? '3.4' : '4';
  if (form === expected) return [];
  const written = form === '3.4' ? 'a process within a group or neighbor, as 3.4' : 'api, as 4';
  const { failed } = findingsOf('exabgp.conf');
  return [
    failed(`it has ${written} has it, and ExaBGP is ${version}`, 'see docs/exabgp.md for the form'),
  ];
}

function runFindings(
  host: DoctorHost,
  { name, run }: HelperProcess,
  form: ExabgpConf['form'],
  file: string | undefined,
): readonly Finding[] {
  const { warning, failed } = findingsOf('exabgp.conf');
  const [first = ''] = run;
  const isQuoted = /^["']/.test(first);
  if (isQuoted && form === '4')
    return [failed(`process ${name}: run is in quotes`, 'write separate words without quotes')];
  const words = isQuoted ? first.slice(1, -1).split(/\s+/) : run;
  const [program = ''] = words;
  const wanted = words.indexOf('-f') < 0 ? undefined : words[words.indexOf('-f') + 1];
  return [
    ...(host.find(program) === undefined
      ? [failed(`process ${name}: ${program} is no program of this host`, 'correct its path')]
      : []),
    ...(words.some((word) => word.includes(','))
      ? [failed(`process ${name}: ExaBGP splits words at commas`, 'repeat the flag instead')]
      : []),
    ...(file !== undefined && wanted !== undefined && wanted !== file
      ? [warning(`process ${name} reads ${wanted}`, `this looked at ${file}; name that one by -f`)]
      : []),
  ];
}

function encoderFindings(
  { name, encoder }: HelperProcess,
  form: ExabgpConf['form'],
  version: string | undefined,
  config: Config | undefined,
): readonly Finding[] {
  const { warning, failed } = findingsOf('exabgp.conf');
  // main always speaks JSON.
  if (encoder === 'json' || version?.startsWith('6') === true) return [];
  if (encoder === undefined && form === '4')
    return [failed(`process ${name} has no encoder`, 'add encoder json;')];
  if (config?.settings.neighbors.localAs !== undefined) return [];
  const detail = `process ${name} is not told our AS, which prepending needs`;
  return [warning(detail, 'write encoder json; or set bgp.localAs')];
}

function neighborFindings(
  conf: ExabgpConf,
  process: HelperProcess,
  config: Config | undefined,
): readonly Finding[] {
  const { warning, failed } = findingsOf('exabgp.conf');
  const ours = conf.neighbors.filter(({ processes }) => processes.includes(process.name));
  const others = conf.neighbors.filter((neighbor) => !ours.includes(neighbor));
  if (ours.length === 0)
    return [
      failed(
        `no neighbor gets routes of process ${process.name}`,
        `add api { processes [ ${process.name} ]; neighbor-changes; } to each`,
      ),
    ];
  const where = (holds: (neighbor: ConfiguredNeighbor) => boolean) =>
    ours.filter(holds).map(({ address }) => address);
  const found: Finding[] = [];
  const say = (addresses: readonly string[], make: (names: string) => Finding) => {
    if (addresses.length > 0) found.push(make(some(addresses)));
  };
  say(
    others.map(({ address }) => address),
    (names) =>
      warning(`${names}: gets no routes`, `add ${process.name} to its api, unless it is meant so`),
  );
  say(
    where((neighbor) => !neighbor.hasNeighborChanges && !process.hasNeighborChanges),
    (names) =>
      warning(
        `${names}: a lost session is known late, or not at all`,
        'add neighbor-changes; to its api',
      ),
  );
  say(
    where(({ hasGracefulRestart }) => hasGracefulRestart),
    (names) => warning(`${names}: routers keep the routes of a dead LB`, 'remove graceful-restart'),
  );
  say(
    where(({ hasAdjRibOut }) => !hasAdjRibOut && config?.exabgp.refreshMs === undefined),
    (names) => warning(`${names}: adj-rib-out is off`, 'remove that, or set exabgp.refresh: 5m'),
  );
  return [...found, ...againstConfig(conf, ours, config), ...holdTimeFindings(ours, config)];
}
