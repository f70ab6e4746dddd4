import { runIn } from './namespaces.ts';
import type { Run } from './run.ts';

/** How many of some new connections each node answered; `nobody` for those that got no answer. */
export type Landings = ReadonlyMap<string, number>;

/**
 * Opens connections to a VIP one after another, each from a port, and so a flow, of its own, and counts who answers: the
 * nodes' nginx tells its name.
 */
export function landingsOf(
  run: Run,
  from: string,
  options: { readonly vip: string; readonly flows: number; readonly source?: string },
): Landings {
  const { vip, flows, source } = options;
  const url = `http://${vip.includes(':') ? `[${vip}]` : vip}/`;
  const bind = source === undefined ? [] : ['--interface', source];
  // The server closes each connection, so one curl makes them all; one that fails prints nothing.
  const curl = ['curl', '-s', '-m', '1', '-H', 'Connection: close', ...bind];
  const urls = Array.from({ length: flows }, () => url);
  const text = runIn(run, from, 'sh', '-c', '"$@" || true', 'sh', ...curl, ...urls);
  const names = text.split('\n').filter(Boolean).sort();
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return names.length === flows ? counts : counts.set('nobody', flows - names.length);
}

/** `lb1 12, lb2 28` */
export function describeLandings(landings: Landings): string {
  return [...landings].map(([name, count]) => `${name} ${count}`).join(', ');
}
