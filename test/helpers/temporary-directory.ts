import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { stalePrefix } from './namespace.ts';

/** A directory that goes with the test. */
export function temporaryDirectory(): string {
  const path = mkdtempSync(join(tmpdir(), `${stalePrefix}${process.pid}-`));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}
