/** The attributes a VIP is announced with: as its owner, as a backup, or as sick (`announce.down`). */
export type Role = 'owner' | 'backup' | 'down';

export type AnnounceReason =
  /** This member owns the VIP. */
  | 'owner'
  /** The claim has been missing for the takeover delay. */
  | 'claimMissing'
  /** The claim is back; the announcement goes on for the release time. */
  | 'handingBack'
  /** Going away on purpose, and nobody else is known to carry it yet. */
  | 'leaving'
  /** Health is down and the service has attributes for that. */
  | 'healthDown'
  /** ZooKeeper is not to be believed now: the last decision goes on. */
  | 'frozen'
  /** Blind, and the policy says to announce. */
  | 'coordinationLost';

export type WithdrawReason =
  | 'maintenance'
  /** Drained, and handed over. */
  | 'drained'
  /** Stopping, and handed over. */
  | 'stopping'
  | 'healthDown'
  /** Another member's claim stands. */
  | 'heldByOwner'
  | 'frozen'
  | 'coordinationLost';

export type HoldReason =
  /** No complete view of ZooKeeper yet. */
  | 'noView'
  /** No health verdict yet. */
  | 'noVerdict'
  /** The claim is missing, but its owner still has time to make it. */
  | 'settling'
  | 'takeoverDelay'
  /** Another living agent uses our member id. */
  | 'memberIdTaken'
  | 'frozen';

/** What is wanted for one VIP, and why. `hold` leaves the speaker with whatever it has. */
export type Decision =
  | { readonly kind: 'announce'; readonly role: Role; readonly reason: AnnounceReason }
  | { readonly kind: 'withdraw'; readonly reason: WithdrawReason }
  | { readonly kind: 'hold'; readonly reason: HoldReason };
