import { stringify } from 'yaml';
import { type Config, loadConfig } from './config.ts';
import { formatDuration } from './duration.ts';
import { translateExazk } from './exazk.ts';
import { inConffile } from './exazk-reader.ts';
import type { Translated } from './healthcheck.ts';
import { type ConfigProblem, renderProblem } from './problem.ts';
import type { ReferenceSource } from './reference.ts';

/** A file of ours made of another program's, or why there is none. */
export type Imported =
  | { readonly kind: 'done'; readonly yaml: string }
  | { readonly kind: 'wrong'; readonly lines: readonly string[] };

/** Which program a file is for. */
export type ImportFormat = 'exazk' | 'healthcheck' | 'perl';

/** What each of them looks like, for messages. */
export const importForms =
  'exazk (YAML with zk_hosts, srv_name and so on), healthcheck (lines key = value) or perl (those in sections, as [global])';

/** Tells by its content which program a file is for; undefined when it is like none of them. */
export function formatOf(text: string): ImportFormat | undefined {
  if (/^\s*(zk_hosts|zk_path_\w+|srv_\w+)\s*:/m.test(text)) return 'exazk';
  if (/^\s*\[[^\]]*\]\s*$/m.test(text)) return 'perl';
  return /^\s*[\w-]+\s*=/m.test(text) ? 'healthcheck' : undefined;
}

/**
 * Writes a translation as YAML, with a comment for everything that has no equivalent. It is loaded once, so that what
 * comes out is a file that `vipkeeper check` takes.
 * @param placed finds the line of the file that a problem of the translation comes from.
 */
export function renderImport(
  { data, notes }: Translated,
  file: string,
  context: ReferenceSource,
  placed: (problem: ConfigProblem) => ConfigProblem = (problem) => problem,
): Imported {
  const head = [
    `Made of ${file} by vipkeeper import. Check it by: vipkeeper check -f FILE`,
    ...notes.map((note) => `NOTE ${note}`),
  ];
  // All scalars are texts for us, so that none needs quotes for being a number.
  const body = stringify(data, { schema: 'failsafe', lineWidth: 0 });
  const yaml = `${head.map((line) => `# ${line}\n`).join('')}${body}`;
  const loaded = loadConfig(yaml, { ...context, file: `what ${file} becomes` });
  return loaded.kind === 'valid'
    ? { kind: 'done', yaml }
    : wrongImport(loaded.problems.map(placed));
}

/** What is wrong, by line, each mistake once: one line may have been translated to several places. */
export function wrongImport(problems: readonly ConfigProblem[]): Imported {
  const sorted = [...problems].sort((one, other) => (one.line ?? 0) - (other.line ?? 0));
  return { kind: 'wrong', lines: [...new Set(sorted.map(renderProblem))] };
}

/** Says what ExaZK's YAML file means in ours. */
export function translateExazkFile(
  file: string,
  context: ReferenceSource,
): Translated | { readonly problems: readonly ConfigProblem[] } {
  const translated = translateExazk({ conffile: file }, context);
  if (translated.kind === 'wrong')
    return { problems: translated.problems.map((problem) => inConffile(problem, file)) };
  const notes = [
    ...translated.warnings,
    'vipkeeper acts as ExaZK where both can: no standby, no damping, one result counts. announce.standby would save a dead LB’s VIPs the session timeout',
    'one file can serve all LBs: name the owner of each VIP under vips, in place of owns and others',
  ];
  return { data: exazkData(translated.config), notes };
}

function exazkData({ settings, zookeeper, log }: Config): Translated['data'] {
  const [service] = settings.services;
  const [place] = zookeeper.services;
  const listed = (isOwn: boolean) =>
    service?.vips
      .filter(({ owner }) => (owner === settings.member) === isOwn)
      .map(({ vip }) => vip.replace(/\/(32|128)$/, ''));
  const { claims = '', maintenance = '', members = '' } = place?.paths ?? {};
  return {
    zookeeper: {
      hosts: zookeeper.servers.map(({ host, port }) =>
        host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`,
      ),
      ...(zookeeper.chroot !== '' && { chroot: zookeeper.chroot }),
      root: members.slice(0, members.lastIndexOf('/member/')) || '/',
    },
    log: {
      level: log.level,
      silent: String(log.silent),
      syslog: log.syslog ?? 'off',
    },
    services: {
      [service?.name ?? '']: {
        owns: listed(true),
        others: listed(false),
        checks: service?.checks.flatMap(({ probe, ...times }) =>
          probe.kind === 'exec'
            ? [
                {
                  exec: probe.command,
                  interval: formatDuration(times.intervalMs),
                  fastInterval: formatDuration(times.fastIntervalMs),
                  timeout: formatDuration(times.timeoutMs),
                  rise: String(times.rise),
                  fall: String(times.fall),
                },
              ]
            : [],
        ),
        takeover: { damping: 'off' },
        drain: { timeout: formatDuration(service?.drainTimeoutMs ?? 0) },
        paths: { claims, maintenance },
      },
    },
  };
}
