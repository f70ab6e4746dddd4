import { chosenFaults } from './chosen-faults.ts';
import { memberDrained, memberDrainedGracefully, vipDrained } from './drain-faults.ts';
import type { Fault } from './fault.ts';
import { migrated } from './migration-faults.ts';
import {
  managementLost,
  packetsDropped,
  powerOff,
  uplinkDown,
  uplinkDropped,
} from './network-faults.ts';
import { ownerReloaded, vipReloaded } from './reload-faults.ts';
import { maintenance, serviceBroken } from './service-faults.ts';
import {
  agentKilled,
  exabgpHangs,
  exabgpKilled,
  exabgpStopped,
  ownerReturns,
} from './speaker-faults.ts';
import { standbyFaults } from './standby-faults.ts';
import {
  agentStopped,
  agentsUpgraded,
  agentsUpgradedInPlace,
  exabgpUpgraded,
  exabgpUpgradedWithState,
} from './upgrade-faults.ts';
import { zooKeeperHangs, zooKeeperKilled } from './zookeeper-faults.ts';

/** What breaks. */
export const faults: readonly Fault[] = [
  exabgpKilled,
  exabgpStopped,
  exabgpHangs,
  agentKilled,
  serviceBroken,
  powerOff,
  packetsDropped,
  uplinkDown,
  uplinkDropped,
  ownerReturns,
  maintenance,
  zooKeeperKilled,
  zooKeeperHangs,
  managementLost,
];

/** What is done on purpose, and what needs more settings than the default ones. */
export const moves: readonly Fault[] = [
  memberDrained,
  vipDrained,
  agentStopped,
  agentsUpgraded,
  exabgpUpgraded,
  ownerReloaded,
  vipReloaded,
  agentsUpgradedInPlace,
  exabgpUpgradedWithState,
  memberDrainedGracefully,
  ...chosenFaults,
  migrated,
];

/** Every row of the measured tables, in their order: those that share a setup stand together. */
export const catalogue: readonly Fault[] = [...faults, ...moves, ...standbyFaults];
