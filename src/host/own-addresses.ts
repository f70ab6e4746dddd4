import { join } from 'node:path';
import { isVip, parseVip, type Vip } from '../core/vip.ts';
import type { OwnAddresses } from './addresses.ts';
import { type AtomicFilePorts, createAtomicFile } from './atomic-file.ts';
import { readPrivateFile } from './private-file.ts';

/** What keeps, beside the state file, which addresses this agent has added; for this boot only, as they live no longer. */
export interface KeptAddresses extends OwnAddresses {
  /** Resolves when all is written, or to false after `deadlineMs`. Never rejects. */
  stop(deadlineMs: number): Promise<boolean>;
}

/** @param place boot id and interface: addresses of another one are none of ours. */
export function keepAddresses(
  directory: string,
  place: string,
  ports: AtomicFilePorts,
): KeptAddresses {
  const path = join(directory, 'addresses.json');
  const file = createAtomicFile(path, ports);
  const earlier = readAddresses(path, place);
  return {
    earlier: () => earlier,
    keep: (addresses) => file.write(() => `${JSON.stringify({ v: 1, place, addresses })}\n`),
    stop: (deadlineMs) => file.stop(deadlineMs),
  };
}

/** What cannot be understood is nobody's: it is better left than taken away. */
function readAddresses(path: string, place: string): readonly Vip[] {
  const content = readPrivateFile(path);
  if (content.kind !== 'read') return [];
  try {
    const { v, place: ofPlace, addresses } = JSON.parse(content.text) as Record<string, unknown>;
    if (v !== 1 || ofPlace !== place || !Array.isArray(addresses)) return [];
    return addresses.map((text) => parseVip(String(text))).filter(isVip);
  } catch {
    return [];
  }
}
