import * as z from 'zod/mini';
import { listenAddress } from './listen.ts';
import type { ConfigPath } from './problem.ts';
import { asn } from './route-values.ts';
import { day, hour, minute, scalar, second, time } from './scalar.ts';
import { serviceSchema, vipText } from './service-schema.ts';
import {
  account,
  aclIdentity,
  addressLabel,
  boolean,
  command,
  digest,
  directory,
  duration,
  facility,
  integer,
  interfaceName,
  memberId,
  oneOf,
  requiredNeighbors,
  serverName,
  wordOr,
  znodePrefix,
} from './values.ts';

const lossPolicy = oneOf(['freeze', 'own', 'all', 'withdraw']);

const file = scalar((text) => text, 'the path of a PEM file');

const shellCommand = z.optional(scalar(command, 'a shell command'));

/** How the members agree; with every default where nothing is written but `{}`. */
export const zookeeperSchema = z.strictObject({
  // A list or one connect string: read in servers.ts.
  hosts: z.unknown(),
  root: z._default(scalar(znodePrefix, 'a znode path'), '/exabgp'),
  chroot: z.optional(scalar(znodePrefix, 'a znode path')),
  sessionTimeout: z._default(time(2 * second, minute), 6 * second),
  auth: z.optional(z.strictObject({ digest: scalar(digest, 'user:password') })),
  acl: z.prefault(
    z.strictObject({
      readers: z._default(
        scalar(oneOf(['everybody', 'members']), 'everybody or members'),
        'everybody',
      ),
      operators: z._default(z.array(scalar(aclIdentity, 'an identity')), []),
    }),
    {},
  ),
  // The files are read in tls.ts.
  tls: z.optional(
    z.strictObject({
      ca: z.optional(file),
      cert: z.optional(file),
      key: z.optional(file),
      passphrase: z.optional(scalar((text) => text, 'a passphrase')),
      serverName: z.optional(scalar(serverName, 'a host name')),
    }),
  ),
  onCoordinationLoss: z._default(scalar(lossPolicy, 'a policy'), 'freeze'),
  coldStart: z.prefault(
    z.strictObject({
      after: z._default(scalar(wordOr('never', duration(0, day)), 'a duration or never'), 'never'),
      policy: z._default(scalar(lossPolicy, 'a policy'), 'own'),
    }),
    {},
  ),
});

/** The file as written, durations in milliseconds, defaults filled in. VIPs are judged elsewhere, all at once. */
export const fileSchema = z.strictObject({
  member: z.optional(scalar(memberId, 'a member id')),
  // Absent: there is nobody to agree with.
  zookeeper: z.optional(zookeeperSchema),
  stateDir: z.optional(scalar(directory, 'a directory')),
  exabgp: z.prefault(
    z.strictObject({
      api: z._default(
        scalar(oneOf(['auto', '3.4', '4', '5', '6']), 'auto, 3.4, 4, 5 or 6'),
        'auto',
      ),
      ackTimeout: z._default(time(100, minute), 2 * second),
      stallAfter: z.optional(time(100, 10 * minute)),
      acks: z._default(scalar(oneOf(['auto', 'on', 'off']), 'auto, on or off'), 'auto'),
      refresh: z._default(scalar(wordOr('off', duration(second, day)), 'a duration or off'), 'off'),
    }),
    {},
  ),
  bgp: z.prefault(
    z.strictObject({
      require: z._default(scalar(requiredNeighbors, 'any, all, off or a number'), 'any'),
      stableFor: z._default(time(0, hour), 3 * second),
      localAs: z.optional(scalar(asn, 'an AS number')),
    }),
    {},
  ),
  allowed: z.optional(z.array(vipText)),
  maxRoutes: z.optional(scalar(integer(1, 1_000_000), 'a number')),
  listen: z.optional(scalar(listenAddress, 'an address and a port')),
  shutdown: z.prefault(z.strictObject({ timeout: z.optional(time(0, hour)) }), {}),
  reload: z._default(scalar(oneOf(['onChange', 'onSignal']), 'onChange or onSignal'), 'onChange'),
  host: z.prefault(
    z.strictObject({
      addresses: z._default(
        scalar(oneOf(['off', 'static', 'dynamic']), 'off, static or dynamic'),
        'off',
      ),
      interface: z._default(scalar(interfaceName, 'the name of an interface'), 'lo'),
      label: z.optional(scalar(addressLabel, 'a label')),
      sudo: z._default(scalar(boolean, 'true or false'), false),
    }),
    {},
  ),
  hooks: z.prefault(
    z.strictObject({
      timeout: z._default(time(50, hour), 5 * second),
      onUp: shellCommand,
      onDown: shellCommand,
      onTakeover: shellCommand,
      onRelease: shellCommand,
      onMaintenance: shellCommand,
      onDrain: shellCommand,
      onChange: shellCommand,
      onState: shellCommand,
    }),
    {},
  ),
  user: z.optional(scalar(account, 'the name of a user')),
  group: z.optional(scalar(account, 'the name of a group')),
  log: z.prefault(
    z.strictObject({
      level: z._default(scalar(oneOf(['debug', 'info', 'warn', 'error']), 'a level'), 'info'),
      silent: z._default(scalar(boolean, 'true or false'), false),
      format: z._default(scalar(oneOf(['auto', 'human', 'json']), 'auto, human or json'), 'auto'),
      syslog: z._default(scalar(wordOr('off', facility), 'a facility or off'), 'off'),
    }),
    {},
  ),
  services: z.record(z.string(), serviceSchema),
});

/** What {@link fileSchema} makes of a file. */
export type ConfigFile = z.output<typeof fileSchema>;

/** The keys a mapping at this path may have; empty where names are free or no mapping belongs. */
export function keysAt(path: ConfigPath): readonly string[] {
  let schema: unknown = fileSchema;
  for (const name of path) schema = childOf(unwrap(schema), name);
  const definition = definitionOf(unwrap(schema));
  return definition.shape === undefined ? [] : Object.keys(definition.shape);
}

interface Definition {
  readonly shape?: Readonly<Record<string, unknown>>;
  readonly valueType?: unknown;
  readonly element?: unknown;
  readonly innerType?: unknown;
  readonly options?: readonly unknown[];
}

function definitionOf(schema: unknown): Definition {
  if (!(schema instanceof z.ZodMiniType)) return {};
  const definition: object = schema._zod.def;
  return definition;
}

function unwrap(schema: unknown): unknown {
  let inner = schema;
  for (;;) {
    const { innerType, options } = definitionOf(inner);
    // Where a word or a mapping may stand, keys are those of the mapping, which comes first.
    const next = innerType ?? options?.[0];
    if (next === undefined) return inner;
    inner = next;
  }
}

function childOf(schema: unknown, name: string | number): unknown {
  const { shape, valueType, element } = definitionOf(schema);
  if (shape !== undefined) return Object.hasOwn(shape, name) ? shape[name] : undefined;
  return valueType ?? element;
}
