import type { Fault } from './fault.ts';
import {
  managementLost,
  packetsDropped,
  powerOff,
  uplinkDown,
  uplinkDropped,
} from './network-faults.ts';
import { maintenance, serviceBroken } from './service-faults.ts';
import { agentKilled, exabgpKilled, exabgpStopped, ownerReturns } from './speaker-faults.ts';
import { zooKeeperHangs, zooKeeperKilled } from './zookeeper-faults.ts';

/** Every fault of the measured table, in its order. */
export const catalogue: readonly Fault[] = [
  exabgpKilled,
  exabgpStopped,
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
