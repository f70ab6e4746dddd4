import type { AsNumbers } from '../core/event.ts';
import { type Asn, parseAsn } from '../core/route.ts';
import { parseHostAddress } from '../core/vip.ts';

/** One neighbor in the list of them. */
export interface SummaryRow {
  readonly neighbor: string;
  readonly isEstablished: boolean;
}

/** What one line from ExaBGP means. */
export type Answer =
  /** The command is in ExaBGP's RIB; it says nothing about any neighbor. */
  | { readonly kind: 'done' }
  | { readonly kind: 'error' }
  /** Why the `error` that follows: main alone says it. */
  | { readonly kind: 'errorDetail'; readonly detail: string }
  | { readonly kind: 'version'; readonly version: string }
  | { readonly kind: 'summaryHeader' }
  | ({ readonly kind: 'summaryRow' } & SummaryRow)
  /** The whole list at once, as main gives it. */
  | { readonly kind: 'summaryList'; readonly rows: readonly SummaryRow[] }
  | {
      readonly kind: 'neighbor';
      readonly neighbor: string;
      readonly isEstablished: boolean;
      readonly detail: string;
      readonly asNumbers?: AsNumbers | undefined;
    }
  | { readonly kind: 'shutdown' }
  /** Understood and of no interest: blank lines, `connected`, updates the user asked ExaBGP for. */
  | { readonly kind: 'ignored' }
  /** `data`: JSON that is no message about an event, so it can only be the answer to a question. */
  | { readonly kind: 'unknown'; readonly form: 'json' | 'data' | 'text' };

const ignored: Answer = { kind: 'ignored' };
const unknownJson: Answer = { kind: 'unknown', form: 'json' };
const unknownData: Answer = { kind: 'unknown', form: 'data' };
const unknownText: Answer = { kind: 'unknown', form: 'text' };

/** `Peer AS up/down state | #sent #recvd`, 4.2.21's header of the summary. */
const summaryHeader = /^Peer\s+AS\s+up\/down\s+state\b/;
/** `10.66.0.2  65001  0:00:11 established  4  0`; the time is `down` in the first second and may hold spaces. */
const summaryRow = /^(\S+)\s+(?:\d+|n\/a)\s+\S.*?\s+([a-z]+)\s+\d+\s+\d+$/;
const versionLine = /^exabgp (\d\S{0,63})$/;
const neighborLine = /^neighbor (\S+) (\S+)(?: - (.*)| .*)?$/;
const shutdownLine = /^shutdown \d+ \d+$/;

/** The version of the API that a message about an event is written for, as in `"exabgp": "4.0.1"`. */
export function apiVersionOf(line: string): string | undefined {
  return /^\{ ?"exabgp": ?"(\d[\d.]{0,15})"/.exec(line)?.[1];
}

/** Classifies one line of any ExaBGP version and encoder; never throws. */
export function parseAnswer(line: string): Answer {
  const text = line.trim();
  if (text === '') return ignored;
  if (text === 'done') return { kind: 'done' };
  if (text === 'error') return { kind: 'error' };
  if (text.startsWith('error: ')) return { kind: 'errorDetail', detail: text.slice(7) };
  if (text.startsWith('{') || text.startsWith('[')) return parseJson(text);
  return parseText(text);
}

function parseText(text: string): Answer {
  const version = versionLine.exec(text)?.[1];
  if (version !== undefined) return { kind: 'version', version };
  if (shutdownLine.test(text)) return { kind: 'shutdown' };
  if (summaryHeader.test(text)) return { kind: 'summaryHeader' };
  const neighbor = neighborLine.exec(text);
  if (neighbor !== null) return stateOf(neighbor[1], neighbor[2], neighbor[3] ?? '', unknownText);
  return parseRow(text);
}

function parseRow(text: string): Answer {
  const row = summaryRow.exec(text);
  const neighbor = parseHostAddress(row?.[1] ?? '');
  if (row === null || neighbor === undefined) return unknownText;
  return { kind: 'summaryRow', neighbor, isEstablished: row[2] === 'established' };
}

function parseJson(text: string): Answer {
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch {
    // Known: main writes a sent end-of-RIB as invalid JSON.
    return unknownJson;
  }
  if (Array.isArray(message)) return parseList(message);
  const version = field(message, 'version');
  if (typeof version === 'string' && field(message, 'application') === 'exabgp')
    return { kind: 'version', version: version.slice(0, 64) };
  const type = field(message, 'type');
  if (type === 'state') return parseState(field(message, 'neighbor'));
  if (type === 'notification' && field(message, 'notification') === 'shutdown')
    return { kind: 'shutdown' };
  if (typeof field(message, 'exabgp') !== 'string') return unknownData;
  return typeof type === 'string' ? ignored : unknownJson;
}

function parseList(items: readonly unknown[]): Answer {
  const rows: SummaryRow[] = [];
  for (const item of items) {
    const address = field(field(item, 'peer'), 'address');
    const neighbor = typeof address === 'string' ? parseHostAddress(address) : undefined;
    if (neighbor === undefined) return unknownData;
    rows.push({ neighbor, isEstablished: field(item, 'state') === 'up' });
  }
  return { kind: 'summaryList', rows };
}

function parseState(neighbor: unknown): Answer {
  // 3.4 has `ip` as well; `address.peer` is in all of them.
  const address = field(field(neighbor, 'address'), 'peer') ?? field(neighbor, 'ip');
  const reason = field(neighbor, 'reason');
  const answer = stateOf(
    address,
    field(neighbor, 'state'),
    typeof reason === 'string' ? reason : '',
    unknownJson,
  );
  return answer.kind === 'neighbor'
    ? { ...answer, asNumbers: asNumbersOf(field(neighbor, 'asn')) }
    : answer;
}

function asNumbersOf(value: unknown): AsNumbers | undefined {
  const [local, peer] = [asnOf(field(value, 'local')), asnOf(field(value, 'peer'))];
  return local === undefined || peer === undefined ? undefined : { local, peer };
}

/** 3.4 writes numbers as texts. */
function asnOf(value: unknown): Asn | undefined {
  return typeof value === 'number' || typeof value === 'string'
    ? parseAsn(Number(value))
    : undefined;
}

function stateOf(address: unknown, state: unknown, detail: string, otherwise: Answer): Answer {
  const neighbor = typeof address === 'string' ? parseHostAddress(address) : undefined;
  if (neighbor === undefined) return otherwise;
  // `connected` means only that a TCP connect was started: an unreachable neighbor gives it again and again.
  if (state !== 'up' && state !== 'down') return ignored;
  const isEstablished = state === 'up';
  return { kind: 'neighbor', neighbor, isEstablished, detail };
}

function field(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return Reflect.get(value, name);
}
