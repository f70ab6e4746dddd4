import { colored, plain, type Style } from '../../observe/text/style.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';

/** Colour on a terminal only, and not where somebody wants none (no-color.org). */
export function styleOf(
  stream: { readonly isTTY?: boolean },
  environment: Readonly<Record<string, string | undefined>>,
): Style {
  const { NO_COLOR: none = '', TERM: terminal } = environment;
  return stream.isTTY === true && none === '' && terminal !== 'dumb' ? colored : plain;
}

/** Writes lines to stdout; whoever reads them may stop to. */
export function print(lines: readonly string[]): void {
  if (process.stdout.listenerCount('error') === 0)
    process.stdout.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
      process.exit(exitCodes.ok);
    });
  process.stdout.write(`${lines.join('\n')}\n`);
}

/** Writes JSON, in lines for people or in one for a stream of them. */
export function printJson(value: unknown, isStream = false): void {
  print([JSON.stringify(value, undefined, isStream ? 0 : 2)]);
}

/** Says what went wrong, and how the process is to end. */
export function fail(lines: readonly string[], code: ExitCode): void {
  for (const line of lines) process.stderr.write(`${line}\n`);
  process.exitCode = code;
}
