import type { ServiceSettings } from '../../../src/core/settings.ts';
import { type CreateChecker, carriersOf } from '../checkers/checker.ts';
import { checkers } from '../checkers/index.ts';
import { attributes, chooseFleet, type FleetSettings, vipsOf } from '../fleet-settings.ts';
import type { Fault } from '../plan.ts';
import { createRandom } from '../random.ts';
import { runCase } from '../run.ts';

const chosen = chooseFleet(createRandom(1));

/** The services of every story with those changes. */
export function servicesWith({
  announce,
  takeover,
}: {
  readonly announce?: Partial<ServiceSettings['announce']>;
  readonly takeover?: Partial<ServiceSettings['takeover']>;
}): readonly ServiceSettings[] {
  return chosen.services.map((service) => ({
    ...service,
    announce: {
      owner: attributes('owner'),
      backup: attributes('backup'),
      down: undefined,
      ...announce,
    },
    takeover: { delayMs: 0, releaseMs: 2_000, settleMs: 3_000, ...takeover },
  }));
}

/** Three LBs, a VIP each, one server, everything as a person would leave it. */
const fleet: FleetSettings = {
  ...chosen,
  services: servicesWith({}),
  members: ['lb1', 'lb2', 'lb3'] as unknown as FleetSettings['members'],
  policy: 'freeze',
  sessionTimeoutMs: 6_000,
  tickMs: 2_000,
  syncLimit: 5,
  serverCount: 1,
  stallAfterMs: 2_000,
  slownessMs: 30,
  holdMs: 9_000,
  stableForMs: 3_000,
  hasLocalAs: true,
  shutdownTimeoutMs: undefined,
  hasStateDirectory: false,
  clockRates: [1, 1, 1],
};

/** When the fleet has long been at rest after its start. */
const atRestMs = 120_000;

/** Faults by their time after the fleet came to rest. */
export type Story = readonly (Partial<Fault> & Pick<Fault, 'what'> & { readonly after: number })[];

/**
 * Plays a story for several worlds that differ by chance, and tells the first breach of any promise, or of those given.
 */
export async function play(
  story: Story,
  changes: Partial<FleetSettings> = {},
  more: readonly CreateChecker[] = [],
): Promise<string | undefined> {
  const faults = story.map(({ after, ...fault }) => ({
    durationMs: 0,
    ...fault,
    atMs: atRestMs + after,
  }));
  const safetyEndsMs = Math.max(...faults.map(({ atMs, durationMs }) => atMs + durationMs)) + 1;
  for (let seed = 1; seed <= 10; seed += 1) {
    const { breach } = await runCase(
      {
        seed,
        fleet: { ...fleet, ...changes },
        plan: { kind: 'mixed', faults, safetyEndsMs, quietMs: 600_000 },
      },
      { checkers: [...checkers, ...more] },
    );
    if (breach !== undefined)
      return `seed ${seed}, ${breach.checker} at ${breach.atMs} ms: ${breach.sentence}`;
  }
  return undefined;
}

/** Stricter than any bound: VIPs are carried at every moment between those after rest. */
export function alwaysCarried(
  names: readonly string[],
  fromMs: number,
  untilMs = Number.POSITIVE_INFINITY,
): CreateChecker {
  return (scene) => {
    const vips = vipsOf(scene.fleet).flatMap(({ vip }) => (names.includes(vip) ? [vip] : []));
    if (vips.length !== names.length) throw new Error(`not all configured: ${names}`);
    const breachOf = () => {
      const sinceRestMs = scene.scheduler.nowMs - atRestMs;
      if (sinceRestMs < fromMs || sinceRestMs > untilMs) return undefined;
      const dark = vips.find((vip) => carriersOf(scene, vip).length === 0);
      return dark && `nobody carries ${dark}`;
    };
    return { name: 'always carried', onTick: breachOf, onLearned: breachOf };
  };
}

/** Nobody announces as a backup between those times after rest. */
export function noTakeover(fromMs: number, untilMs = Number.POSITIVE_INFINITY): CreateChecker {
  return (scene) => ({
    name: 'no takeover',
    onCommand(lb, vip, role) {
      const sinceRestMs = scene.scheduler.nowMs - atRestMs;
      if (role !== 'backup' || sinceRestMs < fromMs || sinceRestMs > untilMs) return undefined;
      return `${lb.name} takes ${vip} over`;
    },
  });
}

/** No agent gives its ExaBGP any command between those times after rest. */
export function noCommands(fromMs: number, untilMs = Number.POSITIVE_INFINITY): CreateChecker {
  return (scene) => ({
    name: 'no commands',
    onCommand(lb, vip, role) {
      const sinceRestMs = scene.scheduler.nowMs - atRestMs;
      if (sinceRestMs < fromMs || sinceRestMs > untilMs) return undefined;
      return `${lb.name} ${role === undefined ? 'withdraws' : 'announces'} ${vip}`;
    },
  });
}
