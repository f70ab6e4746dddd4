import { isZnodeName } from '../core/settings.ts';
import { familyOf, parseHostAddress } from '../core/vip.ts';
import { checkAgent } from './agent-checks.ts';
import { isMapping, valueAt } from './data.ts';
import { type ConfigPath, describeFound, type Finding, quote } from './problem.ts';
import { checkCompany, checkService } from './service-checks.ts';
import { isComplaint, memberId } from './values.ts';
import type { ListedVip } from './vips.ts';

/**
 * What no single key can tell. It reads the raw data, so that these mistakes are found even while the schema
 * still complains about others.
 */
export function crossCheck(
  data: unknown,
  listed: readonly ListedVip[],
  hostname: string,
): readonly Finding[] {
  const services = valueAt(data, ['services']);
  const names = isMapping(services) ? Object.keys(services) : [];
  return [
    ...hostnameAsMember(data, hostname),
    ...chrootTwice(data),
    ...aclOfNobody(data),
    ...checkAgent(data, listed),
    ...(isMapping(services) && names.length === 0 ? [noService()] : []),
    ...names.flatMap((name) => [
      ...serviceName(name),
      ...vipLists(data, name),
      ...ownersOutside(data, listed, name),
      ...nextHopFamily(data, listed, name),
      ...checkService(
        name,
        valueAt(data, ['services', name]),
        listed.filter(({ service }) => service === name).length,
      ),
    ]),
    ...sharedPaths(data, names),
    ...checkCompany(data, names),
  ];
}

function hostnameAsMember(data: unknown, hostname: string): readonly Finding[] {
  if (!isMapping(data) || valueAt(data, ['member']) !== undefined) return [];
  const complaint = memberId(hostname);
  if (!isComplaint(complaint)) return [];
  return [
    {
      ...complaint,
      path: ['member'],
      found: `the host name ${quote(hostname)}`,
      fix: 'set member to a short name of this LB',
    },
  ];
}

function chrootTwice(data: unknown): readonly Finding[] {
  const hosts = valueAt(data, ['zookeeper', 'hosts']);
  const chroot = valueAt(data, ['zookeeper', 'chroot']);
  if (typeof hosts !== 'string' || !hosts.includes('/') || chroot === undefined) return [];
  return [
    {
      code: 'CONFIG_CONTRADICTION',
      path: ['zookeeper', 'chroot'],
      expected: 'the chroot in one place',
      found: describeFound(chroot),
      fix: 'remove it here, or from the end of zookeeper.hosts',
    },
  ];
}

/** Without credentials nothing can be kept from anybody, us included. */
function aclOfNobody(data: unknown): readonly Finding[] {
  const path = ['zookeeper', 'acl'];
  if (valueAt(data, path) === undefined) return [];
  if (valueAt(data, ['zookeeper', 'auth']) !== undefined) return [];
  return [
    {
      code: 'CONFIG_CONTRADICTION',
      path,
      atKey: true,
      expected: 'zookeeper.auth beside it, credentials of the members',
      found: 'no auth',
      fix: 'set zookeeper.auth, or remove acl: without credentials everything is open to everybody',
    },
  ];
}

function noService(): Finding {
  return {
    code: 'CONFIG_MISSING',
    path: ['services'],
    expected: 'at least one service',
    found: 'an empty mapping',
    fix: 'add one: services: { apex: { vips: { 10.20.255.1: lb1 } } }',
  };
}

function serviceName(name: string): readonly Finding[] {
  if (isZnodeName(name) && parseHostAddress(name) === undefined) return [];
  return [
    {
      code: 'CONFIG_WRONG_VALUE',
      path: ['services', name],
      atKey: true,
      expected:
        'a service name: 1 to 63 of A-Z a-z 0-9 . _ -, starting with a letter or digit, no IP address',
      found: quote(name),
      fix: 'rename the service; its name becomes a znode',
    },
  ];
}

