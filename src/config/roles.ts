import { nextHopSelf, parseMed, type RoleAttributes } from '../core/route.ts';
import type { ServiceSettings } from '../core/settings.ts';
import type { AttributesFile, ServiceFile } from './service-schema.ts';

/** MED unless set: of an owner and a backup what ExaZK announces; without one a standby would be preferred to them. */
const defaultMed = { owner: parseMed(100), backup: parseMed(200), standby: parseMed(200) } as const;

/** What each role of a service announces. */
export function announceOf(service: ServiceFile): ServiceSettings['announce'] {
  const { announce } = service;
  const { timeout: _timeout, ...drain } = service.drain;
  const toRole = (written: AttributesFile): RoleAttributes => ({
    ...attributesOf(written),
    ...(announce.neighbors !== undefined && { neighbors: [...new Set(announce.neighbors)].sort() }),
  });
  const optional = (written: AttributesFile | undefined) =>
    written === undefined ? undefined : toRole(written);
  const owner = { med: defaultMed.owner, ...announce.owner };
  const isChangedByDrain = Object.keys(drain).length > 0;
  return {
    owner: toRole(owner),
    backup: toRole({ med: defaultMed.backup, ...announce.backup }),
    standby: optional(announce.standby && { med: defaultMed.standby, ...announce.standby }),
    down: optional(announce.down),
    disabled: optional(announce.disabled),
    drain: isChangedByDrain ? toRole({ ...owner, ...drain }) : undefined,
  };
}

/** The attributes of a role with the next hop filled in. */
export function attributesOf(written: AttributesFile): RoleAttributes {
  const { nextHop = nextHopSelf, pathInformation, ...rest } = written;
  return {
    ...withoutAbsent(rest),
    nextHop:
      typeof nextHop === 'string'
        ? nextHop
        : { ipv4: nextHop.ipv4 ?? nextHopSelf, ipv6: nextHop.ipv6 ?? nextHopSelf },
    ...(pathInformation !== undefined && { pathId: pathInformation }),
  };
}

type Present<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** A key that is there and undefined is another thing than none. */
function withoutAbsent<T extends object>(value: T): Present<T> {
  return Object.fromEntries(
    Object.entries(value).filter(([, entry]) => entry !== undefined),
  ) as Present<T>;
}

/** The defaults of ExaZK's owner and backup. */
export const exazkAnnounce: ServiceSettings['announce'] = {
  owner: attributesOf({ med: defaultMed.owner }),
  backup: attributesOf({ med: defaultMed.backup }),
  down: undefined,
};
