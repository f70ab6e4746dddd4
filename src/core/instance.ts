/**
 * One life of an agent process, written into its znodes so that a later life of the same agent can tell what is its
 * own from what belongs to a second agent with the same member id.
 */
export interface Instance {
  /** Host name. */
  readonly host: string;
  /** The kernel's boot id; another one means the host was restarted since. */
  readonly bootId: string;
  readonly pid: number;
  /** Start of the process in clock ticks since boot: tells a reused pid apart. */
  readonly startTicks: number;
  /** The ExaBGP process (our parent) the same way. */
  readonly speakerPid: number;
  readonly speakerStartTicks: number;
  /** Wall-clock milliseconds at the start. Only orders lives that cannot be told apart otherwise; see {@link isOlder}. */
  readonly startedMs: number;
}

/**
 * Whether `one` began before `other`, by their own records. Every agent that compares the same two records comes to the
 * same answer, however wrong the clocks are, so two living agents never both take the other for a dead predecessor.
 */
export function isOlder(one: Instance, other: Instance): boolean {
  // Within one boot the kernel's count is exact, whatever NTP did to the wall clock meanwhile.
  const isSameBoot = one.host === other.host && one.bootId === other.bootId;
  if (isSameBoot && one.startTicks !== other.startTicks) return one.startTicks < other.startTicks;
  return one.startedMs === other.startedMs
    ? one.bootId < other.bootId
    : one.startedMs < other.startedMs;
}

/** Whether two records name the same life of a process. */
export function isSameProcess(one: Instance, other: Instance): boolean {
  return (
    one.host === other.host &&
    one.bootId === other.bootId &&
    one.pid === other.pid &&
    one.startTicks === other.startTicks
  );
}

/** Whether both served the same life of the same ExaBGP process. */
export function isSameSpeaker(one: Instance, other: Instance): boolean {
  return (
    one.host === other.host &&
    one.bootId === other.bootId &&
    one.speakerPid === other.speakerPid &&
    one.speakerStartTicks === other.speakerStartTicks
  );
}
