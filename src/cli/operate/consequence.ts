import { few } from '../../observe/few.ts';
import type { ServiceView } from '../../observe/fleet-view.ts';
import { leftDark } from './goal.ts';
import type { Subject } from './subject.ts';

/** What an operator's wish takes away from everybody. */
export interface Consequence {
  /** `expected`: it cannot be otherwise, and is to be confirmed. `lack`: nobody is left to take over. */
  readonly kind: 'expected' | 'lack';
  readonly sentence: string;
}

/** What comes of a maintenance; undefined when the service is in maintenance already. Pure. */
export function consequenceOfMaintenance(view: ServiceView): Consequence | undefined {
  const { service, maintenance, vips } = view;
  if (maintenance !== undefined) return undefined;
  const announced = vips.filter(({ announcers }) => announcers.length > 0).map(({ vip }) => vip);
  const dark =
    announced.length === 0
      ? 'though no VIP is announced now'
      : `${announced.length} VIPs: ${few(announced)}`;
  return { kind: 'expected', sentence: `all of ${service} goes dark everywhere, ${dark}` };
}

/** What comes of a drain; undefined when nobody loses a VIP by it. Pure. */
export function consequenceOfDrain(subject: Subject, view: ServiceView): Consequence | undefined {
  const { service, members, vips } = view;
  const { kind, name } = subject;
  const isDrained = [...members, ...vips].some(
    (one) => one.isDrained && name === ('vip' in one ? one.vip : one.member),
  );
  if (isDrained) return undefined;
  if (kind === 'vip') {
    const isLeft = members.some((one) => one.kind === 'exazk');
    const but = isLeft ? ', but for members of ExaZK, which know no drains' : '';
    return { kind: 'expected', sentence: `${name} of ${service} goes dark everywhere${but}` };
  }
  const dark = leftDark(view, name);
  if (dark.length === 0) return undefined;
  const why = 'nobody else is there who is healthy, not drained, and configured for it';
  return {
    kind: 'lack',
    sentence: `without ${name} nobody would announce ${few(dark)} of ${service}: ${why}`,
  };
}
