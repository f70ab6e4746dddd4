import type { Config } from '../config/config.ts';
import type { Clock } from '../core/clock.ts';
import type { Event } from '../core/event.ts';
import type { Instance } from '../core/instance.ts';
import type { Settings } from '../core/settings.ts';
import { createAddressedSpeaker } from '../host/addressed-speaker.ts';
import { type Addresses, createAddresses } from '../host/addresses.ts';
import { createIp, createRun } from '../host/ip.ts';
import { type KeptAddresses, keepAddresses } from '../host/own-addresses.ts';
import type { Output } from './output.ts';

type Speaker = ReturnType<typeof createAddressedSpeaker>;

/** The VIPs on this host's interface, as configured. */
export interface HostAddresses {
  /** Puts every VIP there, when they are to be there all the time. */
  setAll(settings: Settings): Promise<void>;
  /** The speaker around which routes wait for their addresses. */
  speaker(emit: (event: Event) => void, create: (emit: (event: Event) => void) => Speaker): Speaker;
  stop(deadlineMs: number): Promise<boolean>;
}

interface HostPorts {
  readonly clock: Clock;
  readonly note: Output['note'];
  /** Where it may be kept which addresses are ours; asked once the agent runs. Undefined: nowhere. */
  directory(): string | undefined;
}

/** Makes them; inert. */
export function createHostAddresses(
  config: Config,
  instance: Instance,
  ports: HostPorts,
): HostAddresses {
  const { host } = config;
  if (host.addresses === 'off') {
    return {
      setAll: () => Promise.resolve(),
      speaker: (emit, create) => create(emit),
      stop: () => Promise.resolve(true),
    };
  }
  const own = ownAddresses(`${host.interface} ${instance.bootId}`, ports);
  const label = host.label === undefined ? undefined : `${host.interface}:${host.label}`;
  const ip = createIp({ ...host, label }, createRun(ports.clock));
  const addresses = createAddresses({ ip, own, label, note: ports.note });
  return {
    async setAll(settings) {
      if (host.addresses === 'static') await setAll(addresses, settings, ports.note);
    },
    speaker: (emit, create) =>
      createAddressedSpeaker(
        { clock: ports.clock, addresses, areRemoved: host.addresses === 'dynamic', emit },
        create,
      ),
    stop: own.stop,
  };
}

/** Opened when they are first asked for: by then the agent is whom it is to be, and has the directory for itself. */
function ownAddresses(place: string, { clock, note, directory }: HostPorts): KeptAddresses {
  let kept: KeptAddresses | undefined;
  const open = () => {
    const path = directory();
    if (path === undefined) return undefined;
    kept ??= keepAddresses(path, place, {
      clock,
      failed: ({ message }) =>
        note('error', 'host', `which addresses are ours cannot be written: ${message}`),
      recovered: () => note('info', 'host', 'which addresses are ours is written again'),
    });
    return kept;
  };
  return {
    earlier: () => open()?.earlier() ?? [],
    keep: (addresses) => open()?.keep(addresses),
    stop: (deadlineMs) => kept?.stop(deadlineMs) ?? Promise.resolve(true),
  };
}

/** What cannot be set now is tried again before it is announced. */
async function setAll(addresses: Addresses, settings: Settings, note: Output['note']) {
  const vips = settings.services.flatMap((service) => service.vips.map(({ vip }) => vip));
  addresses.keepOnly(new Set(vips));
  const failures = await Promise.all(vips.map((vip) => addresses.add(vip)));
  for (const failure of new Set(failures)) {
    if (failure === undefined) continue;
    const count = failures.filter((other) => other === failure).length;
    note('error', 'host', `${count} of ${vips.length} VIPs have no address: ${failure}`);
  }
}
