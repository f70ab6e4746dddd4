import type { Coordinator } from '../agent/ports.ts';

/** Stands in for ZooKeeper where a standalone agent has none: there is nobody to tell anything, and nothing is heard. */
export const noCoordinator: Coordinator & { statusChanged(service: string): void } = {
  start: () => undefined,
  setServices: () => undefined,
  statusChanged: () => undefined,
  close: () => Promise.resolve(),
  createClaim: () => refuse('a claim'),
  deleteClaim: () => refuse('a claim'),
  publishMember: () => refuse('a member'),
  unpublishMember: () => refuse('a member'),
};

/** The core asks for that only while a session lives. */
function refuse(what: string): never {
  throw new Error(`${what} was to be written, but there is no ZooKeeper`);
}
