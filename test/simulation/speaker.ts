import type { Speaker } from '../../src/agent/ports.ts';
import type { Event } from '../../src/core/event.ts';
import type { Attributes } from '../../src/core/route.ts';
import type { Vip } from '../../src/core/vip.ts';
import type { Exabgp, Helper } from './exabgp.ts';
import type { SimulatedProcess } from './process.ts';
import type { Random } from './random.ts';

/** How long the real adapter goes without asking ExaBGP anything. */
const pollMs = 1_000;

export interface SpeakerOptions {
  readonly stallAfterMs: number;
  /** Told of every command that the agent gives; without attributes it is a withdraw. */
  readonly onCommand: (vip: Vip, attributes: Attributes | undefined) => void;
}

/** The speaker adapter as the core sees it, over a simulated ExaBGP: identified, asked, silent, answering again. */
export function createSimulatedSpeaker(
  exabgp: Exabgp,
  process: SimulatedProcess,
  random: Random,
  options: SpeakerOptions,
  emit: (event: Event) => void,
): Speaker {
  let isIdentified = false;
  let isSilent = false;
  const { clock } = process;

  const hear = (event: Event) =>
    process.run(() => {
      if (isSilent && event.kind === 'commandAnswered') {
        isSilent = false;
        emit({ kind: 'speakerResponsive' });
      }
      emit(event);
    });
  const helper: Helper = {
    hung: () => noticeHang(),
    answered: (command, outcome) =>
      hear({ kind: 'commandAnswered', command, outcome, detail: outcome }),
    neighborChanged(neighbor, isEstablished) {
      if (isIdentified) hear({ kind: 'neighborChanged', neighbor, isEstablished, detail: '' });
    },
    resumed: () =>
      process.run(() => {
        if (!isSilent) return;
        isSilent = false;
        emit({ kind: 'speakerResponsive' });
      }),
  };

  function identify(): void {
    if (exabgp.phase === 'hung') {
      clock.setTimer(pollMs, identify);
      return;
    }
    isIdentified = true;
    emit({ kind: 'speakerIdentified', version: '4.2.21', acks: true });
    emit({ kind: 'neighborsListed', established: exabgp.established });
  }

  /** The first question that it does not answer in time makes it silent. */
  function noticeHang(): void {
    clock.setTimer(random.between(0, pollMs) + options.stallAfterMs, () => {
      if (exabgp.phase !== 'hung' || isSilent || !isIdentified) return;
      isSilent = true;
      emit({ kind: 'speakerSilent' });
    });
  }

  const send = (
    command: number,
    vip: Vip,
    attributes: Attributes | undefined,
    change: () => void,
  ) => {
    options.onCommand(vip, attributes);
    exabgp.command(command, helper, change);
  };
  return {
    start() {
      exabgp.attach(helper);
      clock.setTimer(random.between(20, 300), identify);
    },
    announce: (command, vip, attributes) =>
      send(command, vip, attributes, () => exabgp.announce(vip, attributes)),
    withdraw: (command, vip) => send(command, vip, undefined, () => exabgp.withdraw(vip)),
    flush: (command) => exabgp.command(command, helper, () => undefined),
    stop: () => Promise.resolve(),
  };
}
