import { isMemberName } from '../../core/settings.ts';
import { claimName, isVip, parseVip } from '../../core/vip.ts';
import { few } from '../../observe/few.ts';
import type { ServiceView } from '../../observe/fleet-view.ts';

/** What a drain takes out: its name among the znodes, and what it is. */
export type Subject =
  | { readonly kind: 'member'; readonly name: string; readonly znode: string }
  | { readonly kind: 'vip'; readonly name: string; readonly znode: string };

/**
 * Finds what a name stands for. A text says that it is nothing, or nothing known, and what there is.
 * @param force whether what nobody knows is taken all the same; `unavailable`: there is no way to, so none is named.
 */
export function subjectOf(
  text: string,
  view: Pick<ServiceView, 'service'> & Partial<ServiceView>,
  force: boolean | 'unavailable',
): Subject | string {
  const { members = [], vips = [], drains = [] } = view;
  const isForced = force === true;
  const way = force === 'unavailable' ? '' : '; --force takes it all the same';
  // A drain of what nobody knows must be liftable.
  const drained = drains.map(({ name }) => name);
  const vip = parseVip(text);
  if (isVip(vip)) {
    const known = vips.map((one) => one.vip);
    if (isForced || [...known, ...drained].includes(vip))
      return { kind: 'vip', name: vip, znode: claimName(vip) };
    return `${unknown(`no VIP ${vip}`, view.service, known)}${way}`;
  }
  const known = members.filter(({ kind }) => kind === 'vipkeeper').map(({ member }) => member);
  if (!isMemberName(text))
    return `${JSON.stringify(text)} is neither a VIP nor the name of a member`;
  if (isForced || [...known, ...drained].includes(text))
    return { kind: 'member', name: text, znode: text };
  return `${unknown(`no member ${text}`, view.service, known)}${way}`;
}

function unknown(what: string, service: string, known: readonly string[]): string {
  const there = known.length === 0 ? 'there is none' : `there are ${few(known)}`;
  return `${what} in ${service}; ${there}`;
}
