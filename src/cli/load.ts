import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { type LoadedConfig, loadConfig } from '../config/config.ts';
import { type ConfigProblem, renderProblem } from '../config/problem.ts';
import { type ReferenceSource, readFailure } from '../config/reference.ts';

/** As we were started: secrets are taken out of what programs we start are given, and a file may be read again. */
const environment = { ...process.env };

/** This host and process, as the configuration sees them. */
export function hostContext(): ReferenceSource {
  return {
    environment,
    hostname: hostname(),
    readFile: (path) => readFileSync(path, 'utf8'),
  };
}

/** Reads and checks a configuration file; for the fleet's sake without what only the agent's own host can tell. */
export function loadFile(file: string, purpose: 'agent' | 'fleet' = 'agent'): LoadedConfig {
  const context = hostContext();
  let text: string;
  try {
    text = context.readFile(file);
  } catch (error) {
    const problem: ConfigProblem = {
      code: 'CONFIG_UNREADABLE',
      path: '',
      file,
      line: undefined,
      column: undefined,
      expected: 'a readable file',
      found: readFailure(error),
      fix: 'correct the path, or let this user read it',
    };
    return { kind: 'wrong', problems: [problem] };
  }
  return loadConfig(text, { ...context, file, purpose });
}

/** One line per problem, and how many there are. */
export function problemLines(problems: readonly ConfigProblem[]): readonly string[] {
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
  return [...problems.map(renderProblem), `vipkeeper: ${count} in the configuration`];
}
