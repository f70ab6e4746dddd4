import { useMemo } from 'preact/hooks';
import type { Place } from '../why.ts';
import { ActForm } from './act-form.tsx';
import { extractOf, type Filters } from './filters.ts';
import { Matrix } from './matrix.tsx';
import { memberStateOf } from './member-state.ts';
import type { ServiceModel } from './model.ts';
import { momentOf } from './times.ts';
import { type VipState, vipStateOf } from './vip-state.ts';

interface SectionProps {
  readonly service: ServiceModel;
  readonly filters: Filters;
  readonly place: Place | undefined;
  readonly nowMs: number;
  readonly onLook: (place: Place | undefined) => void;
}

/** One service: how it is in one line, its drains, and its matrix. */
export function ServiceSection({ service, filters, place, nowMs, onLook }: SectionProps) {
  const extract = useMemo(() => extractOf(service, filters), [service, filters]);
  const { vips, members } = extract;
  const hidden = service.order.vips.length - vips.length;
  return (
    <section class="service" aria-label={`Service ${service.service}`}>
      <h2>{service.service}</h2>
      <Summary service={service} />
      <Drains service={service} nowMs={nowMs} />
      <ActForm service={service.service} isOn={service.about.maintenance !== undefined} />
      {members.length > 0 ? (
        <Matrix service={service} vips={vips} members={members} place={place} onLook={onLook} />
      ) : (
        <p class="remark">No member fits these filters.</p>
      )}
      {hidden > 0 && (
        <p class="remark">
          {vips.length} of {service.order.vips.length} VIPs fit these filters.
        </p>
      )}
    </section>
  );
}

/** `3 of 3 members up, 4 of 4 VIPs carried by their owner`: what one wants to know first. */
function Summary({ service }: { readonly service: ServiceModel }) {
  const { isInMaintenance, up, expected, exazk, owned, vips, dark } = useMemo(
    () => countsOf(service),
    [service],
  );
  return (
    <p class="summary">
      <span class={up === expected ? '' : 'less'}>
        {up} of {expected} members up
      </span>
      {exazk > 0 && <span>{exazk} of ExaZK</span>}
      <span class={owned === vips || isInMaintenance ? '' : 'less'}>
        {owned} of {vips} VIPs carried by their owner
      </span>
      {dark > 0 && <span class={isInMaintenance ? 'aside' : 'bad'}>{dark} carried by nobody</span>}
    </p>
  );
}

function countsOf(service: ServiceModel) {
  const members = service.order.members.map((name) => memberStateOf(service, name));
  const vips = [...service.vips.values()].map((vip) => vipStateOf(service, vip));
  const isDark = ({ kind, carriers }: VipState) => carriers.length === 0 && kind !== 'unknown';
  return {
    isInMaintenance: service.about.maintenance !== undefined,
    // Members that left in order, and ExaZK's, of which nothing is known, are not missed.
    expected: members.filter(
      ({ word, tone }) => word !== 'ExaZK' && !(word === 'gone' && tone === 'aside'),
    ).length,
    up: members.filter(({ tone }) => tone === 'good').length,
    exazk: members.filter(({ word }) => word === 'ExaZK').length,
    vips: vips.length,
    owned: vips.filter(({ kind }) => kind === 'owner').length,
    dark: vips.filter(isDark).length,
  };
}

function Drains({ service, nowMs }: { readonly service: ServiceModel; readonly nowMs: number }) {
  const { drains } = service.about;
  if (drains.length === 0) return null;
  return (
    <ul class="drains">
      {drains.map(({ name, kind, who, why, expires, isExpired }) => (
        <li key={name} class={isExpired ? 'over' : ''}>
          <b>Drain</b> {name}
          {who !== undefined && ` by ${who}`}
          {why !== undefined && `: ${why}`}
          {kind === 'unknown' && ' (nobody here has that name: it takes nothing out)'}
          {expires !== undefined &&
            (isExpired ? ' (over)' : ` (until ${momentOf(expires, nowMs)})`)}
        </li>
      ))}
    </ul>
  );
}
