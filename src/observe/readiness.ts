import type { ServiceState, State } from '../core/state.ts';
import { wasViewComplete } from '../core/view.ts';

/** What the agent has yet to learn or to be told before it does its whole work; empty when it is ready. Pure. */
export function reasonsNotReady(state: State | undefined): readonly string[] {
  if (state === undefined) return ['the agent has not started'];
  const { speaker, stopping } = state;
  return [
    ...(stopping === undefined ? [] : ['the agent is leaving']),
    ...(speaker.phase === 'unidentified' ? ['ExaBGP has not said yet what it is'] : []),
    ...(speaker.phase === 'closed' ? ['ExaBGP is gone'] : []),
    ...(speaker.isSilent ? ['ExaBGP does not answer'] : []),
    ...state.services.list.flatMap((service) => reasonsOf(service, state)),
  ];
}

function reasonsOf(service: ServiceState, { settings }: State): readonly string[] {
  const { name } = service.settings;
  const isRead = settings.isStandalone === true || wasViewComplete(service.view);
  const unanswered = [...service.vips.values()].filter(
    ({ decision, route }) => decision.kind !== 'hold' && route.acked === 'unknown',
  );
  return [
    ...(isRead ? [] : [`${name}: ZooKeeper is not read completely yet`]),
    ...(service.health === 'unknown' ? [`${name}: its health is not known yet`] : []),
    ...(unanswered.length === 0
      ? []
      : [
          `${name}: ExaBGP has accepted nothing yet for ${listed(unanswered.map(({ vip }) => vip))}`,
        ]),
  ];
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, 3).join(', ');
  return names.length > 3 ? `${shown} and ${names.length - 3} more` : shown;
}
