import type { AgreedRole, ServiceAgreement } from '../core/agreement.ts';
import { isZnodeName, type MemberId } from '../core/settings.ts';
import { isVip, parseVip, type Vip } from '../core/vip.ts';

/** Whose state it is, and of what: any difference makes (a part of) a file another agent's. */
export interface StateIdentity {
  readonly member: MemberId;
  /** The kernel's boot id; empty when it cannot be read. */
  readonly bootId: string;
  /** Servers and chroot in one text. */
  readonly ensemble: string;
  /**
   * Stands for every znode that the session may hold. A session that may hold others is not continued, because nobody
   * would ever delete those.
   */
  readonly znodes: string;
}

/** What continues a session. The password is a secret. */
export interface SavedSession {
  readonly id: Buffer;
  readonly password: Buffer;
}

/** What one life leaves to the next. Services go by the path of their claims, which tells them apart for good. */
export interface SavedState {
  readonly session: SavedSession | undefined;
  readonly services: ReadonlyMap<string, ServiceAgreement>;
}

/** The content of a state file, or why it, or its session, cannot be used. */
export type ReadState =
  | { readonly kind: 'useless'; readonly why: string }
  | {
      readonly kind: 'usable';
      readonly state: SavedState;
      /** Seconds since boot when it was written. */
      readonly uptimeS: number;
      /** Undefined when the session may be continued, or there is none. */
      readonly whyNoSession: string | undefined;
    };

/** The text of a state file, `uptimeS` seconds after boot. */
export function encodeState(state: SavedState, identity: StateIdentity, uptimeS: number): string {
  const { session, services } = state;
  return `${JSON.stringify({
    v: 1,
    ...identity,
    uptimeS,
    session: session && {
      id: session.id.toString('hex'),
      password: session.password.toString('hex'),
    },
    services: Object.fromEntries(
      [...services].map(([claims, { vips, ...rest }]) => [
        claims,
        { ...rest, vips: Object.fromEntries(vips) },
      ]),
    ),
  })}\n`;
}

/** Reads a state file. Never throws, whatever is in there. */
export function parseState(text: string, identity: StateIdentity): ReadState {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return useless('it is not JSON; it may be cut off');
  }
  if (!isObject(value)) return useless('it is not a JSON object');
  const { v, member, bootId, ensemble, znodes, uptimeS, session, services } = value;
  if (v !== 1) return useless('it is not in format version 1');
  if (member !== identity.member) return useless(`it is of ${nameOf(member)}, not of this member`);
  if (bootId !== identity.bootId || bootId === '') return useless('it is of another boot or host');
  if (ensemble !== identity.ensemble) return useless('it is of another ZooKeeper ensemble');
  const agreements = readServices(services);
  if (typeof uptimeS !== 'number' || agreements === undefined)
    return useless('it lacks what was agreed, or its time');
  const isOfOtherZnodes = session !== undefined && znodes !== identity.znodes;
  return {
    kind: 'usable',
    uptimeS,
    state: {
      session: isOfOtherZnodes ? undefined : readSession(session),
      services: agreements,
    },
    whyNoSession: isOfOtherZnodes ? 'it may hold other znodes than are configured now' : undefined,
  };
}

function useless(why: string): ReadState {
  return { kind: 'useless', why };
}

function nameOf(member: unknown): string {
  return typeof member === 'string' && isZnodeName(member) ? `member ${member}` : 'no member';
}

function readSession(value: unknown): SavedSession | undefined {
  if (!isObject(value)) return undefined;
  const [id, password] = [readHex(value['id'], 8), readHex(value['password'], 16)];
  return id === undefined || password === undefined ? undefined : { id, password };
}

function readHex(value: unknown, bytes: number): Buffer | undefined {
  const isHex = typeof value === 'string' && /^[0-9a-f]*$/.test(value);
  return isHex && value.length === 2 * bytes ? Buffer.from(value, 'hex') : undefined;
}

function readServices(value: unknown): ReadonlyMap<string, ServiceAgreement> | undefined {
  if (!isObject(value)) return undefined;
  const services = new Map<string, ServiceAgreement>();
  for (const [claims, entry] of Object.entries(value)) {
    const agreement = readAgreement(entry);
    if (agreement === undefined) return undefined;
    services.set(claims, agreement);
  }
  return services;
}

function readAgreement(value: unknown): ServiceAgreement | undefined {
  if (!isObject(value)) return undefined;
  const { isInMaintenance, drained, vips: roles } = value;
  if (typeof isInMaintenance !== 'boolean' || !isTexts(drained) || !isObject(roles))
    return undefined;
  const vips = new Map<Vip, AgreedRole>();
  for (const [name, role] of Object.entries(roles)) {
    const vip = parseVip(name);
    if (!isVip(vip) || !isRole(role)) return undefined;
    vips.set(vip, role);
  }
  return { isInMaintenance, drained, vips };
}

function isRole(value: unknown): value is AgreedRole {
  return value === 'owner' || value === 'backup' || value === 'withdrawn';
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((entry) => typeof entry === 'string');
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
