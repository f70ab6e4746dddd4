/** Longest line kept; ExaBGP's own lines are far shorter unless the user asked for whole updates. */
const maxLineBytes = 256 * 1024;

const lineFeed = 0x0a;

/** Cuts a byte stream into lines. */
export interface LineSplitter {
  /** The lines completed by this chunk, without line ends. Bytes that are no UTF-8 become U+FFFD. */
  push(chunk: Buffer): string[];
}

/**
 * Makes a splitter with bounded memory: a line over `limit` bytes is dropped whole, and `onOverlong` is told once for it.
 * The cut is made on bytes, so that a character split over two chunks stays whole.
 */
export function createLineSplitter(onOverlong: () => void, limit = maxLineBytes): LineSplitter {
  let parts: Buffer[] = [];
  let size = 0;
  let isSkipping = false;

  const keep = (part: Buffer): void => {
    if (isSkipping || part.length === 0) return;
    size += part.length;
    if (size > limit) {
      isSkipping = true;
      parts = [];
      onOverlong();
      return;
    }
    parts.push(part);
  };

  const finish = (): string | undefined => {
    const line = isSkipping ? undefined : Buffer.concat(parts).toString('utf8').replace(/\r$/, '');
    parts = [];
    size = 0;
    isSkipping = false;
    return line;
  };

  return {
    push(chunk) {
      const lines: string[] = [];
      let start = 0;
      for (let end = chunk.indexOf(lineFeed); end !== -1; end = chunk.indexOf(lineFeed, start)) {
        keep(chunk.subarray(start, end));
        const line = finish();
        if (line !== undefined) lines.push(line);
        start = end + 1;
      }
      keep(chunk.subarray(start));
      return lines;
    },
  };
}
