import { translateHealthcheck } from '../config/healthcheck.ts';
import { healthcheckOrigins } from '../config/healthcheck-origins.ts';
import {
  formatOf,
  type Imported,
  type ImportFormat,
  importForms,
  renderImport,
  translateExazkFile,
  wrongImport,
} from '../config/import.ts';
import { asProblemOfLine, keyProblem } from '../config/key-lines.ts';
import { perlOrigins, translatePerl } from '../config/perl.ts';
import { type ReferenceSource, readFailure } from '../config/reference.ts';
import { readHealthcheckFile } from './healthcheck-arguments.ts';

/**
 * Makes a configuration of ours of another program's file: of ExaZK's YAML, of a `key = value` file of ExaBGP's
 * healthcheck, or of the INI file of the Perl healthcheck. What is wrong with it is told in lines.
 * @param from which of them; undefined: told by its content.
 */
export function importFile(
  file: string,
  from: ImportFormat | undefined,
  context: ReferenceSource,
): Imported {
  let text: string;
  try {
    text = context.readFile(file);
  } catch (error) {
    return wrong(`${file}: expected a readable file, found ${readFailure(error)}`);
  }
  const format = from ?? formatOf(text);
  if (format === undefined) {
    const found = text.trim() === '' ? 'an empty one' : 'one that is like none of them';
    return wrong(`${file}: expected a file of ${importForms}, found ${found}; say which by --from`);
  }
  const imported = importAs(format, file, text, context);
  if (from === undefined && imported.kind === 'wrong' && isForeign(imported.lines, text))
    return wrong(
      `${file}: expected a file of ${importForms}, found one that is mostly something else; say which by --from`,
    );
  return imported;
}

/** A text with a line or two that look like a setting: nobody wants to read what is wrong with every other one. */
function isForeign(mistakes: readonly string[], text: string): boolean {
  const written = text.split('\n').filter((line) => line.trim() !== '').length;
  return mistakes.length > 10 && mistakes.length > written / 2;
}

function importAs(
  format: ImportFormat,
  file: string,
  text: string,
  context: ReferenceSource,
): Imported {
  switch (format) {
    case 'exazk': {
      const translated = translateExazkFile(file, context);
      return 'problems' in translated
        ? wrongImport(translated.problems)
        : renderImport(translated, file, context);
    }
    case 'perl': {
      const { problems, lines, ...translated } = translatePerl(text, file);
      if (problems.length > 0) return wrongImport(problems);
      return renderImport(translated, file, context, (problem) =>
        asProblemOfLine(problem, file, lines, perlOrigins, 'global'),
      );
    }
    case 'healthcheck':
      return importHealthcheck(file, text, context);
  }
}

function importHealthcheck(file: string, text: string, context: ReferenceSource): Imported {
  const { options, lines, problems } = readHealthcheckFile(text, file);
  if (problems.length > 0) return wrongImport(problems);
  if (options.ip === undefined) {
    const found = 'none; healthcheck takes those of the loopback then, which differ by host';
    const fix = 'name them';
    const none = { code: 'CONFIG_MISSING', expected: 'ip = 10.20.255.1', found, fix } as const;
    return wrongImport([keyProblem(file, { section: undefined, key: 'ip' }, none)]);
  }
  const { data, notes } = translateHealthcheck(options);
  const left = ['pid', 'config'].filter((key) => key in options);
  return renderImport(
    { data, notes: [...notes, ...left.map((key) => `${key}: has no equivalent`)] },
    file,
    context,
    (problem) => asProblemOfLine(problem, file, lines, healthcheckOrigins),
  );
}

function wrong(...lines: readonly string[]): Imported {
  return { kind: 'wrong', lines };
}
