import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  dampingHalfLifeMs,
  drainTimeoutMs,
  type LoadBalancerName,
  loadBalancers,
  releaseMs,
  sessionTimeoutMs,
  settleMs,
} from './plan.ts';
import type { Run } from './run.ts';

/** What runs under ExaBGP on every LB of the lab, and how it is configured. One setup at a time, the same on all LBs. */
export interface Setup {
  readonly name: SetupName;
  /** What the lab's table says about it. */
  readonly title: string;
  readonly sessionTimeoutMs: number;
  /** Which LBs announce a VIP while all is well. */
  readonly announcers: 'owner' | 'everybody';
  /** Lines of the service in vipkeeper.yaml. */
  readonly serviceLines: readonly string[];
  /** Whether agents keep their session over a restart. */
  readonly hasStateDirectory: boolean;
  /** How many members take a VIP over; undefined: every other one. */
  readonly backups?: number;
  /** Runs ExaBGP's own healthcheck instead of vipkeeper, with these lines in its configuration. */
  readonly healthcheck?: readonly string[];
  /** Runs what behaves as exazk.py instead of vipkeeper. */
  readonly isExazk?: true;
}

export type SetupName =
  | 'ownership'
  | 'graceful'
  | 'chosen'
  | 'exazk'
  | 'standby'
  | 'standby-slow'
  | 'healthcheck'
  | 'healthcheck-withdraw';

const takeover = `takeover: { release: ${releaseMs}ms, settle: ${settleMs}ms }`;
const drain = `drain: { timeout: ${drainTimeoutMs}ms }`;

/** Backups announce only what has no claim; nothing is kept over a restart. */
export const ownership: Setup = {
  name: 'ownership',
  title: 'ownership alone',
  sessionTimeoutMs,
  announcers: 'owner',
  serviceLines: [takeover, drain],
  hasStateDirectory: false,
};

/** Ownership alone, with a state directory and RFC 8326's community on what is being drained. */
export const graceful: Setup = {
  name: 'graceful',
  title: 'stateDir, graceful shutdown',
  sessionTimeoutMs,
  announcers: 'owner',
  serviceLines: [takeover, `drain: { timeout: ${drainTimeoutMs}ms, communities: ["65535:0"] }`],
  hasStateDirectory: true,
};

/** One backup for each VIP, and an owner that falls twice within moments must wait. */
export const chosen: Setup = {
  ...ownership,
  name: 'chosen',
  title: 'one backup, damping',
  serviceLines: [
    `takeover: { release: ${releaseMs}ms, settle: ${settleMs}ms, backups: 1, damping: { falls: 1, halfLife: ${dampingHalfLifeMs}ms, max: 30s } }`,
    drain,
  ],
  backups: 1,
};

/** The fleet before it came to vipkeeper. */
export const exazk: Setup = { ...ownership, name: 'exazk', title: 'exazk.py', isExazk: true };

/** Every member announces every VIP, those of others at a worse preference. */
export const hotStandby: Setup = {
  name: 'standby',
  title: `hot standby, session timeout ${sessionTimeoutMs / 1_000} s`,
  sessionTimeoutMs,
  announcers: 'everybody',
  serviceLines: ['announce: { standby: { asPathPrepend: 3, prependPerRank: 1 } }', takeover, drain],
  hasStateDirectory: false,
};

/** The same with a session timeout that no figure may show. */
export const hotStandbySlow: Setup = {
  ...hotStandby,
  name: 'standby-slow',
  title: 'hot standby, session timeout 10 s',
  sessionTimeoutMs: 10_000,
};

/** As its users run it (seed 003): every LB announces every VIP, MEDs say whose it is. */
export const healthcheckMetrics: Setup = {
  name: 'healthcheck',
  title: 'healthcheck, metrics',
  sessionTimeoutMs,
  announcers: 'everybody',
  serviceLines: [],
  hasStateDirectory: false,
  healthcheck: [],
};

/** The same, made to withdraw where it would only raise the MED. */
export const healthcheckWithdraw: Setup = {
  ...healthcheckMetrics,
  name: 'healthcheck-withdraw',
  title: 'healthcheck, --withdraw-on-down',
  healthcheck: ['withdraw-on-down'],
};

const setups: readonly Setup[] = [
  ownership,
  graceful,
  chosen,
  exazk,
  hotStandby,
  hotStandbySlow,
  healthcheckMetrics,
  healthcheckWithdraw,
];

/**
 * The setup that a lab, or one LB of it, runs with now; every command of the lab asks its files, since each is a process of
 * its own.
 */
export function setupOf(run: Run, node?: LoadBalancerName): Setup {
  const files = [...(node === undefined ? [] : [setupFile(run, node)]), setupFile(run)];
  const file = files.find((name) => existsSync(name));
  const name = file === undefined ? ownership.name : readFileSync(file, 'utf8');
  return setups.find((setup) => setup.name === name) ?? ownership;
}

/** Makes a setup the one that everything started from now on runs with. */
export function chooseSetup(run: Run, { name }: Setup): void {
  for (const balancer of loadBalancers) rmSync(setupFile(run, balancer.name), { force: true });
  writeFileSync(setupFile(run), name);
}

/** Makes a setup that of one LB, while the others keep theirs. */
export function chooseSetupOf(run: Run, node: LoadBalancerName, { name }: Setup): void {
  writeFileSync(setupFile(run, node), name);
}

function setupFile(run: Run, node?: LoadBalancerName): string {
  return join(run.directory, ...(node === undefined ? ['setup'] : [node, 'setup']));
}
