import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { publint } from 'publint';
import { describe, expect, it } from 'vitest';
import { exitCodes } from '../src/cli/exit-codes.ts';
import { problemCodes } from '../src/config/problem.ts';

/** House rules that no linter has. */
const root = resolve(import.meta.dirname, '..');
const sources = filesUnder('src').filter((file) => /\.tsx?$/.test(file));
const programs = [...sources, ...filesUnder('deploy'), ...filesUnder('bench')].filter((file) =>
  /\.tsx?$/.test(file),
);

/**
 * Files with logic but without a test file of their own: what stands for their tests, and why. A folder ends in `/` and
 * covers what is in it.
 */
const testedElsewhere: readonly { file: string; by: string; why: string }[] = [
  {
    file: 'src/core/',
    by: 'test/core/step.test.ts',
    why: 'one state machine, tested through its step, by table and by property',
  },
  {
    file: 'src/zookeeper/',
    by: 'test/integration/zookeeper/reading.test.ts',
    why: 'what a session does is known to a real server alone',
  },
  {
    file: 'src/exabgp/',
    by: 'test/exabgp/speaker.test.ts',
    why: 'parts of one speaker, tested through its two pipes',
  },
  {
    file: 'src/config/',
    by: 'test/config/config.test.ts',
    why: 'parts of one reader, tested from the file to the settings',
  },
  {
    file: 'src/cli/',
    by: 'test/cli/launchers.test.ts',
    why: 'commands, tested as processes',
  },
  ...['probing.ts', 'http-body.ts'].map((file) => ({
    file: `src/checks/${file}`,
    by: 'test/checks/http.test.ts',
    why: 'run through its checker, by real servers',
  })),
  ...['acts-seen.ts', 'move-cause.ts'].map((file) => ({
    file: `src/observe/${file}`,
    by: 'test/observe/recorder.test.ts',
    why: 'what a record says, tested as it is written',
  })),
  {
    file: 'src/observe/act.ts',
    by: 'test/observe/fleet-acts.test.ts',
    why: 'the form of what is told there',
  },
  {
    file: 'src/observe/by-whom.ts',
    by: 'test/observe/causes.test.ts',
    why: 'the end of the sentences there',
  },
  {
    file: 'src/observe/reads.ts',
    by: 'test/observe/status-record.test.ts',
    why: 'a record is made of all that it reads',
  },
  {
    file: 'src/checks/files.ts',
    by: 'test/checks/file.test.ts',
    why: 'run through its checker, on real files',
  },
  {
    file: 'src/checks/ipvs-table.ts',
    by: 'test/checks/ipvs.test.ts',
    why: 'run through its checker, on tables in both layouts',
  },
  {
    file: 'src/command/command.ts',
    by: 'test/checks/checker.test.ts',
    why: 'run through its checker, by real shells',
  },
  {
    file: 'src/host/privileges.ts',
    by: 'test/integration/agent/privileges.test.ts',
    why: 'a process can give its rights up only once',
  },
  ...[
    'few',
    ...['members', 'vips', 'problems', 'member-problems', 'config-problems'].map(
      (part) => `fleet-${part}`,
    ),
  ].map((part) => ({
    file: `src/observe/${part}.ts`,
    by: 'test/observe/build-fleet-view.test.ts',
    why: 'parts of one view, tested from the reading to the view',
  })),
  ...['history.ts', 'status.ts'].map((file) => ({
    file: `src/observe/${file}`,
    by: 'test/observe/recorder.test.ts',
    why: 'parts of one record, tested as it is read',
  })),
  ...['explain', 'history'].map((text) => ({
    file: `src/observe/text/${text}-text.ts`,
    by: 'test/observe/explain.test.ts',
    why: 'held against golden text together with what it is about',
  })),
  {
    file: 'src/observe/text/what-if-text.ts',
    by: 'test/cli/what-if.test.ts',
    why: 'held against golden text together with what it is about',
  },
  ...['by-parts', 'world'].map((part) => ({
    file: `src/forecast/${part}.ts`,
    by: 'test/forecast/forecast.test.ts',
    why: 'parts of one forecast, tested from the settings to the outcome',
  })),
  {
    file: 'src/observe/text/',
    by: 'test/observe/text/status-text.test.ts',
    why: 'parts of one text, held against golden text',
  },
  ...['gauge.ts', 'gauges.ts', 'service-gauges.ts', 'tallies.ts'].map((file) => ({
    file: `src/observe/${file}`,
    by: 'test/observe/metrics.test.ts',
    why: 'tables of metrics, tested as they are scraped',
  })),
  {
    file: 'src/dashboard/page/',
    by: 'test/integration/dashboard/page.test.ts',
    why: 'what is drawn is known to a browser alone',
  },
  {
    file: 'src/dashboard/letters.ts',
    by: 'test/dashboard/server.test.ts',
    why: 'what the server answers, asked for over HTTP',
  },
  {
    file: 'src/observe/fields.ts',
    by: 'test/observe/sentences.test.ts',
    why: 'checked on the same table of reports',
  },
];

