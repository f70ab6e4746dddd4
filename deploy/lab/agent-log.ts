import { readFileSync, statSync } from 'node:fs';
import type { LoadBalancerName } from './plan.ts';
import type { Run } from './run.ts';
import { agentLogFile } from './speaker.ts';

/** One line of an agent's JSON log, as far as the lab looks at it. */
export interface AgentEvent {
  readonly atMs: number;
  readonly event: string;
  readonly to: string | undefined;
  readonly isEstablished: boolean | undefined;
}

interface LogLine {
  readonly time?: string | number;
  readonly event?: string;
  readonly to?: string;
  readonly isEstablished?: boolean;
}

/** How long an agent's log is now: a mark to read from later. */
export function markAgentLog(run: Run, node: LoadBalancerName): number {
  try {
    return statSync(agentLogFile(run, node)).size;
  } catch {
    return 0;
  }
}

/** What an agent logged since a mark. */
export function readAgentLog(run: Run, node: LoadBalancerName, mark = 0): readonly AgentEvent[] {
  const text = readFileSync(agentLogFile(run, node)).subarray(mark).toString('utf8');
  return text.split('\n').flatMap((line) => parseAgentLine(line) ?? []);
}

/** Reads a log line; ExaBGP's own words in the same file are none. */
export function parseAgentLine(line: string): AgentEvent | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const { time, event = '', to, isEstablished } = JSON.parse(line) as LogLine;
    const atMs = typeof time === 'number' ? time : Date.parse(String(time));
    return { atMs, event, to, isEstablished };
  } catch {
    return undefined;
  }
}
