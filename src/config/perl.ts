import type { Translated } from './healthcheck.ts';
import { nearest } from './issues.ts';
import { type KeyLine, keyProblem, type Origin } from './key-lines.ts';
import { type Complaint, type ConfigProblem, describeFound, quote } from './problem.ts';

type Section = ReadonlyMap<string, readonly string[]>;

/** Keys that have an equivalent; what a service does not say, the section `global` says for it. */
const known = ['interval', 'timeout', 'metric', 'rise', 'fall', 'nexthop', 'command', 'ip'];

/** Without an equivalent, and why. */
const without: Readonly<Record<string, string>> = {
  logfile: 'logs go to stderr, or to syslog by log.syslog',
  logcheck: 'the first line of what a failed check prints is always logged',
};

/** Of which lines the values of our file are made. */
export const perlOrigins: readonly Origin[] = [
  { path: /^services\.(?<section>.+)\.owns\.(?<index>\d+)$/, keys: ['ip'] },
  { path: /^services\.(?<section>.+)\.disable$/, keys: ['disable'] },
  { path: /^services\.(?<section>.+)\.checks\.0\.exec$/, keys: ['command'] },
  { path: /^services\.(?<section>.+)\.checks\.0\.(fastI|i)nterval$/, keys: ['interval'] },
  { path: /^services\.(?<section>.+)\.checks\.0\.timeout$/, keys: ['timeout'] },
  { path: /^services\.(?<section>.+)\.checks\.0\.rise$/, keys: ['rise'] },
  { path: /^services\.(?<section>.+)\.checks\.0\.fall$/, keys: ['fall'] },
  { path: /^services\.(?<section>.+)\.announce\.owner\.nextHop$/, keys: ['nexthop'] },
  { path: /^services\.(?<section>.+)\.announce\.owner\.med$/, keys: ['metric'] },
  { path: /^services\.(?<section>.+)$/, keys: [''] },
];

/** What a Perl file means, its lines, and what is wrong with them. */
export interface TranslatedPerl extends Translated {
  readonly lines: readonly KeyLine[];
  readonly problems: readonly ConfigProblem[];
}

/** Says what the INI file of the Perl healthcheck (sysadminblog/exabgp-healthcheck) means in ours, standalone. */
export function translatePerl(text: string, file: string): TranslatedPerl {
  const { lines, problems } = readLines(text, file);
  const { global = new Map(), ...services } = sectionsOf(lines);
  const entries = Object.entries(services).map(
    ([name, section]) => [name, serviceOf((key) => section.get(key) ?? global.get(key))] as const,
  );
  const isDebug = global.get('debug')?.at(-1) === 'yes';
  return {
    lines,
    problems: [
      ...problems,
      ...valueProblems(lines, file),
      ...missing(lines, services, global, file),
    ],
    data: {
      log: { level: isDebug ? 'debug' : 'info' },
      services: Object.fromEntries(entries),
    },
    notes: [
      ...lines.flatMap(noteOn),
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
        interval: secondsOf(one('interval'), '3s'),
        fastInterval: secondsOf(one('interval'), '3s'),
        timeout: secondsOf(one('timeout'), '2s'),
        rise: one('rise') ?? '3',
        fall: one('fall') ?? '3',
      },
    ],
    announce: { owner: { ...(nextHop !== undefined && { nextHop }), med: one('metric') ?? '100' } },
  };
}

function secondsOf(text: string | undefined, fallback: string): string {
  return text === undefined ? fallback : `${text}s`;
}

function noteOn({ line, section, key }: KeyLine): readonly string[] {
  if ([...known, '', 'disable', 'debug'].includes(key)) return [];
  const near = nearest(key, [...known, 'disable', 'debug']);
  const why =
    without[key] ?? `has no equivalent${near === undefined ? '' : `; did you mean ${near}?`}`;
  return [`[${section}] ${key}: ${why} (line ${line})`];
}

/** A section is a line with no key. */
function readLines(
  text: string,
  file: string,
): { readonly lines: readonly KeyLine[]; readonly problems: readonly ConfigProblem[] } {
  const lines: KeyLine[] = [];
  const problems: ConfigProblem[] = [];
  let section: string | undefined;
  for (const [index, raw] of text.split('\n').entries()) {
    const line = index + 1;
    const content = raw.trim();
    if (content === '' || /^[#;]/.test(content)) continue;
    const name = /^\[(.*)\]$/.exec(content)?.[1]?.trim();
    const [, key, value = ''] = /^([^[=][^=]*?)\s*=\s*(.*)$/.exec(content) ?? [];
    if (name !== undefined) {
      section = name;
      lines.push({ line, section, key: '', value: name });
    } else if (key === undefined || section === undefined) {
      const expected =
        section === undefined ? '[global] or another section first' : 'key = value or [section]';
      const wrong = {
        code: 'CONFIG_SYNTAX',
        expected,
        found: quote(content),
        fix: 'correct the line',
      } as const;
      problems.push(keyProblem(file, { line, section: undefined, key: '' }, wrong));
    } else {
      lines.push({ line, section, key, value: value.replace(/^(["'])(.*)\1$/, '$2') });
    }
  }
  return { lines, problems };
}

const seconds: Form = [/^\d+(\.\d+)?$/, 'a number of seconds'];
const whole: Form = [/^\d+$/, 'a whole number'];
type Form = readonly [RegExp, string];
const forms: Readonly<Record<string, Form>> = {
  interval: seconds,
  timeout: seconds,
  rise: whole,
  fall: whole,
  metric: whole,
};

function valueProblems(lines: readonly KeyLine[], file: string): readonly ConfigProblem[] {
  return lines.flatMap((line) => {
    const [form, expected] = forms[line.key] ?? [];
    if (form === undefined || expected === undefined || form.test(line.value ?? '')) return [];
    const found = describeFound(line.value);
    const wrong = {
      code: 'CONFIG_WRONG_VALUE',
      expected,
      found,
      fix: 'write digits alone',
    } as const;
    return [keyProblem(file, line, wrong)];
  });
}

function missing(
  lines: readonly KeyLine[],
  services: Readonly<Record<string, Section>>,
  global: Section,
  file: string,
): readonly ConfigProblem[] {
  const wrong = (section: string, key: string, complaint: Omit<Complaint, 'code' | 'found'>) => {
    const place = lines.find((one) => one.section === section)?.line;
    const at = { section, key, ...(place !== undefined && { line: place }) };
    return keyProblem(file, at, { ...complaint, code: 'CONFIG_MISSING', found: 'none' });
  };
  if (Object.keys(services).length === 0) {
    const expected = 'a section for each service besides it';
    return [wrong('global', '', { expected, fix: 'add one, as [dns4] with command and ip' })];
  }
  const needed = { ip: 'ip = 10.20.255.1', command: 'command = /path/to/check' };
  return Object.entries(services).flatMap(([name, section]) =>
    Object.entries(needed)
      .filter(([key]) => !section.has(key) && !global.has(key))
      .map(([key, form]) => wrong(name, key, { expected: form, fix: `add it to [${name}]` })),
  );
}

function sectionsOf(
  lines: readonly KeyLine[],
): Readonly<Record<string, Section>> & { global?: Section } {
  const sections: Record<string, Map<string, string[]>> = {};
  for (const { section = '', key, value = '' } of lines) {
    const own = sections[section] ?? new Map<string, string[]>();
    sections[section] = own;
    if (key !== '') own.set(key, [...(own.get(key) ?? []), value]);
  }
  return sections;
}
