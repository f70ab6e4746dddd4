import type { MemberReport } from '../core/event.ts';
import type { Instance } from '../core/instance.ts';
import { isZnodeName, type MemberId } from '../core/settings.ts';
import { isVip, parseVip, type Vip } from '../core/vip.ts';
import { writeWallTime } from './wall-time.ts';

/** More than this in a znode is not looked at, and never written. */
export const dataBytesMax = 65_536;
/** Contested VIPs told at most; one is enough for a person to look. */
const contestsMax = 100;

/** What one of our znodes says. `report` is there in member nodes only. */
export interface ZnodeRecord {
  readonly member: string;
  readonly instance: Instance;
  readonly report: MemberReport | undefined;
}

/** Data as found: ours, none (zkCli's, ExaZK's), or something else, with what is wrong with it. */
export type ZnodeContent =
  | { readonly kind: 'record'; readonly record: ZnodeRecord }
  | { readonly kind: 'empty' }
  | { readonly kind: 'unreadable'; readonly why: string };

/** Who writes a znode, and when: `wallMs` is for people. */
export interface Author {
  readonly member: MemberId;
  readonly instance: Instance;
  readonly wallMs: number;
}

/** The data of a claim. */
export function encodeClaim(author: Author): Buffer {
  return encode(author, {});
}

/**
 * The data of a member znode. A list of VIPs too long for {@link dataBytesMax} is cut: peers then think that we
 * announce less than we do, which only makes them wait.
 */
export function encodeMember(author: Author, report: MemberReport): Buffer {
  let announces = report.announces;
  const contests = report.contests?.slice(0, contestsMax);
  let data = encode(author, { ...report, contests, announces });
  while (data.length > dataBytesMax && announces.length > 0) {
    announces = announces.slice(0, Math.floor(announces.length * 0.8));
    data = encode(author, { ...report, contests, announces, isCut: true });
  }
  return data;
}

/** Reads any znode's data. Never throws, whatever is in there. */
export function parseZnodeData(data: Buffer | undefined): ZnodeContent {
  if (data === undefined || data.length === 0) return { kind: 'empty' };
  // Every change of one member tells the state of all, so the others' data comes by again and again.
  const content = parsed.get(data) ?? parse(data);
  parsed.set(data, content);
  return content;
}

const parsed = new WeakMap<Buffer, ZnodeContent>();

function parse(data: Buffer): ZnodeContent {
  const value = readObject(data);
  if (typeof value === 'string') return unreadable(value);
  const { v, member, instance: process } = value;
  if (v !== 1) return unreadable('not in format version 1');
  if (typeof member !== 'string' || !isZnodeName(member)) return unreadable('no member id');
  const instance = readInstance(process);
  if (instance === undefined) return unreadable('no valid instance');
  return { kind: 'record', record: { member, instance, report: readReport(value) } };
}

/** A JSON object; or else, in words, why it is none. */
export function readObject(data: Buffer): Readonly<Record<string, unknown>> | string {
  if (data.length > dataBytesMax) return `over ${dataBytesMax} bytes`;
  let value: unknown;
  try {
    value = JSON.parse(data.toString('utf8'));
  } catch {
    return 'not JSON';
  }
  return isObject(value) ? value : 'not a JSON object';
}

function encode(author: Author, more: object): Buffer {
  const { member, instance, wallMs } = author;
  return Buffer.from(
    JSON.stringify({ v: 1, member, ...more, since: writeWallTime(wallMs), instance }),
  );
}

function unreadable(why: string): ZnodeContent {
  return { kind: 'unreadable', why };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function readInstance(value: unknown): Instance | undefined {
  if (!isObject(value)) return undefined;
  const { host, bootId, pid, startTicks, speakerPid, speakerStartTicks, startedMs } = value;
  if (!isWord(host) || !isWord(bootId)) return undefined;
  if (!isCount(pid) || !isCount(startTicks)) return undefined;
  if (!isCount(speakerPid) || !isCount(speakerStartTicks) || !isCount(startedMs)) return undefined;
  return { host, bootId, pid, startTicks, speakerPid, speakerStartTicks, startedMs };
}

function readReport(value: Record<string, unknown>): MemberReport | undefined {
  const { health, announces, isLeaving } = value;
  if (health !== 'up' && health !== 'down' && health !== 'unknown') return undefined;
  if (!Array.isArray(announces) || typeof isLeaving !== 'boolean') return undefined;
  const contests = readVips(value['contests']);
  return {
    health,
    announces: readVips(announces),
    isLeaving,
    ...(contests.length > 0 && { contests }),
  };
}

function readVips(value: unknown): readonly Vip[] {
  if (!Array.isArray(value)) return [];
  const texts = value.filter((text): text is string => typeof text === 'string');
  return texts.map(parseVip).filter(isVip);
}

/** Short and printable: it comes from outside and reaches log lines. */
function isWord(value: unknown): value is string {
  return typeof value === 'string' && /^[\x21-\x7e]{0,255}$/.test(value);
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
