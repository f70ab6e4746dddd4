import { durationForm, parseDuration } from '../../config/duration.ts';
import type { Vip } from '../../core/vip.ts';
import type { FleetView } from '../../observe/fleet-view.ts';
import { msOfIsoTime } from '../../observe/iso-time.ts';
import { pastOf } from '../../observe/past.ts';
import { historyLines } from '../../observe/text/history-text.ts';
import { parseWallTime, wallTimeForm } from '../../zookeeper/wall-time.ts';
import { exitCodes } from '../exit-codes.ts';
import type { AccessFlags } from './access.ts';
import { findFleet, type JsonFlag, thereAre, vipOf, withFleet } from './commands.ts';
import { fail, print, printJson, styleOf } from './print.ts';

export interface HistoryFlags {
  readonly vip?: string;
  readonly since?: string;
  readonly number?: string;
}

/** Of each VIP, unless said otherwise. */
const lastOfEachUsually = 10;

/** Lists the last moves of VIPs, and what was done on purpose, of one service or of all. */
export async function runHistory(
  service: string | undefined,
  flags: AccessFlags & JsonFlag & HistoryFlags,
): Promise<void> {
  const asked = readFlags(flags);
  if (asked === undefined) return;
  await withFleet(flags, async (access) => {
    const view = await findFleet(access, service);
    if (view === undefined || !isKnown(view, asked.vip, service)) return;
    const { vip, lastOfEach } = asked;
    const sinceMs = asked.sinceMs(msOfIsoTime(view.readAt));
    const past = pastOf(view.services, { vip, lastOfEach, sinceMs });
    if (flags.json === true) {
      const { root, readAt } = view;
      const { moves, acts } = past;
      printJson({ root, readAt, ...(service !== undefined && { service }), moves, acts });
      return;
    }
    const style = styleOf(process.stdout, process.env);
    print(historyLines(past, { style, namesService: service === undefined }));
  });
}

interface Asked {
  readonly vip: Vip | undefined;
  readonly lastOfEach: number;
  sinceMs(nowMs: number): number | undefined;
}

/** Undefined, and said, when one of them means nothing. */
function readFlags({ vip: text, since, number }: HistoryFlags): Asked | undefined {
  const unlimited = since === undefined ? lastOfEachUsually : Infinity;
  const lastOfEach = number === undefined ? unlimited : Number(number);
  if (lastOfEach !== Infinity && (!Number.isInteger(lastOfEach) || lastOfEach < 1)) {
    refuse(`--number: expected a whole number from 1 on, found ${number}`);
    return undefined;
  }
  const sinceMs = since === undefined ? () => undefined : parseSince(since);
  if (sinceMs === undefined) {
    refuse(`--since: expected ${durationForm}, or ${wallTimeForm}, found ${JSON.stringify(since)}`);
    return undefined;
  }
  const vip = text === undefined ? undefined : vipOf(text);
  return text !== undefined && vip === undefined ? undefined : { vip, lastOfEach, sinceMs };
}

function refuse(line: string): void {
  fail([`vipkeeper: ${line}`], exitCodes.usage);
}

/** A duration back from now, or a time, also as it is printed; undefined for anything else. */
function parseSince(text: string): Asked['sinceMs'] | undefined {
  const agoMs = parseDuration(text);
  if (agoMs !== undefined) return (nowMs) => nowMs - agoMs;
  const printed = /^(\S+) (\S+) UTC$/.exec(text.trim());
  const timeMs = parseWallTime(printed === null ? text : `${printed[1]}T${printed[2]}Z`);
  return timeMs === undefined ? undefined : () => timeMs;
}

/** Whether a service has that VIP, or has had it; said when none has. */
function isKnown(view: FleetView, vip: string | undefined, service: string | undefined): boolean {
  const { root, services } = view;
  const known = services.flatMap(({ vips }) => vips.map((one) => one.vip));
  const moved = services.flatMap(({ moves }) => moves.map((move) => move.vip));
  if (vip === undefined || known.includes(vip) || moved.includes(vip)) return true;
  const line = `vipkeeper: no VIP ${vip} in ${service ?? root}; ${thereAre(view)}`;
  fail([line], exitCodes.noSuchVip);
  return false;
}
