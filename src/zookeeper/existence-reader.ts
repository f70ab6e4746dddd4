import type { Clock } from '../core/clock.ts';
import type { Watcher } from './library.ts';
import type { Answer, Requests } from './requests.ts';

/** Keeps read whether one znode exists, in the manner of the children reader. */
export interface ExistenceReader {
  restart(): void;
  stop(): void;
  refresh(): void;
  /** Reads again what could not be read. */
  retry(): void;
}

export interface ExistenceReaderOptions {
  readonly path: string;
  read(isPresent: boolean): void;
  failed(detail: string): void;
}

export function createExistenceReader(
  options: ExistenceReaderOptions,
  requests: Requests,
  clock: Clock,
): ExistenceReader {
  let phase: 'stopped' | 'idle' | 'reading' = 'stopped';
  let run = 0;
  let isStale = true;
  let isRefused = false;
  const watcher: Watcher = () => clock.defer(refresh);

  function refresh(): void {
    isStale = true;
    if (phase === 'idle') read();
  }

  function read(): void {
    run += 1;
    const mine = run;
    phase = 'reading';
    isStale = false;
    isRefused = false;
    requests.exists(options.path, watcher, (answer) => {
      if (mine === run) answered(answer);
    });
  }

  function answered(answer: Answer<boolean>): void {
    phase = 'idle';
    if (answer.ok) options.read(answer.value);
    else if (answer.problem === 'lost') isStale = true;
    else if (answer.problem !== 'notConnected') {
      isRefused = true;
      options.failed(answer.detail);
    }
    if (isStale) read();
  }

  return {
    restart() {
      run += 1;
      phase = 'idle';
      refresh();
    },
    stop() {
      run += 1;
      phase = 'stopped';
    },
    refresh,
    retry() {
      if (isRefused) refresh();
    },
  };
}
