import { holdTimeSeconds } from '../plan.ts';
import { hotStandby, hotStandbySlow, type Setup } from '../setups.ts';
import { drainMember } from './drain-faults.ts';
import type { Fault } from './fault.ts';
import { blackHole, powerCut } from './network-faults.ts';
import { lossless, runPlannedMove } from './planned-move.ts';
import { moveOwner } from './reload-faults.ts';
import { exabgpCrash } from './speaker-faults.ts';
import { type Breakage, runTakeover } from './takeover.ts';
import { restartAgent } from './upgrade-faults.ts';

/** What hot standby promises, with two session timeouts: none of the bounds knows of it. */
export const standbyFaults: readonly Fault[] = [
  ...takeovers(hotStandby),
  {
    name: 'standby-drain-member',
    title: `${hotStandby.title}: member drained by znode, drain lifted`,
    bound: lossless,
    victim: 'lb2',
    setup: hotStandby,
    run: (stage) => runPlannedMove(stage, { move: () => drainMember(stage, 'lb2') }),
  },
  {
    name: 'standby-agent-term',
    title: `${hotStandby.title}: agent stopped (SIGTERM) with hand-over`,
    bound: lossless,
    victim: 'lb3',
    setup: hotStandby,
    run: (stage) => runPlannedMove(stage, { move: () => restartAgent(stage, 'lb3', 'SIGTERM') }),
  },
  {
    name: 'standby-reload-owner',
    title: `${hotStandby.title}: reload on the whole fleet gives a VIP to another LB, and back`,
    bound: lossless,
    setup: hotStandby,
    run: (stage) => runPlannedMove(stage, { move: moveOwner }),
  },
  ...takeovers(hotStandbySlow),
];

function takeovers(setup: Setup): readonly Fault[] {
  const holdMs = holdTimeSeconds * 1_000;
  return [
    takeover(setup, 'exabgp-kill', 'ExaBGP killed (-9)', '<= 0.3 s', exabgpCrash, 300),
    takeover(setup, 'power-off', 'power off (all links down)', '<= 0.3 s', powerCut, 300),
    takeover(
      setup,
      'packets-dropped',
      'packets dropped on all links',
      'hold + <= 0.5 s',
      blackHole,
      holdMs + 500,
    ),
  ];
}

function takeover(
  setup: Setup,
  name: string,
  title: string,
  bound: string,
  breakage: Breakage,
  boundMs: number,
): Fault {
  return {
    name: `${setup.name}-${name}`,
    title: `${setup.title}: ${title}`,
    bound,
    victim: breakage.victim,
    setup,
    run: (stage) => runTakeover(stage, { ...breakage, boundMs: () => boundMs }),
  };
}
