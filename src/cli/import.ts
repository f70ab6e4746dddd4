import { translateHealthcheck } from '../config/healthcheck.ts';
import {
  formatOf,
  type Imported,
  type ImportFormat,
  importFormats,
  renderImport,
  translateExazkFile,
} from '../config/import.ts';
import { translatePerl } from '../config/perl.ts';
import { renderProblem } from '../config/problem.ts';
import { type ReferenceSource, readFailure } from '../config/reference.ts';
import { readHealthcheckFile } from './healthcheck-arguments.ts';
import { UsageError } from './python-arguments.ts';

/**
 * Makes a configuration of ours of another program's file: of ExaZK's YAML, of a `key = value` file of ExaBGP's
 * healthcheck, or of the INI file of the Perl healthcheck. What is wrong with it is told in lines.
 * @param from which of them; undefined: told by its content.
 */
export function importFile(
  file: string,
  from: string | undefined,
  context: ReferenceSource,
): Imported {
  let text: string;
  try {
    text = context.readFile(file);
  } catch (error) {
    return wrong(`${file}: expected a readable file, found ${readFailure(error)}`);
  }
  const format = from ?? formatOf(text);
  if (!isFormat(format)) {
    const found = from === undefined ? 'a file that is like none of them' : from;
    return wrong(
      `${file}: expected a file of ${importFormats.join(', ')}, found ${found}; say which by --from`,
    );
  }
  return importAs(format, file, text, context);
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
        ? wrong(...translated.problems.map(renderProblem))
        : renderImport(translated, file, context);
    }
    case 'perl':
      return renderImport(translatePerl(text), file, context);
    case 'healthcheck':
      return importHealthcheck(file, text, context);
  }
}

function importHealthcheck(file: string, text: string, context: ReferenceSource): Imported {
  try {
    const options = readHealthcheckFile(text);
    const { data, notes } = translateHealthcheck(options);
    const left = ['pid', 'config'].filter((key) => key in options);
    return renderImport(
      { data, notes: [...notes, ...left.map((key) => `${key}: has no equivalent`)] },
      file,
      context,
    );
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return wrong(`${file}: ${error.message}`);
  }
}

function isFormat(text: string | undefined): text is ImportFormat {
  return importFormats.some((format) => format === text);
}

function wrong(...lines: readonly string[]): Imported {
  return { kind: 'wrong', lines };
}
