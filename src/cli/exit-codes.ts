/** How a process of ours ends, after sysexits(3); docs/errors.md documents each. */
export const exitCodes = {
  /** All went as asked. */
  ok: 0,
  /** What was asked for was found, and is not in order. */
  problems: 1,
  /** A command line that means nothing. */
  usage: 64,
  /** A VIP, a service or a name that nobody knows. */
  noSuchVip: 65,
  /** ZooKeeper, or a resolver, does not answer, or refuses. */
  unavailable: 69,
  /** A bug: an invariant was broken. */
  bug: 70,
  /** What was asked for was begun, and the fleet has not done it in time. */
  notDone: 75,
  /** Not done, since it would take a VIP away from everybody; `--force` or `--yes` does it all the same. */
  refused: 77,
  /** A configuration with mistakes, or none at all. */
  config: 78,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];
