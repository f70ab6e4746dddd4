import type {
  DrainView,
  FleetAct,
  FleetView,
  MemberView,
  Problem,
  Severity,
  VipView,
} from '../observe/fleet-view.ts';

/**
 * What the server tells the page. A fleet is cut into parts, each under a key of its own, so that a change costs what has
 * changed and not the fleet. Texts come from ZooKeeper: they are shown as text and never as anything else.
 */
export type PartEntry =
  | readonly ['fleet', '', '', FleetPart]
  | readonly ['service', string, '', ServicePart]
  | readonly ['order', string, '', OrderPart]
  | readonly ['member', string, string, MemberPart]
  | readonly ['problem', string, string, ProblemPart]
  | readonly ['vip', string, string, VipPart]
  | readonly ['move', string, string, MovePart]
  | readonly ['act', string, string, ActPart];

/** Kind, service and name: unique, and all that is needed to take a part away. */
export type PartKey = readonly [kind: PartEntry[0], service: string, name: string];

export interface FleetPart {
  readonly root: string;
  readonly refusals: FleetView['refusals'];
}

export interface ServicePart {
  readonly maintenance?: { readonly who?: string; readonly why?: string; readonly since?: string };
  readonly drains: readonly DrainView[];
  /** How many problems there are; only the worst are told, each as a part of its own. */
  readonly problemCounts: Readonly<Record<Severity, number>>;
}

export interface ProblemPart extends Pick<Problem, 'severity' | 'subject' | 'sentence'> {
  /** The least is the worst. */
  readonly rank: number;
}

/** What is wrong with a VIP or a member; a remark is not. */
export type Trouble = Exclude<Severity, 'info'>;

/** A part of its own, because it is long and rarely changes. */
export interface OrderPart {
  /** In the order of the letters in {@link VipPart.row}. */
  readonly members: readonly string[];
  /** In the order of rows. */
  readonly vips: readonly string[];
}

/** A member as the head of its column shows it; the rest is asked for when somebody looks. */
export interface MemberPart
  extends Pick<MemberView, 'kind' | 'presence' | 'health' | 'isLeaving' | 'isDrained'> {
  /** Absent without a status record. */
  readonly belief?: string;
  readonly isCutOff?: true;
  /** The worst of what is wrong with it. */
  readonly trouble?: Trouble;
}

export interface VipPart extends Pick<VipView, 'owner' | 'claim' | 'isDrained'> {
  /** One letter (letters.ts) for each member of the service; of one that is gone, what it did last. */
  readonly row: string;
  /** The worst of what is wrong with it. */
  readonly trouble?: Trouble;
}

export interface MovePart {
  readonly at: string;
  readonly vip: string;
  readonly member: string;
  readonly from: string;
  readonly to: string;
  readonly sentence: string;
}

/** What somebody did to maintenance or a drain. */
export type ActPart = Omit<FleetAct, 'source'>;

/** Whether what the page shows is how things are. */
export interface SourceState {
  /** ZooKeeper is reached, and what was read is kept up to date. */
  readonly isLive: boolean;
  /** When the fleet was last known to be as shown, by the server's wall clock; absent: never. */
  readonly readAt?: string;
  /** Why it is not live. */
  readonly detail?: string;
}

/** Everything, or what is new since the message before. */
export interface Message {
  /** Which page the server has; in the message with everything alone. */
  readonly build?: string;
  readonly serverMs: number;
  readonly state: SourceState;
  readonly set: readonly PartEntry[];
  readonly removed: readonly PartKey[];
}

/** Names of the server-sent events: a {@link Message} with everything, one with changes, and a sign of life. */
export const eventNames = { whole: 'whole', change: 'change', beat: 'beat' } as const;

/** The server says something at least this often; a page that hears nothing for three times as long is stale. */
export const beatMs = 4_000;

/** Where the page sends an {@link Order}, as JSON. */
export const actPath = '/act';

/** What somebody wants done by the page. */
export interface Order {
  readonly action: 'maintenance' | 'drain';
  readonly isOn: boolean;
  readonly service: string;
  /** The member or VIP that is drained. */
  readonly name?: string;
  readonly reason?: string;
  /** A drain ends by itself after so long. */
  readonly forMs?: number;
  /** Also when VIPs are taken away from everybody. */
  readonly isForced: boolean;
  /** Who wants it, as typed: for people, and proof of nothing. */
  readonly who: string;
}
