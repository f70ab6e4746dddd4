import { reportConflicts } from './claims.ts';
import type { Effect } from './effect.ts';
import { keepChecks } from './health.ts';
import { initialRoute, initialService, initialVip } from './initial-state.ts';
import type { Surroundings } from './pass.ts';
import { reachesFor } from './reach.ts';
import type { Report } from './report.ts';
import { Services } from './services.ts';
import type { ServiceSettings, Settings } from './settings.ts';

import { countChecks } from './splay.ts';
import type { ServiceState, State, VipState } from './state.ts';
import { isOurs } from './view.ts';
import type { Vip } from './vip.ts';

/**
 * New settings while the agent runs. What is configured no more is left as planned: the claim goes, somebody else
 * announces, the route goes; then it is forgotten, and until then it lives on beside the rest. What is new waits for a
 * view, as at the start. All else goes on as it is, and comes to its new settings by the differences that they make.
 */

interface Change {
  readonly settings: Settings;
  /** Every prefix that there is, as it is where its route belongs; at most one service has a route for it. */
  readonly prefixes: ReadonlyMap<Vip, VipState>;
  /** What is to be configured, in whatever service. */
  readonly wanted: ReadonlySet<Vip>;
  /** Of all services. */
  readonly checkCount: number;
  readonly nowMs: number;
}

/**
 * Takes up new settings; an agent that is ending keeps those it has.
 * @throws Error when they are another member's, or of an agent with others where this one is alone or the other way
 * round, which the caller has to refuse.
 */
export function hearSettings(
  state: State,
  settings: Settings,
  nowMs: number,
  reports: Report[],
): State {
  if (settings.member !== state.settings.member)
    throw new Error(`${state.settings.member} cannot become ${settings.member} while it runs`);
  if ((settings.isStandalone === true) !== (state.settings.isStandalone === true))
    throw new Error('agreement with others cannot come or go while the agent runs');
  if (state.stopping !== undefined) return state;
  const wanted = new Set(settings.services.flatMap(({ vips }) => vips.map(({ vip }) => vip)));
  const checkCount = countChecks(settings);
  const change = { settings, prefixes: prefixesOf(state), wanted, checkCount, nowMs };
  const names = new Set(settings.services.map(({ name }) => name));
  const left = state.services.list.filter((service) => !names.has(service.settings.name));
  const services = new Services([
    ...settings.services.map((service) =>
      configure(state.services.get(service.name), service, change, reports),
    ),
    ...left.map((service) => ({ ...service, isRemoved: true, vips: remove(service, [], change) })),
  ]);
  reports.push({ kind: 'settingsChanged', detail: describeChange(state.services, services) });
  const reachOfChosen = reachesFor(
    services.list.map((service) => service.settings),
    state.speaker.reachOfChosen,
  );
  const speaker = { ...state.speaker, open: openOf(services), reachOfChosen };
  return { ...state, settings, services, speaker };
}

function configure(
  before: ServiceState | undefined,
  settings: ServiceSettings,
  change: Change,
  reports: Report[],
): ServiceState {
  const { nowMs, checkCount } = change;
  const surroundings = { member: change.settings.member, checkCount };
  const known = before ?? initialService(settings, surroundings, nowMs, undefined);
  const after: ServiceState = {
    ...keepChecks(known, settings, nowMs, checkCount),
    isRemoved: false,
    rankedAmong: undefined,
    vips: new Map([
      ...settings.vips.map(({ vip, owner }): [Vip, VipState] => {
        const isOwner = owner === change.settings.member;
        return [vip, configureVip(before?.vips.get(vip), vip, isOwner, settings, change)];
      }),
      ...remove(known, settings.vips, change),
    ]),
  };
  if (after.health !== known.health && after.health !== 'unknown') {
    const detail = 'its checks have changed';
    reports.push({ kind: 'healthChanged', service: settings.name, to: after.health, detail });
  }
  reportConflicts(known, after, reports);
  return after;
}

function configureVip(
  before: VipState | undefined,
  vip: Vip,
  isOwner: boolean,
  { takeover }: ServiceSettings,
  { prefixes, nowMs }: Change,
): VipState {
  const settlesUntilMs = nowMs + takeover.settleMs;
  const known = before ?? { ...initialVip(vip, isOwner), settlesUntilMs };
  const present = prefixes.get(vip) ?? known;
  const { route, agreed, decision } = present;
  const { holder } = known.claim ?? {};
  // Who holds another's claim is a guess; now that it matters, it has to be read.
  const isGuess = isOwner && !known.isOwner && holder !== undefined && !isOurs(holder);
  return {
    ...known,
    // From another service it comes with its route, which is not withdrawn to be announced again.
    route,
    agreed,
    decision,
    isOwner,
    claim: isGuess ? undefined : known.claim,
    leave: known.isRemoved ? undefined : known.leave,
    isRemoved: false,
  };
}

