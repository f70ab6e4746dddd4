import { createInterface } from 'node:readline/promises';

/** Asks a person one question after the other. */
export interface Asker {
  /** Resolves to the line that is typed. @throws AbortError at Ctrl-C and at the end of the input. */
  ask(text: string): Promise<string>;
  close(): void;
}

/** Makes one. Answers that come before their question, as several that are pasted at once do, wait for it. */
export function createAsker(input: NodeJS.ReadableStream, output: NodeJS.WritableStream): Asker {
  const terminal = createInterface({ input, output });
  const early: string[] = [];
  // A line that a question waits for is not told here.
  terminal.on('line', (line) => early.push(line));
  return {
    async ask(text) {
      const line = early.shift();
      if (line === undefined) return terminal.question(text);
      output.write(`${text}${line}\n`);
      return line;
    },
    close: () => terminal.close(),
  };
}
