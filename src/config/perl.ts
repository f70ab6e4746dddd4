import type { Translated } from './healthcheck.ts';

type Section = ReadonlyMap<string, readonly string[]>;

/** Keys that have an equivalent; what a service does not say, the section `global` says for it. */
const known = ['interval', 'timeout', 'metric', 'rise', 'fall', 'nexthop', 'command', 'ip'];

/** Without an equivalent, and why. */
const without: Readonly<Record<string, string>> = {
  logfile: 'logs go to stderr, or to syslog by log.syslog',
  logcheck: 'the first line of what a failed check prints is always logged',
};

/** Says what the INI file of the Perl healthcheck (sysadminblog/exabgp-healthcheck) means in ours, standalone. */
export function translatePerl(text: string): Translated {
  const { global = new Map(), ...services } = sectionsOf(text);
  const notes = [...notesOn('global', global)];
  const entries = Object.entries(services).map(([name, section]) => {
    notes.push(...notesOn(name, section));
    return [name, serviceOf((key) => section.get(key) ?? global.get(key))] as const;
  });
  const isDebug = global.get('debug')?.at(-1) === 'yes';
  return {
    data: {
      log: { level: isDebug ? 'debug' : 'info' },
      services: Object.fromEntries(entries),
    },
    notes: [
      ...notes,
      'one process of the Perl tool served one service; this file is for one agent with all of them',
    ],
  };
}

function serviceOf(values: (key: string) => readonly string[] | undefined): object {
  const one = (key: string) => values(key)?.at(-1);
  const disable = one('disable');
  const nextHop = one('nexthop');
  return {
    owns: values('ip') ?? [],
    ...(disable !== undefined && { disable }),
    checks: [
      {
        exec: one('command') ?? '',
        interval: seconds(one('interval'), '3s'),
        fastInterval: seconds(one('interval'), '3s'),
        timeout: seconds(one('timeout'), '2s'),
        rise: one('rise') ?? '3',
        fall: one('fall') ?? '3',
      },
    ],
    announce: { owner: { ...(nextHop !== undefined && { nextHop }), med: one('metric') ?? '100' } },
  };
}

function seconds(text: string | undefined, fallback: string): string {
  return text === undefined ? fallback : `${text}s`;
}

function notesOn(name: string, section: Section): readonly string[] {
  return [...section.keys()]
    .filter((key) => !known.includes(key) && key !== 'disable' && key !== 'debug')
    .map((key) => `[${name}] ${key}: ${without[key] ?? 'has no equivalent'}`);
}

function sectionsOf(text: string): Readonly<Record<string, Section>> & { global?: Section } {
  const sections: Record<string, Map<string, string[]>> = {};
  let present: Map<string, string[]> | undefined;
  for (const line of text.split('\n').map((each) => each.trim())) {
    const section = /^\[(.*)\]$/.exec(line)?.[1]?.trim();
    const [, key, value = ''] = /^([^#;=][^=]*?)\s*=\s*(.*)$/.exec(line) ?? [];
    if (section !== undefined) {
      present = sections[section] ?? new Map<string, string[]>();
      sections[section] = present;
    } else if (key !== undefined) {
      const plain = value.replace(/^(["'])(.*)\1$/, '$2');
      present?.set(key, [...(present.get(key) ?? []), plain]);
    }
  }
  return sections;
}
