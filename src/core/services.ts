import type { ServiceName } from './settings.ts';
import type { ServiceState } from './state.ts';

/**
 * The services in configured order, found by name. Never changed in place: to replace one copies a list, which for a
 * thousand services takes a microsecond, where to copy a Map takes fifty.
 */
export class Services {
  /** In configured order. */
  readonly list: readonly ServiceState[];
  readonly #places: ReadonlyMap<ServiceName, number>;

  constructor(list: readonly ServiceState[], places?: ReadonlyMap<ServiceName, number>) {
    this.list = list;
    this.#places = places ?? new Map(list.map(({ settings }, place) => [settings.name, place]));
  }

  get(name: ServiceName): ServiceState | undefined {
    const place = this.#places.get(name);
    return place === undefined ? undefined : this.list[place];
  }

  /** With these put in the places of those of the same names; the same object when that changes nothing. */
  replace(changed: readonly ServiceState[]): Services {
    const list = [...this.list];
    for (const service of changed) {
      const place = this.#places.get(service.settings.name);
      if (place !== undefined) list[place] = service;
    }
    return this.#changedTo(list);
  }

  /** With each passed through `change`; the same object when that changes nothing. */
  map(change: (service: ServiceState) => ServiceState): Services {
    return this.#changedTo(this.list.map(change));
  }

  /** Those that are not the same objects as in `before`; all of them when `before` is of other services. */
  changedSince(before: Services): readonly ServiceState[] {
    if (before.list === this.list) return [];
    if (before.#places !== this.#places) return this.list;
    return this.list.filter((service, place) => service !== before.list[place]);
  }

  #changedTo(list: readonly ServiceState[]): Services {
    const isSame = list.every((service, place) => service === this.list[place]);
    return isSame ? this : new Services(list, this.#places);
  }
}
