import type { Clock } from '../core/clock.ts';
import type { ZnodeNote } from '../core/event.ts';
import { isMemberName, type ServiceName } from '../core/settings.ts';
import { type Vip, vipOfClaimName } from '../core/vip.ts';
import { ignored, refused } from './child-complaints.ts';
import type { Reading } from './children-reader.ts';
import type { Complaint, Complaints } from './complaints.ts';
import { type DrainData, parseDrainData } from './drain-data.ts';
import { writeWallTime } from './wall-time.ts';

/** Wall clocks jump, so the end of a drain is looked for this often at least. */
const recheckMs = 60_000;

export interface DrainsOptions {
  readonly path: string;
  readonly clock: Clock;
  readonly complaints: Complaints;
  /** Whether it is one of the service's VIPs, which may change. */
  isVip(vip: Vip): boolean;
  readonly service: ServiceName;
  /** All that are drained now, VIPs in canonical text and member ids, each with what its znode says. */
  told(drained: ReadonlyMap<string, ZnodeNote>): void;
}

/** Of a service's drains those that are in effect: an expired one is none. */
export class Drains {
  readonly #options: DrainsOptions;
  #reading: Reading | undefined;
  #told = '';
  #cancelRecheck = () => {};

  constructor(options: DrainsOptions) {
    this.#options = options;
  }

  /** Whether a child's data matters. */
  wants(name: string): boolean {
    const vip = vipOfClaimName(name);
    return vip === undefined ? isMemberName(name) : this.#options.isVip(vip);
  }

  read(reading: Reading): void {
    this.#reading = reading;
    this.#tell(this.#judge(reading));
  }

  /** Nothing expires any more: the next reading will tell. */
  stop(): void {
    this.#reading = undefined;
    this.#cancelRecheck();
  }

  #recheck(): void {
    if (this.#reading === undefined) return;
    const drained = this.#judge(this.#reading);
    if (keyOf(drained) !== this.#told) this.#tell(drained);
  }

  #tell(drained: ReadonlyMap<string, ZnodeNote>): void {
    this.#told = keyOf(drained);
    this.#options.told(drained);
  }

  #judge({ names, contents, refusals }: Reading): ReadonlyMap<string, ZnodeNote> {
    const { path, clock, complaints } = this.#options;
    const wallMs = clock.wallMs();
    const found = refused(path, refusals);
    const drained = new Map<string, ZnodeNote>();
    const ends: number[] = [];
    for (const name of names) {
      if (!this.wants(name)) {
        found.push(ignored(path, name, this.#whyIgnored(name)));
        continue;
      }
      const znode = contents.get(name);
      const data = parseDrainData(znode?.data);
      const isOver = data.expiresMs !== undefined && data.expiresMs <= wallMs;
      if (!isOver) drained.set(vipOfClaimName(name) ?? name, noteOf(data));
      if (data.expiresMs !== undefined) ends.push(data.expiresMs);
      found.push(...said(`${path}/${name}`, data, isOver));
    }
    complaints.standing(path, found);
    this.#scheduleRecheck(ends, wallMs);
    return drained;
  }

  #whyIgnored(name: string): string {
    return vipOfClaimName(name) === undefined
      ? 'neither a member id nor a VIP'
      : `not a VIP of service ${this.#options.service}`;
  }

  #scheduleRecheck(ends: readonly number[], wallMs: number): void {
    this.#cancelRecheck();
    if (ends.length === 0) return;
    const nextMs = Math.min(...ends.filter((endMs) => endMs > wallMs));
    const delayMs = Math.min(recheckMs, nextMs - wallMs);
    this.#cancelRecheck = this.#options.clock.setTimer(delayMs, () => this.#recheck());
  }
}

/** Said once, when a drain begins and when it is over; and what is wrong with its data. */
function said(place: string, data: DrainData, isOver: boolean): readonly Complaint[] {
  const state: Complaint = isOver
    ? {
        level: 'warn',
        place,
        detail: `expired at ${endOf(data)} and ignored, delete it${causeOf(data)}`,
      }
    : { level: 'info', place, detail: `in effect ${wordsOf(data)}` };
  const { mistake } = data;
  return mistake === undefined ? [state] : [state, { level: 'warn', place, detail: mistake }];
}

function noteOf({ who, reason, expiresMs }: DrainData): ZnodeNote {
  return { who, why: reason, expiresMs };
}

function wordsOf(data: DrainData): string {
  return `until ${endOf(data)}${causeOf(data)}`;
}

function endOf({ expiresMs }: DrainData): string {
  return expiresMs === undefined ? 'it is deleted' : writeWallTime(expiresMs);
}

function causeOf({ who, reason }: DrainData): string {
  const by = who === undefined ? '' : `, by ${who}`;
  return reason === undefined ? by : `${by}: ${reason}`;
}

function keyOf(drained: ReadonlyMap<string, unknown>): string {
  return [...drained.keys()].sort().join(' ');
}
