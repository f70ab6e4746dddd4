import { textCharsMax } from '../../zookeeper/drain-data.ts';

/** What is wrong with the text after `--reason`; undefined when nothing is, or none was given. */
export function reasonMistake(reason: string | undefined): string | undefined {
  const length = reason?.length ?? 0;
  return length > textCharsMax
    ? `--reason: expected at most ${textCharsMax} characters, found ${length}; nothing was changed. Shorten it`
    : undefined;
}
