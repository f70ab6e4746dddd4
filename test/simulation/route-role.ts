import type { Role } from '../../src/core/ownership.ts';
import type { Attributes } from '../../src/core/route.ts';

/** The MED that each role starts from in every simulated fleet, so that a route tells what it was announced as. */
export const medOfRole: Readonly<Record<Role, number>> = {
  owner: 100,
  backup: 200,
  standby: 300,
  drain: 400,
  disabled: 500,
  down: 1_000,
};

/** What a route was announced as; ranks add less than a hundred to its MED. */
export function roleOfRoute(attributes: Attributes): Role {
  const med = Number(attributes.med);
  const base = Math.floor(med / 100) * 100;
  const found = (Object.keys(medOfRole) as Role[]).find((role) => medOfRole[role] === base);
  if (found === undefined) throw new Error(`no role has MED ${med}`);
  return found;
}

/** Whether a route is there to be used, not only to be the next best beside another member's. */
export function isServingRoute(attributes: Attributes): boolean {
  const role = roleOfRoute(attributes);
  return role !== 'standby' && role !== 'disabled';
}

/** The lower, the better, to a router in another AS: the shorter path first, and then the MED. */
export function costOfRoute({ asPath, med }: Attributes): number {
  return (asPath?.length ?? 1) * 1e6 + Number(med);
}