/** The VIPs of a service without those that are configured: on their way out. */
function remove(
  service: ServiceState,
  configured: ServiceSettings['vips'],
  { wanted, nowMs }: Change,
): ReadonlyMap<Vip, VipState> {
  const left = new Map(service.vips);
  for (const { vip } of configured) left.delete(vip);
  for (const [vip, before] of left) {
    const removed = { ...before, isOwner: false, isRemoved: true };
    left.set(vip, wanted.has(vip) ? withoutRoute(removed, nowMs) : removed);
  }
  return left;
}

/** Its route is another service's business now, and there is only a claim to be given up. */
function withoutRoute(vip: VipState, nowMs: number): VipState {
  return {
    ...vip,
    route: { ...initialRoute, acked: 'absent' },
    decision: { kind: 'withdraw', reason: 'removed' },
    leave: {
      reason: 'removed',
      sinceMs: nowMs,
      carriedSinceMs: undefined,
      isDone: true,
      hasReportedNobody: false,
    },
  };
}

function prefixesOf(state: State): ReadonlyMap<Vip, VipState> {
  const prefixes = new Map<Vip, VipState>();
  for (const { vips } of state.services.list)
    for (const [vip, entry] of vips)
      if (!prefixes.has(vip) || !entry.isRemoved || !isIdle(entry)) prefixes.set(vip, entry);
  return prefixes;
}

function isIdle({ route }: VipState): boolean {
  return route.acked === 'absent' && route.open === undefined;
}

function openOf(services: Services): State['speaker']['open'] {
  const open = new Map<number, { service: ServiceSettings['name']; vip: Vip }>();
  for (const { settings, vips } of services.list)
    for (const { vip, route } of vips.values())
      if (route.open !== undefined) open.set(route.open.command, { service: settings.name, vip });
  return open;
}

/** `2 VIPs added, 1 removed; now 7 in 3 services`. */
function describeChange(before: Services, after: Services): string {
  const were = configuredNames(before);
  const are = configuredNames(after);
  const added = [...are].filter((name) => !were.has(name)).length;
  const removed = [...were].filter((name) => !are.has(name)).length;
  const count = after.list.filter(({ isRemoved }) => !isRemoved).length;
  return `VIPs: ${added} added, ${removed} removed; now ${are.size}, services: ${count}`;
}

function configuredNames(services: Services): ReadonlySet<string> {
  return new Set(
    services.list.flatMap(({ settings, vips }) =>
      [...vips.values()].flatMap(({ vip, isRemoved }) =>
        isRemoved ? [] : [`${settings.name} ${vip}`],
      ),
    ),
  );
}

/**
 * What the adapters have to watch and check: all there is, configured or still on its way out. An `owner` is only given
 * where we are it, or hold the claim all the same.
 */
export function setServices({ settings, services }: State): Effect {
  return {
    kind: 'setServices',
    services: services.list.map((service) => ({
      ...service.settings,
      vips: [...service.vips.values()].map(({ vip, isOwner, claim }) => ({
        vip,
        owner: isOwner || isOurs(claim?.holder) ? settings.member : undefined,
      })),
    })),
  };
}

/** The service without the VIPs that were removed and of which nothing is left, as far as present reads tell. */
export function forgetVips(
  service: ServiceState,
  { settings, session: { connection } }: Surroundings,
): ServiceState {
  const isAlone = settings.isStandalone === true;
  const isRead = connection !== undefined && service.view.claimsConnection === connection;
  if (!isAlone && !isRead) return service;
  const left = [...service.vips].filter(([, vip]) =>
    isAlone ? !(vip.isRemoved && isIdle(vip)) : !isGone(vip),
  );
  return left.length === service.vips.size ? service : { ...service, vips: new Map(left) };
}

function isGone(vip: VipState): boolean {
  const { isRemoved, claim, claimWrite } = vip;
  const isUnclaimed = claim !== undefined && claimWrite === undefined && !isOurs(claim.holder);
  return isRemoved && isIdle(vip) && isUnclaimed;
}

/**
 * Without the services that were removed and of which nothing is left; the same object when there are none.
 * @param looked the services that may have come to that.
 */
export function forgetServices(
  { services, session, settings }: Pick<State, 'services' | 'session' | 'settings'>,
  looked: readonly ServiceState[],
): Services {
  const isAlone = settings.isStandalone === true;
  const gone = new Set(
    looked.filter((service) =>
      isAlone
        ? service.isRemoved && service.vips.size === 0
        : isServiceGone(service, session.connection),
    ),
  );
  return gone.size === 0
    ? services
    : new Services(services.list.filter((service) => !gone.has(service)));
}

function isServiceGone(service: ServiceState, connection: number | undefined): boolean {
  const { isRemoved, vips, presence, view } = service;
  const { write, published } = presence;
  if (!isRemoved || vips.size > 0 || write !== undefined || published !== undefined) return false;
  const isRead = connection !== undefined && view.members?.connection === connection;
  return isRead && !isOurs(view.members?.own);
}
