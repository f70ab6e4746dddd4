import type { ServiceAgreement } from './agreement.ts';
import type { MemberReport } from './event.ts';
import type { Report } from './report.ts';
import type { Attributes, PathId } from './route.ts';
import type { ServiceName, ServiceSettings } from './settings.ts';
import type { Vip } from './vip.ts';

/**
 * Everything the core can do. Effects are imperatives; a list of them is carried out in its order, and none waits for
 * another: what must follow an answer is asked for only after that answer came back as an event.
 */
export type Effect =
  /** One line to the speaker. Never two unanswered for one prefix. Answered by `commandAnswered`. */
  | {
      readonly kind: 'announceRoute';
      readonly command: number;
      readonly vip: Vip;
      readonly attributes: Attributes;
    }
  | {
      readonly kind: 'withdrawRoute';
      readonly command: number;
      readonly vip: Vip;
      /** As the service announces with; what this life announced otherwise, the speaker knows itself. */
      readonly pathId?: PathId | undefined;
    }
  /** Makes the speaker send all its routes again; asked for only while no command is open. */
  | { readonly kind: 'flushRoutes'; readonly command: number }
  /**
   * Creates our ephemeral claim. Only after the speaker accepted the announcement of the same VIP.
   * `replaces` true: our predecessor's claim is there, and becomes ours without ever being absent. Answered by `claimAnswered`.
   */
  | {
      readonly kind: 'createClaim';
      readonly service: ServiceName;
      readonly vip: Vip;
      readonly replaces: boolean;
    }
  /** Deletes the claim held by us or by our predecessor, never another's. Answered by `claimAnswered`. */
  | { readonly kind: 'deleteClaim'; readonly service: ServiceName; readonly vip: Vip }
  /** Creates or updates our member znode, replacing a predecessor's. Answered by `memberAnswered`. */
  | { readonly kind: 'publishMember'; readonly service: ServiceName; readonly report: MemberReport }
  /** Deletes our member znode, ours or a predecessor's. Answered by `memberAnswered`. */
  | { readonly kind: 'unpublishMember'; readonly service: ServiceName }
  /**
   * All there is to watch and to check from now on, before any effect that speaks of what is new: what is configured, and
   * what is still on its way out. A VIP has an `owner` where its claim is, or is to be, ours.
   */
  | { readonly kind: 'setServices'; readonly services: readonly ServiceSettings[] }
  /** Keeps what was agreed for the next life of this agent. Never answered; the latest of a service stands. */
  | {
      readonly kind: 'keepAgreement';
      readonly service: ServiceName;
      readonly agreement: ServiceAgreement;
    }
  /** Runs one check once. Answered by `checkCompleted`. */
  | { readonly kind: 'runCheck'; readonly service: ServiceName; readonly check: number }
  /** Closes the ZooKeeper session, so that our ephemerals go at once. Nothing is written to ZooKeeper afterwards. */
  | { readonly kind: 'closeSession' }
  /** Ends the process once the session is closed, after at most a second. Always last. */
  | { readonly kind: 'exit'; readonly code: number; readonly reason: string }
  /** Tells people. Carries no duty. */
  | { readonly kind: 'report'; readonly report: Report };
