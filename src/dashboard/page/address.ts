import type { Place } from '../why.ts';
import { type Filters, filtersOf, queryOf } from './filters.ts';

/** What the page's URL says: filters, and the place somebody looks at. */
export interface Address {
  readonly filters: Filters;
  readonly place: Place | undefined;
}

/** Reads a URL's query. Pure. */
export function addressOf(search: string): Address {
  const query = new URLSearchParams(search);
  const [service, vip = '', member = ''] = query.getAll('at');
  return {
    filters: filtersOf(query),
    place:
      service === undefined
        ? undefined
        : { service, ...(vip !== '' && { vip }), ...(member !== '' && { member }) },
  };
}

/** Writes it; empty when there is nothing to say. Pure. */
export function searchOf({ filters, place }: Address): string {
  const query = queryOf(filters);
  if (place !== undefined) {
    for (const name of [place.service, place.vip ?? '', place.member ?? ''])
      query.append('at', name);
  }
  const text = query.toString();
  return text === '' ? '' : `?${text}`;
}

/** Whether two places are the same. Pure. */
export function isSamePlace(one: Place | undefined, other: Place | undefined): boolean {
  return (
    one?.service === other?.service && one?.vip === other?.vip && one?.member === other?.member
  );
}
