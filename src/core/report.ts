import type { CheckPhase } from './health.ts';
import type { Decision } from './ownership.ts';
import type { MemberId, ServiceName } from './settings.ts';
import type { Vip } from './vip.ts';

export type Level = 'debug' | 'info' | 'warn' | 'error';

/** One thing people should hear about: what changed or went wrong, and why. Logged with stable field names. */
export type Report =
  | {
      readonly kind: 'decisionChanged';
      readonly service: ServiceName;
      readonly vip: Vip;
      readonly from: Decision | undefined;
      readonly to: Decision;
    }
  | {
      readonly kind: 'beliefChanged';
      readonly from: string;
      readonly to: string;
      /** Age of the last proof. */
      readonly proofAgeMs: number | undefined;
    }
  | { readonly kind: 'sessionChanged'; readonly to: string; readonly detail: string }
  | {
      readonly kind: 'healthChanged';
      readonly service: ServiceName;
      readonly to: 'up' | 'down';
      readonly detail: string;
    }
  | {
      readonly kind: 'checkFailed';
      readonly service: ServiceName;
      readonly check: number;
      readonly detail: string;
    }
  /** A check came to another phase than it was in. */
  | {
      readonly kind: 'checkTurned';
      readonly service: ServiceName;
      readonly check: number;
      readonly to: CheckPhase;
    }
  | {
      readonly kind: 'maintenanceChanged';
      readonly service: ServiceName;
      readonly isPresent: boolean;
    }
  | { readonly kind: 'speakerChanged'; readonly to: string; readonly detail: string }
  | {
      readonly kind: 'neighborChanged';
      readonly neighbor: string;
      readonly isEstablished: boolean;
      readonly detail: string;
    }
  | {
      readonly kind: 'connectedChanged';
      readonly isConnected: boolean;
      /** Of the services that announce to these neighbors only; absent: of all others. */
      readonly neighbors?: string;
      readonly detail: string;
    }
  | {
      readonly kind: 'claimChanged';
      readonly service: ServiceName;
      readonly vip: Vip;
      readonly to: string;
    }
  /** Our VIP's claim is held by somebody else. */
  | {
      readonly kind: 'claimConflict';
      readonly service: ServiceName;
      readonly vip: Vip;
      readonly holder: string;
    }
  /** Another member owns our VIP, too, and says so; the claim is not its own. */
  | {
      readonly kind: 'claimContested';
      readonly service: ServiceName;
      readonly vip: Vip;
      readonly member: MemberId;
    }
  | { readonly kind: 'memberIdTaken'; readonly service: ServiceName; readonly detail: string }
  | {
      readonly kind: 'writeFailed';
      readonly service: ServiceName;
      readonly target: string;
      readonly outcome: string;
      readonly detail: string;
    }
  | { readonly kind: 'commandRefused'; readonly vip: Vip; readonly detail: string }
  | { readonly kind: 'settingsChanged'; readonly detail: string }
  | { readonly kind: 'leaving'; readonly detail: string }
  /** We are leaving, but no healthy member can take the VIP over: it stays until the drain timeout. */
  | { readonly kind: 'nobodyElse'; readonly service: ServiceName; readonly vip: Vip }
  /** It fell too often: VIPs of ours that other members announce are left to them for so long at most. */
  | { readonly kind: 'damped'; readonly service: ServiceName; readonly forMs: number }
  /** Something an adapter noticed that changes no decision: an unreadable znode, an odd line. */
  | {
      readonly kind: 'noticed';
      readonly level: Level;
      readonly place: string;
      readonly detail: string;
    };
