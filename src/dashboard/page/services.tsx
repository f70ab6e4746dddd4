import { useMemo, useState } from 'preact/hooks';
import type { Place } from '../why.ts';
import type { Address } from './address.ts';
import { FilterBar } from './filter-bar.tsx';
import { type Filters, noFilters, sectionsDrawn, servicesShown } from './filters.ts';
import type { Model } from './model.ts';
import { ServiceSection } from './service-section.tsx';

/** Sections drawn at first, and with each step: a fleet may have a thousand services. */
const step = 40;

interface ServicesProps {
  readonly isHeard: boolean;
  readonly model: Model;
  readonly address: Address;
  readonly nowMs: number;
  readonly onFilters: (filters: Filters) => void;
  readonly onLook: (place: Place | undefined) => void;
}

/** What fits the filters, a section for each service. */
export function Services({ isHeard, model, address, nowMs, onFilters, onLook }: ServicesProps) {
  const { filters, place } = address;
  const [count, setCount] = useState(step);
  const fitting = useMemo(() => servicesShown(model, filters), [model, filters]);
  const drawn = sectionsDrawn(fitting, count, place);
  const left = fitting.length - drawn.length;
  return (
    <>
      <FilterBar
        filters={filters}
        services={[...model.services.keys()]}
        drawn={drawn.length}
        onChange={onFilters}
      />
      {drawn.map((service) => (
        <ServiceSection
          key={service.service}
          service={service}
          filters={filters}
          place={place?.service === service.service ? place : undefined}
          nowMs={nowMs}
          onLook={onLook}
        />
      ))}
      {left > 0 && (
        <p class="more">
          <button type="button" class="quiet" onClick={() => setCount(count + step)}>
            Show {Math.min(step, left)} more
          </button>{' '}
          {drawn.length} of {fitting.length} services that fit are shown.
        </p>
      )}
      {drawn.length === 0 && (
        <Nothing isHeard={isHeard} model={model} onClear={() => onFilters(noFilters)} />
      )}
    </>
  );
}

/** Why there is nothing to show. */
function Nothing(props: {
  readonly isHeard: boolean;
  readonly model: Model;
  readonly onClear: () => void;
}) {
  const { isHeard, model, onClear } = props;
  if (!isHeard) return <p class="waiting">Asking the server&hellip;</p>;
  if (model.services.size === 0) {
    return (
      <p class="remark">
        {model.fleet.root === ''
          ? 'Nothing was read from ZooKeeper yet.'
          : `There is no service below ${model.fleet.root}. Agents make their znodes when they start.`}
      </p>
    );
  }
  return (
    <p class="remark">
      Nothing fits these filters.{' '}
      <button type="button" class="link" onClick={onClear}>
        Show everything
      </button>
    </p>
  );
}
