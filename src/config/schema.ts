import * as z from 'zod/mini';
import { type Complaint, type ConfigPath, describeFound } from './problem.ts';
import {
  aclIdentity,
  asn,
  boolean,
  command,
  community,
  digest,
  directory,
  duration,
  facility,
  integer,
  isComplaint,
  localPreference,
  med,
  memberId,
  nextHop,
  oneOf,
  type Parse,
  requiredNeighbors,
  serverName,
  znodePath,
  znodePrefix,
} from './values.ts';

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

const lossPolicy = oneOf(['freeze', 'own', 'all', 'withdraw']);

/** A scalar; `expected` is what is said when a mapping, a list or nothing stands in its place. */
function scalar<T>(parse: Parse<T>, expected: string) {
  return z.pipe(
    z.unknown(),
    z.transform((value, context): T => {
      const result = typeof value === 'string' ? parse(value) : wrongType(value, expected);
      if (!isComplaint(result)) return result;
      context.issues.push({ code: 'custom', input: value, params: { complaint: result } });
      return z.NEVER;
    }),
  );
}

function wrongType(value: unknown, expected: string): Complaint {
  if (value === undefined) return { code: 'CONFIG_MISSING', expected, fix: 'add it' };
  return {
    code: 'CONFIG_WRONG_TYPE',
    expected,
    found: describeFound(value),
    fix: value === null ? 'write a value, or remove the key' : 'write one value here',
  };
}

const time = (least: number, most: number) => scalar(duration(least, most), 'a duration as 5s');

/** Values a later version will widen; only what this version does is taken. */
function only<const T extends string>(word: T) {
  return scalar((text): T | Complaint => {
    if (text === word) return word;
    return {
      code: 'CONFIG_NOT_SUPPORTED',
      expected: word,
      fix: `write ${word}: other values are not supported in this version`,
    };
  }, word);
}

const attributes = z.strictObject({
  nextHop: z.optional(scalar(nextHop, 'self or an address')),
  med: z.optional(scalar(med, 'a MED')),
  localPreference: z.optional(scalar(localPreference, 'a local preference')),
  communities: z.optional(z.array(scalar(community, 'a community'))),
});

const check = z.strictObject({
  exec: scalar(command, 'a shell command'),
  interval: z._default(time(100, day), 5 * second),
  fastInterval: z._default(time(50, day), second),
  timeout: z._default(time(50, hour), 2 * second),
  rise: z._default(scalar(integer(1, 100), 'a number'), 3),
  fall: z._default(scalar(integer(1, 100), 'a number'), 3),
});

const file = scalar((text) => text, 'the path of a PEM file');

const vipText = scalar((text) => text, 'a VIP');

const service = z.strictObject({
  members: z.optional(z.array(scalar(memberId, 'a member id'))),
  vips: z.optional(z.record(z.string(), scalar(memberId, 'the member id of its owner'))),
  owns: z.optional(z.array(vipText)),
  others: z.optional(z.array(vipText)),
  checks: z._default(z.array(check), []),
  announce: z.prefault(
    z.strictObject({
      owner: z.prefault(attributes, {}),
      backup: z.prefault(attributes, {}),
      down: z.optional(attributes),
    }),
    {},
  ),
  takeover: z.prefault(
    z.strictObject({
      backups: z._default(only('all'), 'all'),
      delay: z._default(time(0, hour), 0),
      release: z._default(time(0, hour), 2 * second),
      settle: z._default(time(0, hour), 3 * second),
    }),
    {},
  ),
  drain: z.prefault(z.strictObject({ timeout: z._default(time(0, day), 30 * second) }), {}),
  paths: z.prefault(
    z.strictObject({
      claims: z.optional(scalar(znodePath, 'a znode path')),
      maintenance: z.optional(scalar(znodePath, 'a znode path')),
    }),
    {},
  ),
});

/** The file as written, durations in milliseconds, defaults filled in. VIPs are judged elsewhere, all at once. */
export const fileSchema = z.strictObject({
  member: z.optional(scalar(memberId, 'a member id')),
  zookeeper: z.strictObject({
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
        after: z._default(
          scalar<number | 'never'>(
            (text) => (text === 'never' ? text : duration(0, day)(text)),
            'a duration or never',
          ),
          'never',
        ),
        policy: z._default(scalar(lossPolicy, 'a policy'), 'own'),
      }),
      {},
    ),
  }),
  stateDir: z.optional(scalar(directory, 'a directory')),
  exabgp: z.prefault(
    z.strictObject({
      api: z._default(only('auto'), 'auto'),
      ackTimeout: z._default(time(100, minute), 2 * second),
      acks: z._default(scalar(oneOf(['auto', 'on', 'off']), 'auto, on or off'), 'auto'),
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
  log: z.prefault(
    z.strictObject({
      level: z._default(scalar(oneOf(['debug', 'info', 'warn', 'error']), 'a level'), 'info'),
      silent: z._default(scalar(boolean, 'true or false'), false),
      syslog: z._default(
        scalar((text) => (text === 'off' ? text : facility(text)), 'a facility or off'),
        'off',
      ),
    }),
    {},
  ),
  services: z.record(z.string(), service),
});

/** What {@link fileSchema} makes of a file. */
export type ConfigFile = z.output<typeof fileSchema>;
export type ServiceFile = ConfigFile['services'][string];
export type AttributesFile = ServiceFile['announce']['owner'];

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
}

function definitionOf(schema: unknown): Definition {
  if (!(schema instanceof z.ZodMiniType)) return {};
  const definition: object = schema._zod.def;
  return definition;
}

function unwrap(schema: unknown): unknown {
  let inner = schema;
  while (definitionOf(inner).innerType !== undefined) inner = definitionOf(inner).innerType;
  return inner;
}

function childOf(schema: unknown, name: string | number): unknown {
  const { shape, valueType, element } = definitionOf(schema);
  if (shape !== undefined) return Object.hasOwn(shape, name) ? shape[name] : undefined;
  return valueType ?? element;
}
