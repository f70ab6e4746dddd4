import { describe, expect, it } from 'vitest';
import type { CreateChecker } from '../checkers/checker.ts';
import type { FleetSettings } from '../fleet-settings.ts';
import { attributes } from '../fleet-settings.ts';
import {
  alwaysCarried,
  noCommands,
  noTakeover,
  play,
  type Story,
  servicesWith,
} from './scenario.ts';

const vip1 = '10.20.0.1/32';
const all = [vip1, '10.20.0.2/32', '10.20.0.3/32'];
const standby = { ...attributes('standby'), asPathPrepend: 3, medPerRank: 10 };
const damping = { falls: 1, halfLifeMs: 300_000, maxMs: 200_000 };

/** Bugs that were found, and hours that are known to be bad, each as a story with a promise stricter than any bound. */
const stories: readonly {
  readonly name: string;
  readonly story: Story;
  readonly changes?: Partial<FleetSettings>;
  readonly promises: readonly CreateChecker[];
}[] = [
  {
    // The servers keep its claim until its session expires, counted from their start.
    name: 'does not step back for a claim that an outage left behind',
    story: [
      { after: 0, what: 'ensemble killed', durationMs: 30_000 },
      { after: 15_000, what: 'power off', lb: 'lb1', durationMs: 120_000 },
    ],
    changes: { policy: 'all' },
    // The hold time takes what was announced before; from then on the others carry it.
    promises: [alwaysCarried([vip1], 27_000)],
  },
  {
    name: 'changes nothing when ZooKeeper is gone for long and comes back',
    story: [{ after: 0, what: 'ensemble killed', durationMs: 300_000 }],
    promises: [noCommands(0)],
  },
  {
    name: 'changes nothing when every session expires the moment a hung ZooKeeper goes on',
    story: [{ after: 0, what: 'ensemble hangs', durationMs: 60_000 }],
    promises: [noCommands(0)],
  },
  {
    name: 'changes nothing when an agent is killed in an outage',
    story: [
      { after: 0, what: 'ensemble killed', durationMs: 60_000 },
      { after: 20_000, what: 'agent killed', lb: 'lb1' },
    ],
    changes: { hasStateDirectory: true },
    promises: [alwaysCarried(all, 0), noCommands(0, 20_000)],
  },
  {
    name: 'carries everything through an outage in which an agent without a state directory is killed',
    story: [
      { after: 0, what: 'ensemble killed', durationMs: 60_000 },
      { after: 20_000, what: 'agent killed', lb: 'lb1' },
    ],
    promises: [alwaysCarried(all, 0)],
  },
  {
    name: 'announces again what it carried when ExaBGP dies in an outage',
    story: [
      { after: 0, what: 'ensemble killed', durationMs: 120_000 },
      { after: 20_000, what: 'ExaBGP killed', lb: 'lb1' },
    ],
    changes: { hasStateDirectory: true },
    // Restart, first checks, half a session timeout without a view, connection and propagation.
    promises: [alwaysCarried([vip1], 20_000 + 20_000)],
  },
  {
    name: 'is upgraded one LB after the other without an instant of darkness',
    story: ['lb1', 'lb2', 'lb3'].map((lb, index) => ({
      after: index * 120_000,
      what: 'LB upgraded' as const,
      lb,
      durationMs: 20_000,
    })),
    promises: [alwaysCarried(all, 0)],
  },
  {
    name: 'is upgraded in the same way with state directories',
    story: ['lb1', 'lb2', 'lb3'].map((lb, index) => ({
      after: index * 120_000,
      what: 'LB upgraded' as const,
      lb,
      durationMs: 1_000,
    })),
    changes: { hasStateDirectory: true },
    promises: [alwaysCarried(all, 0)],
  },
  {
    name: 'goes on when one LB is cut off from ZooKeeper and comes back',
    story: [
      {
        after: 0,
        what: 'LB cut off from ZooKeeper',
        lb: 'lb1',
        detail: 'black hole',
        durationMs: 60_000,
      },
    ],
    promises: [alwaysCarried(all, 0)],
  },
  {
    name: 'goes on when an agent stands still for longer than its session',
    story: [{ after: 0, what: 'agent paused', lb: 'lb1', durationMs: 30_000 }],
    promises: [alwaysCarried(all, 0)],
  },
  {
    name: 'does not notice that an agent stands still for less than its session lasts',
    story: [{ after: 0, what: 'agent paused', lb: 'lb1', durationMs: 2_500 }],
    promises: [noCommands(0)],
  },
  {
    name: 'drains a member and takes it back without an instant of darkness',
    story: [
      { after: 0, what: 'member drained', lb: 'lb1', service: 'service1', durationMs: 60_000 },
    ],
    promises: [alwaysCarried(all, 0)],
  },
  {
    name: 'hands over while its leader of three is killed',
    story: [
      { after: 0, what: 'member drained', lb: 'lb1', service: 'service1', durationMs: 60_000 },
      { after: 500, what: 'server killed', server: 0, durationMs: 30_000 },
    ],
    changes: { serverCount: 3 },
    promises: [alwaysCarried(all, 0)],
  },
  {
    name: 'changes nothing when servers are restarted one by one',
    story: [0, 1, 2].map((server) => ({
      after: server * 30_000,
      what: 'server killed' as const,
      server,
      durationMs: 10_000,
    })),
    changes: { serverCount: 3 },
    promises: [noCommands(0)],
  },
  {
    name: 'changes nothing when any one server of three is cut off from the others',
    story: [0, 1, 2].map((server) => ({
      after: server * 120_000,
      what: 'servers partitioned' as const,
      groups: [0, 1, 2].map((other) => (other === server ? 1 : 0)),
      durationMs: 60_000,
    })),
    changes: { serverCount: 3 },
    promises: [noCommands(0)],
  },
  {
    name: 'takes over within its bound when the owner loses its power',
    story: [{ after: 0, what: 'power off', lb: 'lb1', durationMs: 120_000 }],
    // Session timeout, rounded up to ticks, and propagation.
    promises: [alwaysCarried([vip1], 6_000 + 2 * 2_000 + 1_500)],
  },
  {
    name: 'has the next route in place when ExaBGP of an owner dies',
    story: [{ after: 0, what: 'ExaBGP killed', lb: 'lb1' }],
    changes: { services: servicesWith({ announce: { standby }, takeover: { backups: 1 } }) },
    promises: [alwaysCarried(all, 0)],
  },
  {
    name: 'is upgraded one LB after the other with standby routes, one backup and drain attributes',
    story: ['lb1', 'lb2', 'lb3'].map((lb, index) => ({
      after: index * 120_000,
      what: 'LB upgraded' as const,
      lb,
      durationMs: 20_000,
    })),
    changes: {
      services: servicesWith({
        announce: { standby, drain: attributes('drain') },
        takeover: { backups: 1 },
      }),
    },
    promises: [alwaysCarried(all, 0)],
  },
  {
    name: 'drains members one by one, which announce as disabled meanwhile, without an instant of darkness',
    story: ['lb1', 'lb2', 'lb3'].map((lb, index) => ({
      after: index * 120_000,
      what: 'member drained' as const,
      lb,
      service: 'service1',
      durationMs: 60_000,
    })),
    changes: {
      services: servicesWith({
        announce: { drain: attributes('drain'), disabled: attributes('disabled') },
      }),
    },
    promises: [alwaysCarried(all, 0)],
  },
  ...['lb2', 'lb3'].map((lb) => ({
    // One of the two is the one that is chosen.
    name: `takes over though ${lb} stands still, whichever of the others is the one backup`,
    story: [
      { after: 0, what: 'power off' as const, lb: 'lb1', durationMs: 300_000 },
      { after: 5_000, what: 'agent paused' as const, lb, durationMs: 60_000 },
    ],
    changes: { services: servicesWith({ takeover: { backups: 1 } }) },
    // A session timeout, rounded up to ticks, the settle time of the chosen one, and propagation.
    promises: [alwaysCarried([vip1], 6_000 + 2 * 2_000 + 3_000 + 1_500)],
  })),
  {
    name: 'takes back at once, damped or not, what nobody else announces',
    story: [
      ...[0, 30_000, 60_000].map((after) => ({
        after,
        what: 'service sick' as const,
        lb: 'lb1',
        service: 'service1',
        durationMs: 15_000,
      })),
      { after: 120_000, what: 'power off', lb: 'lb2', durationMs: 120_000 },
      { after: 120_000, what: 'power off', lb: 'lb3', durationMs: 120_000 },
    ],
    changes: {
      services: servicesWith({ takeover: { damping } }).map((service) => ({
        ...service,
        checks: service.checks.map((check) => ({
          ...check,
          intervalMs: 10_000,
          fastIntervalMs: 500,
          rise: 1,
          fall: 1,
        })),
      })),
    },
    // From the second fall on it leaves its VIP where it is.
    promises: [
      noCommands(45_000, 119_000),
      alwaysCarried([vip1], 120_000 + 6_000 + 2 * 2_000 + 1_500),
    ],
  },
  {
    // Seed 21: what is agreed still says that another member carries it, until its claim has been read.
    name: 'gives a VIP to a new owner that has announced it as standby',
    story: [
      {
        after: 0,
        what: 'owner changed',
        lb: 'lb2',
        service: 'service1',
        detail: vip1,
        durationMs: 60_000,
      },
    ],
    changes: { services: servicesWith({ announce: { standby } }) },
    promises: [alwaysCarried([vip1], 0)],
  },
  {
    name: 'leaves a VIP whose drain is lifted to its owner',
    story: [
      {
        after: 0,
        what: 'VIP drained',
        service: 'service1',
        detail: vip1,
        durationMs: 60_000,
      },
    ],
    promises: [noTakeover(0)],
  },
];

describe('a fleet', () => {
  it.each(stories)('$name', async ({ story, changes, promises }) => {
    expect(await play(story, changes, promises)).toBeUndefined();
  });
});