function vipLists(data: unknown, name: string): readonly Finding[] {
  const path = ['services', name];
  const service = valueAt(data, path);
  if (!isMapping(service)) return [];
  const count = (list: string) => {
    const value = valueAt(service, [list]);
    return value instanceof Object ? Object.keys(value).length : 0;
  };
  const hasStyle = { fleet: 'vips' in service, exazk: 'owns' in service || 'others' in service };
  if (hasStyle.fleet && hasStyle.exazk) {
    return [
      {
        code: 'CONFIG_CONTRADICTION',
        path,
        expected: 'either vips, or owns and others',
        found: 'both',
        fix: 'name all owners under vips and remove the others',
      },
    ];
  }
  if (count('vips') + count('owns') + count('others') > 0) return [];
  // A value of the wrong kind is the schema's to report.
  if (['vips', 'owns', 'others'].some((list) => isOfWrongKind(valueAt(service, [list])))) return [];
  return [
    {
      code: 'CONFIG_MISSING',
      path,
      expected: 'at least one VIP',
      found: 'none',
      fix: 'add vips: { 10.20.255.1: lb1 }',
    },
  ];
}

function isOfWrongKind(value: unknown): boolean {
  return value !== undefined && !(value instanceof Object);
}

function ownersOutside(
  data: unknown,
  listed: readonly ListedVip[],
  name: string,
): readonly Finding[] {
  const members: unknown = valueAt(data, ['services', name, 'members']);
  if (!Array.isArray(members)) return [];
  return listed.flatMap(({ service, list, path }) => {
    const owner = valueAt(data, path);
    if (service !== name || list !== 'vips' || typeof owner !== 'string') return [];
    if (members.includes(owner) || isComplaint(memberId(owner))) return [];
    return [
      {
        code: 'CONFIG_CONTRADICTION',
        path,
        expected: `one of the service's members ${members.join(', ')}`,
        found: quote(owner),
        fix: 'correct the owner, or add it to members',
      },
    ];
  });
}

/** A next-hop of the other family would make routers drop the route, or the BGP session. */
function nextHopFamily(
  data: unknown,
  listed: readonly ListedVip[],
  name: string,
): readonly Finding[] {
  const roles = ['owner', 'backup', 'standby', 'down', 'disabled'].map((role) => [
    'announce',
    role,
  ]);
  return [...roles, ['drain']].flatMap((role) => {
    const path: ConfigPath = ['services', name, ...role, 'nextHop'];
    const text = valueAt(data, path);
    const address = typeof text === 'string' ? parseHostAddress(text) : undefined;
    if (address === undefined) return [];
    const family = address.includes(':') ? 'ipv6' : 'ipv4';
    const odd = listed.find(({ service, vip }) => service === name && familyOf(vip) !== family);
    if (odd === undefined) return [];
    return [
      {
        code: 'CONFIG_CONTRADICTION' as const,
        path,
        expected: `self, or an address of the family of ${odd.text}`,
        found: quote(address),
        fix: 'use self, or name one for each family: { ipv4: 192.0.2.1, ipv6: 2001:db8::1 }',
      },
    ];
  });
}

/** Two services, or claims and maintenance, under one znode would undo each other. */
function sharedPaths(data: unknown, names: readonly string[]): readonly Finding[] {
  const rootValue = valueAt(data, ['zookeeper', 'root']) ?? '/exabgp';
  const root = rootValue === '/' ? '' : rootValue;
  const users = new Map<string, string>();
  return names.flatMap((name) =>
    (['claims', 'maintenance'] as const).flatMap((key) => {
      const path: ConfigPath = ['services', name, 'paths', key];
      const folder = key === 'claims' ? 'service' : 'maintenance';
      const znode = String(valueAt(data, path) ?? `${root}/${folder}/${name}`);
      const user = users.get(znode);
      users.set(znode, user ?? path.join('.'));
      if (user === undefined || (key === 'maintenance' && user.endsWith('.maintenance'))) return [];
      return [
        {
          code: 'CONFIG_CONTRADICTION' as const,
          path,
          expected: 'a znode of its own',
          found: `${quote(znode)}, used by ${user} too`,
          fix: 'give each its own path',
        },
      ];
    }),
  );
}
