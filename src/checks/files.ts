import { readFile, stat } from 'node:fs';
import { createTurns } from './turns.ts';

type Failure = NodeJS.ErrnoException | null;

/** Looks at files that never hold up this process; the returned functions give up what has not begun. */
export interface Files {
  /** `exists` is undefined with an error that leaves it open. */
  exists(path: string, found: (error: Failure, exists: boolean | undefined) => void): () => void;
  /** The whole file as text. */
  read(path: string, done: (error: Failure, text: string) => void): () => void;
}

/** Two looks at once: two dead mounts stop the file checks, and nothing else. */
export function createFiles(): Files {
  const takeTurn = createTurns(2);
  return {
    exists: (path, found) =>
      takeTurn((done) =>
        stat(path, (error) => {
          done();
          if (error === null) found(null, true);
          else if (error.code === 'ENOENT' || error.code === 'ENOTDIR') found(null, false);
          else found(error, undefined);
        }),
      ),
    read: (path, finish) =>
      takeTurn((done) =>
        readFile(path, 'utf8', (error, text) => {
          done();
          finish(error, text ?? '');
        }),
      ),
  };
}
