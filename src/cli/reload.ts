import { isDeepStrictEqual } from 'node:util';
import type { Config, LoadedConfig } from '../config/config.ts';
import type { Clock } from '../core/clock.ts';
import type { Level } from '../core/report.ts';
import { isoTime } from '../observe/iso-time.ts';
import type { ConfigVersion } from '../observe/snapshot.ts';
import { problemLines } from './load.ts';
import type { Paths } from './paths.ts';

export interface ReloaderPorts {
  /** Gives versions the time they were loaded. */
  readonly clock: Pick<Clock, 'wallMs'>;
  /** Reads the configuration as at the start. */
  load(): LoadedConfig;
  /** Goes on with another configuration; of what takes effect at the next start only, nothing is to be used. */
  apply(config: Config): void;
  note(level: Level, place: string, detail: string): void;
}

/** Who asks: a signal is always answered, a file that says the same as before leads to nothing. */
export type ReloadCause = 'SIGHUP' | 'file';

export interface Reloader {
  reload(cause: ReloadCause): void;
  /** Which configuration runs, and what was last refused. */
  version(): ConfigVersion;
}

/**
 * Makes what reads the configuration again and applies it. A wrong one changes nothing, and is told with all its
 * mistakes; of a good one everything is applied that can change while the agent runs, and the rest is told by name.
 * @param running the configuration that the agent was started with.
 */
export function createReloader(
  running: Config,
  warnings: readonly string[],
  paths: Paths,
  ports: ReloaderPorts,
): Reloader {
  const now = () => isoTime(ports.clock.wallMs());
  let present = running;
  let version: ConfigVersion = { hash: running.hash, loadedAt: now() };
  let told: readonly string[] = warnings;
  let lastComplaint = '';
  const complain = (cause: ReloadCause, lines: readonly string[]) => {
    const text = lines.join('\n');
    if (cause === 'file' && text === lastComplaint) return;
    lastComplaint = text;
    version = { ...version, rejected: { at: now(), why: text } };
    for (const line of lines) ports.note('error', 'reload', line);
    ports.note('error', 'reload', 'nothing was changed; the agent goes on as it was configured');
  };
  const reload = (cause: ReloadCause) => {
    const loaded = ports.load();
    if (loaded.kind === 'wrong') {
      complain(cause, problemLines(loaded.problems));
      return;
    }
    const { config } = loaded;
    const { member } = running.settings;
    if (config.settings.member !== member) {
      // Its rights to VIPs would come from the one, its claims from the other.
      complain(cause, [
        `member: expected ${member}, found ${config.settings.member}; another member id takes a restart of the agent`,
      ]);
      return;
    }
    if (config.settings.isStandalone !== running.settings.isStandalone) {
      complain(cause, [
        'zookeeper: a section that comes or goes takes a restart of the agent, since its claims would be nobody’s',
      ]);
      return;
    }
    lastComplaint = '';
    for (const warning of loaded.warnings)
      if (!told.includes(warning)) ports.note('warn', 'config', warning);
    told = loaded.warnings;
    if (isDeepStrictEqual(changeableIn(config), changeableIn(present)))
      ports.note('info', 'reload', `${cause}: nothing to change in what is running`);
    else ports.apply(config);
    present = config;
    version = { hash: config.hash, loadedAt: now() };
    const waiting = waitingFor(running, config, paths);
    if (waiting.length > 0)
      ports.note('warn', 'reload', `takes effect at the next start: ${waiting.join(', ')}`);
  };
  return { reload, version: () => version };
}

function changeableIn({ settings, guard, log, hooks, listen }: Config): object {
  return { settings, guard, level: log.level, hooks, listen };
}

/** What only a start reads, by the names of its keys. */
const fixed: readonly (readonly [string, (config: Config) => unknown])[] = [
  ['zookeeper.hosts', ({ zookeeper }) => zookeeper.servers],
  ['zookeeper.chroot', ({ zookeeper }) => zookeeper.chroot],
  ['zookeeper.sessionTimeout', ({ zookeeper }) => zookeeper.sessionTimeoutMs],
  ['zookeeper.auth', ({ zookeeper }) => zookeeper.auth],
  ['zookeeper.acl', ({ zookeeper }) => zookeeper.acl],
  // Files that are only renewed are read again with every connection.
  ['zookeeper.tls', ({ zookeeper: { tls } }) => tls && [tls.serverName, tls.passphrase]],
  ['stateDir', ({ stateDir }) => stateDir],
  ['exabgp', ({ exabgp }) => exabgp],
  ['host', ({ host }) => host],
  ['user', ({ user }) => user],
  ['group', ({ group }) => group],
  ['reload', ({ reload }) => reload],
  ['log.format', ({ log }) => log.format],
  ['log.silent', ({ log }) => log.silent],
  ['log.syslog', ({ log }) => log.syslog],
];

/** What differs from the start but cannot change while the agent runs. */
function waitingFor(running: Config, next: Config, paths: Paths): readonly string[] {
  const moved = next.zookeeper.services.filter(
    (service) => !isDeepStrictEqual(service.paths, paths.of(service.name)),
  );
  return [
    ...fixed.filter(([, of]) => !isDeepStrictEqual(of(next), of(running))).map(([name]) => name),
    ...moved.map(({ name }) => `the znode paths of ${name}`),
  ];
}
