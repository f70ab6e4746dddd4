import type { Check } from './faults/fault.ts';
import type { Run } from './run.ts';
import { waitFor } from './wait.ts';

/** A network of its own with a story that is told on it: `npm run lab -- NAME`. */
export interface Topology {
  readonly name: string;
  readonly title: string;
  /** Builds everything that the story starts from. */
  readonly build: (run: Run, tell: (line: string) => void) => Promise<void>;
  readonly acts: readonly Act[];
}

/** One thing that is done to the network, and what came of it. */
export interface Act {
  readonly title: string;
  readonly play: (run: Run) => Promise<Scene>;
}

export interface Scene {
  /** What people would look at, as printed. */
  readonly shown: readonly Shown[];
  readonly checks: readonly Check[];
}

/** A command, where it was typed, and what it printed. */
export interface Shown {
  readonly node: string;
  readonly command: string;
  readonly output: string;
}

/** Plays all acts in turn, each told as it ends; an act whose wait was in vain ends the story with the error. */
export async function playActs(
  topology: Topology,
  run: Run,
  tell: (act: Act, scene: Scene) => void,
): Promise<readonly Check[]> {
  const checks: Check[] = [];
  for (const act of topology.acts) {
    const scene = await act.play(run);
    tell(act, scene);
    checks.push(...scene.checks);
  }
  return checks;
}

/** What a command printed, as a terminal shows it. */
export function describeShown({ node, command, output }: Shown): readonly string[] {
  const lines = output.trimEnd().split('\n');
  return [`${node}$ ${command}`, ...lines.map((line) => line.trimEnd())];
}

/** A check that a table reads as expected; a difference is told with both. */
export function reads(what: string, found: readonly string[], expected: readonly string[]): Check {
  const isHeld = found.join('\n') === expected.join('\n');
  const detail = `expected ${expected.join(' | ')}; found ${found.join(' | ')}`;
  return isHeld ? { what, isHeld } : { what, isHeld, detail };
}

/** Waits until a table reads as expected; what it reads instead after that time is for a check to tell. */
export async function settlesAs(
  read: () => readonly string[],
  expected: readonly string[],
  timeoutMs: number,
): Promise<void> {
  const isAsExpected = () => read().join('\n') === expected.join('\n');
  const options = { what: `${expected.join(' | ')}`, timeoutMs, pollMs: 100 };
  await waitFor(isAsExpected, options).catch(() => undefined);
}
