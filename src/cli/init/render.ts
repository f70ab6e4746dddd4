import type { Answers } from './answers.ts';

/** Writes a configuration with comments. @param schema the path of the JSON Schema; undefined: it is not there. */
export function configText(answers: Answers, schema: string | undefined): string {
  const { zookeeper, service, vips, check, localAs } = answers;
  const members = [...new Set(vips.map(({ owner }) => owner))];
  return `${schema === undefined ? '' : `# yaml-language-server: $schema=${schema}\n`}# The same file on every LB. Every key is explained in docs/configuration.md; \`vipkeeper check -f\` judges a changed file.

# The host name of each LB is its member id.
member: \${HOSTNAME}

zookeeper:
  hosts: ${hostsText(zookeeper)}
  # A dead LB's VIPs move after this long, unless routers hold a standby.
  sessionTimeout: 6s
  # auth: { digest: "\${file:/run/secrets/zookeeper}" }

# A hung ExaBGP is noticed before routers drop its routes, which with hold-time 9 they may do after 6 s.
exabgp: { stallAfter: 3s }

# A restarted agent goes on with the session of the one before it.
stateDir: /run/vipkeeper

${localAs === '' ? '# bgp: { localAs: 65000 }\n' : `bgp: { localAs: ${localAs} }\n`}
# A typing error must not announce somebody else's address.
allowed: ${listText(vips.map(({ vip }) => vip))}

services:
  ${service}:
    members: ${listText(members)}
    # Who is authoritative for which VIP.
    vips:
${vips.map(({ vip, owner }) => `      ${JSON.stringify(vip)}: ${JSON.stringify(owner)}\n`).join('')}    checks:
      - ${checkText(check)}
        interval: 5s
        fastInterval: 1s
        timeout: 2s
        rise: 3
        fall: 3
    announce:${nextHopComment(answers)}
      owner: { med: 100 }
      backup: { med: 200 }
      # Routers hold a second path, and move to it without waiting for ZooKeeper when an LB dies.
      # To prepend, bgp.localAs must be set.
      ${localAs === '' ? '# ' : ''}standby: { asPathPrepend: 3, prependPerRank: 1 }
    # When an LB leaves: the longest wait for another one.
    drain: { timeout: 30s }
`;
}

/** ExaBGP has no IPv6 next-hop of its own on a session over IPv4, and 4.x drops the route without a word. */
function nextHopComment({ vips, neighbors }: Answers): string {
  const isIpv4Only = neighbors.length > 0 && neighbors.every((address) => !address.includes(':'));
  const hasIpv6 = vips.some(({ vip }) => vip.includes(':'));
  return isIpv4Only && hasIpv6
    ? `
      # All sessions are over IPv4: for the IPv6 VIPs each role needs nextHop: { ipv4: self, ipv6: THIS-LB'S-ADDRESS },
      # or add a neighbor over IPv6.`
    : '';
}

/** A chroot goes with the whole text alone. */
function hostsText(zookeeper: string): string {
  if (zookeeper.includes('/')) return JSON.stringify(zookeeper);
  return listText(zookeeper.split(',').map((host) => host.trim()));
}

function listText(texts: readonly string[]): string {
  return `[${texts.map((text) => JSON.stringify(text)).join(', ')}]`;
}

function checkText(check: string): string {
  const kind = /^https?:\/\//.test(check) ? 'http' : /^\S+:\d+$/.test(check) ? 'tcp' : 'exec';
  return `${kind}: ${JSON.stringify(check)}`;
}

export interface SnippetOptions {
  /** The program as ExaBGP is to run it. */
  readonly program: string;
  /** The configuration, in full. */
  readonly file: string;
  /** Of ExaBGP; undefined: 4, of which most others take the form. */
  readonly version: string | undefined;
}

/** What belongs into ExaBGP's configuration of that version. What was left open stands in capital letters. */
export function exabgpText(answers: Answers, { program, file, version }: SnippetOptions): string {
  const command = `${program} run -f ${file}`;
  const isOld = version?.startsWith('3.4') === true;
  const blocks = neighborsOf(answers).map((address) => neighborText(answers, address, isOld));
  if (!isOld)
    return `process vipkeeper {\n  run ${command};\n  encoder json;\n}\n${blocks.join('')}`;
  const group = `process vipkeeper {\n  run "${command}";\n  encoder json;\n  neighbor-changes;\n}\n${blocks.join('')}`;
  return `group lbs {\n${group.replace(/^(?=.)/gm, '  ')}}\n`;
}

/** What stands for an answer that was not given. */
const openPlaces = {
  neighbor: 'ROUTER',
  own: 'ADDRESS-OF-THIS-LB',
  routerId: 'ROUTER-ID',
  localAs: 'AS-OF-THE-LBS',
  peerAs: 'AS-OF-THE-ROUTERS',
} as const;

/** Those of them that a text has, with what is to be written there. */
export function leftOpen(text: string): readonly string[] {
  const meanings: Readonly<Record<string, string>> = {
    [openPlaces.neighbor]: 'the address of a router; one such block for each',
    [openPlaces.own]: 'the address of this LB that the session starts from',
    [openPlaces.routerId]: 'an IPv4 address of this LB, or any that is unique',
    [openPlaces.localAs]: 'the AS number of the LBs',
    [openPlaces.peerAs]: 'the AS number of the routers',
  };
  return Object.entries(meanings)
    .filter(([place]) => text.split(/[\s;]/).includes(place))
    .map(([place, meaning]) => `${place}: ${meaning}`);
}

function neighborsOf({ neighbors }: Answers): readonly string[] {
  return neighbors.length === 0 ? [openPlaces.neighbor] : neighbors;
}

/** Where there are routers of both families, each gets the VIPs of its own: next-hop self is of the session's. */
function familiesOf({ vips, neighbors }: Answers, isIpv6: boolean): readonly string[] {
  const hasBoth = ['ipv4', 'ipv6'].every((family) =>
    neighbors.some((address) => familyOf(address) === family),
  );
  return ['ipv4', 'ipv6']
    .filter((family) => vips.some(({ vip }) => familyOf(vip) === family))
    .filter((family) => !hasBoth || isIpv6 === (family === 'ipv6'));
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return address.includes(':') ? 'ipv6' : 'ipv4';
}

function neighborText(answers: Answers, address: string, isOld: boolean): string {
  const { localAddress, localAs, peerAs } = answers;
  const isIpv6 = (address === openPlaces.neighbor ? localAddress : address).includes(':');
  const isOurs = localAddress !== '' && localAddress.includes(':') === isIpv6;
  const own = isOurs ? localAddress : openPlaces.own;
  const isId = localAddress !== '' && !localAddress.includes(':');
  const routerId = isId ? localAddress : isIpv6 ? openPlaces.routerId : own;
  const families = familiesOf(answers, isIpv6).map((family) => `${family} unicast;`);
  const lines = [
    `router-id ${routerId};`,
    `local-address ${own};`,
    `local-as ${localAs || openPlaces.localAs};`,
    `peer-as ${peerAs || openPlaces.peerAs};`,
    'hold-time 9;',
    'family {',
    ...families.map((family) => `  ${family}`),
    '}',
    ...(isOld ? [] : ['api {', '  processes [ vipkeeper ];', '  neighbor-changes;', '}']),
  ];
  return `neighbor ${address} {\n${lines.map((line) => `  ${line}\n`).join('')}}\n`;
}
