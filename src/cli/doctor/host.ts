import { accessSync, constants, readFileSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import type { Clock } from '../../core/clock.ts';
import { createRun, type Run } from '../../host/ip.ts';

/** This host, as the doctor looks at it. Nothing here changes anything. */
export interface DoctorHost {
  /** Undefined when there is no such file, or it cannot be read. */
  readText(path: string): string | undefined;
  /** Where a program is found, by its name or absolute path. */
  find(program: string): string | undefined;
  readonly run: Run;
  readonly uid: number;
  /** The name of the user, as `id -un` has it. */
  readonly user: string;
}

/** Programs in Python take their time on a busy host. */
const runTimeoutMs = 10_000;

/** The real one. */
export function createDoctorHost(clock: Clock, user: string): DoctorHost {
  const isExecutable = (path: string) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  };
  return {
    readText(path) {
      try {
        return readFileSync(path, 'utf8');
      } catch {
        return undefined;
      }
    },
    find(program) {
      const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin'];
      const places = isAbsolute(program) ? [program] : folders.map((dir) => join(dir, program));
      return places.find(isExecutable);
    },
    run: createRun(clock, runTimeoutMs),
    uid: process.geteuid?.() ?? -1,
    user,
  };
}
