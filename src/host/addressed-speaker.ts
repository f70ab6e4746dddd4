import type { Clock } from '../core/clock.ts';
import type { Event } from '../core/event.ts';
import type { Attributes, PathId } from '../core/route.ts';
import type { Vip } from '../core/vip.ts';
import type { Addresses } from './addresses.ts';

/** The part of a speaker that addresses have to do with; see `Speaker` in the agent's ports. */
interface Speaker {
  start(): void;
  announce(command: number, vip: Vip, attributes: Attributes): void;
  withdraw(command: number, vip: Vip, pathId?: PathId): void;
  flush(command: number): void;
  stop(deadlineMs: number): Promise<void>;
}

export interface AddressedPorts {
  readonly clock: Clock;
  readonly addresses: Addresses;
  /** Addresses go when their VIPs are withdrawn. */
  readonly areRemoved: boolean;
  emit(event: Event): void;
}

/** What ExaBGP has accepted is on its way to routers, and packets are still on theirs to us. */
const lingerMs = 1_000;
/** The same for an agent that ends. */
const lastLingerMs = 150;
const lastRemovalMs = 300;
/** How often it is looked whether somebody else has removed an address. */
const lookEveryMs = 5_000;

/**
 * Puts addresses before routes: an announce goes to the speaker once its address is there, and is refused, for the core
 * to try again, when that cannot be. An address goes only a while after the speaker has accepted the withdraw. Routes
 * that end with ExaBGP keep their addresses: the next life of the agent removes what it does not announce. What somebody
 * else removes is put there again.
 * @param create builds the speaker around the emit function that it is given.
 */
export function createAddressedSpeaker(
  ports: AddressedPorts,
  create: (emit: (event: Event) => void) => Speaker,
): Speaker {
  const { clock, addresses, emit } = ports;
  const withdrawing = new Map<number, Vip>();
  /** How to keep those addresses that are to go. */
  const lingering = new Map<Vip, () => void>();
  const keep = (vip: Vip) => {
    lingering.get(vip)?.();
    lingering.delete(vip);
  };
  let cancelLook = () => {};
  const lookAgain = () => {
    cancelLook = clock.setTimer(lookEveryMs, () => {
      void addresses.look();
      lookAgain();
    });
  };
  const speaker = create((event) => {
    if (event.kind === 'commandAnswered') {
      const vip = withdrawing.get(event.command);
      withdrawing.delete(event.command);
      if (vip !== undefined && event.outcome === 'accepted') {
        const remove = () => {
          lingering.delete(vip);
          void addresses.remove(vip);
        };
        lingering.set(vip, clock.setTimer(lingerMs, remove));
      }
    }
    emit(event);
  });
  return {
    start() {
      speaker.start();
      lookAgain();
    },
    announce(command, vip, attributes) {
      keep(vip);
      const added = addresses.add(vip);
      if (addresses.has(vip)) {
        speaker.announce(command, vip, attributes);
        return;
      }
      void added.then((failure) => {
        if (failure === undefined) speaker.announce(command, vip, attributes);
        else {
          const detail = `its address could not be added: ${failure}`;
          emit({ kind: 'commandAnswered', command, outcome: 'refused', detail });
        }
      });
    },
    withdraw(command, vip, pathId) {
      keep(vip);
      if (ports.areRemoved) withdrawing.set(command, vip);
      speaker.withdraw(command, vip, pathId);
    },
    flush: (command) => speaker.flush(command),
    async stop(deadlineMs) {
      cancelLook();
      await speaker.stop(deadlineMs);
      const left = [...lingering.keys()];
      for (const vip of left) keep(vip);
      if (left.length === 0) return;
      await new Promise<void>((resolve) => void clock.setTimer(lastLingerMs, resolve));
      await new Promise<void>((resolve) => {
        const cancel = clock.setTimer(lastRemovalMs, resolve);
        void Promise.all(left.map((vip) => addresses.remove(vip))).then(() => {
          cancel();
          resolve();
        });
      });
    },
  };
}
