import type { Config } from '../../config/config.ts';
import { formatDuration } from '../../config/duration.ts';
import type { ConfiguredNeighbor } from './exabgp-conf.ts';
import { type Finding, findingsOf, some } from './finding.ts';

/** ExaBGP's own, where a neighbor says nothing. */
const holdTimeDefault = 180;
/** That ExaBGP is hung is noticed within `stallAfter` and this. */
const noticeMs = 1_000;
/** Then claims go, peers announce, and routers hear of it. */
const takeoverMs = 500;

/**
 * Whether peers take over before routers drop the routes of an ExaBGP that hangs. Routers wait for the hold time, counted from a
 * keepalive that may be a third of it old (RFC 4271 §10), so two thirds are left at least.
 */
export function holdTimeFindings(
  neighbors: readonly ConfiguredNeighbor[],
  config: Config | undefined,
): readonly Finding[] {
  if (config === undefined || config.settings.isStandalone === true) return [];
  const { stallAfterMs, ackTimeoutMs } = config.exabgp;
  const neededMs = stallAfterMs + noticeMs + takeoverMs;
  const tooShort = neighbors.flatMap(({ address, holdTime = String(holdTimeDefault) }) => {
    const seconds = Number(holdTime);
    // 0: no keepalives, and routes are never dropped.
    const isTooShort = seconds > 0 && leftMs(seconds) < neededMs;
    return isTooShort ? [{ address, seconds }] : [];
  });
  if (tooShort.length === 0) return [];
  const seconds = Math.min(...tooShort.map((neighbor) => neighbor.seconds));
  const names = some(tooShort.map(({ address }) => address));
  const most = Math.floor((leftMs(seconds) - noticeMs - takeoverMs) / 1_000) * 1_000;
  const longer = `hold-time ${Math.ceil((neededMs * 3) / 2_000)}`;
  const fix =
    most >= Math.max(ackTimeoutMs, 1_000)
      ? `set exabgp.stallAfter: ${formatDuration(most)}, or ${longer}`
      : `set ${longer}`;
  const dropped = `hold-time ${seconds}: routers may drop the routes of a hung ExaBGP after ${formatDuration(leftMs(seconds))}`;
  const late = `before peers announce them (exabgp.stallAfter ${formatDuration(stallAfterMs)}, and ${formatDuration(noticeMs + takeoverMs)})`;
  return [findingsOf('exabgp.conf').warning(`${names}: ${dropped}, ${late}`, fix)];
}

function leftMs(holdTimeSeconds: number): number {
  return Math.floor((holdTimeSeconds * 2_000) / 3);
}