function filesUnder(folder: string): string[] {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    return entry.isDirectory() ? filesUnder(path) : [path];
  });
}

function textOf(file: string): string {
  return readFileSync(join(root, file), 'utf8');
}

/** The text without comments, which may name what code may not use; lines keep their numbers. */
function codeOf(text: string): string {
  return text
    .replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, ''))
    .replace(/(^|\s)\/\/.*$/gm, '$1');
}

/** Where a pattern occurs, as `file:line`. */
function places(
  files: readonly string[],
  pattern: RegExp,
  read = (file: string) => codeOf(textOf(file)),
) {
  return files.flatMap((file) =>
    read(file)
      .split('\n')
      .flatMap((line, index) => (pattern.test(line) ? [`${file}:${index + 1}`] : [])),
  );
}

/** Whether a file does anything at run time; a file of types alone needs no test. */
function hasLogic(file: string): boolean {
  return /^\s*(export )?(async )?(function|class)\b|=>\s*[^;]*[{(]?$/m.test(
    codeOf(textOf(file)).replace(/^(export )?(interface|type)\b[\s\S]*?^(\}|.*;$)/gm, ''),
  );
}

describe('time', () => {
  it('comes from the clock alone', () => {
    const timers =
      /\b(setTimeout|setInterval|Date\.now|performance\.now|hrtime|timers\/promises)\b|\bnew Date\(\)|\bDate\(\)/;
    // The page has one of its own, in the browser.
    const clocks = ['src/agent/clock.ts:', 'src/dashboard/page/clock.ts:'];
    const asked = places(sources, timers);
    expect(asked.filter((at) => !clocks.some((clock) => at.startsWith(clock)))).toEqual([]);
  });

  it('is put into words in src/observe and by the page alone, from the time it is given', () => {
    const dates = places(sources, /\bDate\b/);
    const page = ['clock', 'times'].map((file) => `src/dashboard/page/${file}.ts:`);
    const homes = ['src/agent/clock.ts:', 'src/observe/', ...page];
    expect(dates.filter((at) => !homes.some((home) => at.startsWith(home)))).toEqual([]);
  });
});

describe('stdout', () => {
  it('belongs to ExaBGP: only src/exabgp, and commands of src/cli, write to it', () => {
    const writers = places(sources, /\bprocess\.stdout\b|\bconsole\.|\bwriteSync\(1\b|\bfd: 1\b/);
    expect(writers.filter((at) => !/^src\/(exabgp|cli)\//.test(at))).toEqual([]);
  });

  it('is not written by the running agent', () => {
    expect(
      places(['src/cli/run-agent.ts', 'src/cli/failed-start.ts'], /\bstdout\.write\b/),
    ).toEqual([]);
  });
});

describe('source files', () => {
  it('carry no marks of unfinished work', () => {
    expect(places(programs, /\b(FIXME|TODO|XXX|HACK)\b/, textOf)).toEqual([]);
  });

  it('stay under 300 lines', () => {
    const long = programs.filter((file) => textOf(file).trimEnd().split('\n').length > 300);
    expect(long).toEqual([]);
  });

  it('silence no tool without saying why', () => {
    const silenced = /@ts-(ignore|nocheck|expect-error)|eslint-disable|biome-ignore(?!.*: \w+ \w+)/;
    expect(places(programs, silenced, textOf)).toEqual([]);
  });

  it('are tested by a file of their own, or are on the list above', () => {
    const untested = sources
      .filter(hasLogic)
      .filter((file) => !existsSync(join(root, mirrorOf(file))))
      .filter((file) => !testedElsewhere.some((entry) => covers(entry.file, file)));
    expect(untested).toEqual([]);
  });

  it('are not on the list for nothing', () => {
    const stale = testedElsewhere.filter(
      ({ file, by }) =>
        !existsSync(join(root, by)) ||
        !sources.some(
          (source) => covers(file, source) && !existsSync(join(root, mirrorOf(source))),
        ),
    );
    expect(stale).toEqual([]);
  });
});

function mirrorOf(file: string): string {
  return file.replace(/^src\//, 'test/').replace(/\.tsx?$/, '.test.ts');
}

function covers(entry: string, file: string): boolean {
  return entry === file || (entry.endsWith('/') && file.startsWith(entry));
}

describe('docs/errors.md', () => {
  const rowsOf = (document: string) =>
    document.split('\n').flatMap((line) => /^\|\s*`?(\w+)`?\s*\|/.exec(line)?.[1] ?? []);

  it('has a row for every exit code and every kind of mistake', ({ skip }) => {
    skip(!existsSync(join(root, 'docs/errors.md')), 'docs/errors.md is not written yet');
    const documented = rowsOf(textOf('docs/errors.md'));
    const codes = [...Object.values(exitCodes).map(String), ...Object.keys(problemCodes)];
    expect(codes.filter((code) => !documented.includes(code))).toEqual([]);
  });
});

describe('the documents', () => {
  const documents = ['README.md', ...filesUnder('docs')].filter((file) => file.endsWith('.md'));

  it('name only source files that are there', () => {
    const named = documents.flatMap((document) =>
      [...textOf(document).matchAll(/`([\w.-]+(?:\/[\w.-]+)+\.ts)`/g)].map(([, file = '']) => file),
    );
    expect(named).not.toHaveLength(0);
    const isThere = (file: string) =>
      existsSync(join(root, file)) || existsSync(join(root, 'test', file));
    expect([...new Set(named)].filter((file) => !isThere(file))).toEqual([]);
  });

  it('link only to files and headings that are there', () => {
    const broken = documents.flatMap((document) =>
      [...proseOf(textOf(document)).matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)/g)].flatMap(
        ([link, file = '', heading]) => {
          const target = file === '' ? document : join(dirname(document), file);
          if (!existsSync(join(root, target))) return [`${document}: ${link}`];
          const isThere = heading === undefined || headingsOf(textOf(target)).includes(heading);
          return isThere ? [] : [`${document}: ${link}`];
        },
      ),
    );
    expect(broken).toEqual([]);
  });
});

/** The text without examples, which hold all kinds of brackets. */
function proseOf(document: string): string {
  return document.replace(/^```.*?^```/gms, '');
}

/** As they are written in links: small letters, and hyphens for spaces. */
function headingsOf(document: string): readonly string[] {
  return [...proseOf(document).matchAll(/^#+ (.*)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

describe('the package', () => {
  it('can be published as it is', { timeout: 60_000 }, async () => {
    const { messages } = await publint({ pkgDir: root, strict: true, pack: 'npm' });
    expect(messages).toEqual([]);
  });
});
