import * as z from 'zod/mini';
import { path } from './check-values.ts';
import { checkSchema, healthSchema } from './checks.ts';

import {
  asn,
  community,
  extendedCommunity,
  largeCommunity,
  localPreference,
  med,
  neighbor,
  nextHop,
  nextHopOf,
  pathInformation,
} from './route-values.ts';
import { day, hour, minute, scalar, second, time } from './scalar.ts';
import { integer, memberId, oneOf, wordOr, znodePath } from './values.ts';

/** Keeps an UPDATE with all there is far below BGP's 4096 bytes: ExaBGP says yes to larger ones, and then flaps. */
const listMax = 50;

const list = <T extends z.ZodMiniType>(element: T, least = 0) =>
  z.array(element).check(z.minLength(least), z.maxLength(listMax));

const count = (least: number, most: number) => scalar(integer(least, most), 'a number');

/** The attributes of a role; VIPs, ranks and our AS make a route's attributes of them. */
const attributes = {
  nextHop: z.optional(
    z.union([
      z.strictObject({
        ipv4: z.optional(scalar(nextHopOf('IPv4'), 'self or an IPv4 address')),
        ipv6: z.optional(scalar(nextHopOf('IPv6'), 'self or an IPv6 address')),
      }),
      scalar(nextHop, 'self, an address, or a mapping of ipv4 and ipv6'),
    ]),
  ),
  med: z.optional(scalar(med, 'a MED')),
  medPerVip: z.optional(scalar(med, 'what is added to the MED')),
  medPerRank: z.optional(scalar(med, 'what is added to the MED')),
  localPreference: z.optional(scalar(localPreference, 'a local preference')),
  asPath: z.optional(list(scalar(asn, 'an AS number'), 1)),
  asPathPrepend: z.optional(count(0, 20)),
  prependPerRank: z.optional(count(0, 10)),
  communities: z.optional(list(scalar(community, 'a community'))),
  largeCommunities: z.optional(list(scalar(largeCommunity, 'a large community'))),
  extendedCommunities: z.optional(list(scalar(extendedCommunity, 'an extended community'))),
  pathInformation: z.optional(scalar(pathInformation, 'a path identifier')),
};

const role = z.strictObject(attributes);

const damping = z.union([
  z.strictObject({
    falls: z._default(count(1, 100), 3),
    halfLife: z._default(time(second, day), minute),
    max: z._default(time(second, day), 10 * minute),
  }),
  scalar(oneOf(['off']), 'off, or a mapping of falls, halfLife and max'),
]);

/** An address or prefix; VIPs are judged elsewhere, all at once. */
export const vipText = scalar((text) => text, 'a VIP');

/** One service as written, durations in milliseconds, defaults filled in. */
export const serviceSchema = z.strictObject({
  members: z.optional(z.array(scalar(memberId, 'a member id'))),
  vips: z.optional(z.record(z.string(), scalar(memberId, 'the member id of its owner'))),
  owns: z.optional(z.array(vipText)),
  others: z.optional(z.array(vipText)),
  checks: z._default(z.array(checkSchema), []),
  health: z._default(healthSchema, 'all'),
  disable: z.optional(scalar(path, 'the path of a file')),
  announce: z.prefault(
    z.strictObject({
      startIndex: z._default(count(0, 10_000), 0),
      neighbors: z.optional(list(scalar(neighbor, 'the address of a neighbor'), 1)),
      owner: z.prefault(role, {}),
      backup: z.prefault(role, {}),
      standby: z.optional(role),
      down: z.optional(role),
      disabled: z.optional(role),
    }),
    {},
  ),
  takeover: z.prefault(
    z.strictObject({
      backups: z._default(scalar(wordOr('all', integer(1, 1000)), 'all or a number'), 'all'),
      delay: z._default(time(0, hour), 0),
      release: z._default(time(0, hour), 2 * second),
      settle: z._default(time(0, hour), 3 * second),
      damping: z.prefault(damping, {}),
    }),
    {},
  ),
  drain: z.prefault(
    z.strictObject({ timeout: z._default(time(0, day), 30 * second), ...attributes }),
    {},
  ),
  paths: z.prefault(
    z.strictObject({
      claims: z.optional(scalar(znodePath, 'a znode path')),
      maintenance: z.optional(scalar(znodePath, 'a znode path')),
    }),
    {},
  ),
});

/** What {@link serviceSchema} makes of a service. */
export type ServiceFile = z.output<typeof serviceSchema>;
/** The attributes of a role as written. */
export type AttributesFile = ServiceFile['announce']['owner'];
