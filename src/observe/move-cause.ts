import type { Decision } from '../core/ownership.ts';
import type { ServiceState } from '../core/state.ts';
import { byWhom } from './by-whom.ts';

/** What is behind a decision as the member that takes it knows it: a drain, or how the owner is; for people. Pure. */
export function causeOfMove(
  { view, settings }: ServiceState,
  place: { readonly vip: string; readonly member: string },
  { reason }: Decision,
): string | undefined {
  const drained = (name: string) =>
    view.drains?.drained.has(name) === true
      ? `${name} is drained${byWhom(view.drains.notes?.get(name) ?? {})}`
      : undefined;
  switch (reason) {
    case 'drained':
    case 'leaving':
    case 'handedOver':
      return drained(place.vip) ?? drained(place.member);
    case 'claimMissing': {
      const owner = settings.vips.find(({ vip }) => vip === place.vip)?.owner;
      return owner === undefined ? undefined : (drained(owner) ?? stateOf(owner, view));
    }
    default:
      return undefined;
  }
}

function stateOf(owner: string, { members }: ServiceState['view']): string | undefined {
  const found = [...(members?.members ?? [])].find(([name]) => name === owner);
  if (found === undefined) return members && `${owner} is gone from ZooKeeper`;
  const [, report] = found;
  if (report?.health === 'down') return `${owner} is unhealthy`;
  return report?.isLeaving === true ? `${owner} is leaving` : undefined;
}
