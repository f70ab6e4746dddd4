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
    announce:
      owner: { med: 100 }
      backup: { med: 200 }
      # Routers hold a second path, and move to it without waiting for ZooKeeper when an LB dies.
      # To prepend, bgp.localAs must be set.
      ${localAs === '' ? '# ' : ''}standby: { asPathPrepend: 3, prependPerRank: 1 }
    # When an LB leaves: the longest wait for another one.
    drain: { timeout: 30s }
`;
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
  const neighbors = answers.neighbors.length === 0 ? ['ROUTER'] : answers.neighbors;
  const isOld = version?.startsWith('3.4') === true;
  const blocks = neighbors.map((address) => neighborText(answers, address, isOld));
  if (!isOld)
    return `process vipkeeper {\n  run ${command};\n  encoder json;\n}\n${blocks.join('')}`;
  const group = `process vipkeeper {\n  run "${command}";\n  encoder json;\n  neighbor-changes;\n}\n${blocks.join('')}`;
  return `group lbs {\n${group.replace(/^(?=.)/gm, '  ')}}\n`;
}

function neighborText(answers: Answers, address: string, isOld: boolean): string {
  const { vips, localAddress, localAs, peerAs } = answers;
  const own = localAddress || 'ADDRESS-OF-THIS-LB';
  const families = [
    ...(vips.some(({ vip }) => !vip.includes(':')) ? ['ipv4 unicast;'] : []),
    ...(vips.some(({ vip }) => vip.includes(':')) ? ['ipv6 unicast;'] : []),
  ];
  const lines = [
    `router-id ${own.includes(':') ? 'ROUTER-ID' : own};`,
    `local-address ${own};`,
    `local-as ${localAs || 'AS-OF-THE-LBS'};`,
    `peer-as ${peerAs || 'AS-OF-THE-ROUTERS'};`,
    'hold-time 9;',
    'family {',
    ...families.map((family) => `  ${family}`),
    '}',
    ...(isOld ? [] : ['api {', '  processes [ vipkeeper ];', '  neighbor-changes;', '}']),
  ];
  return `neighbor ${address} {\n${lines.map((line) => `  ${line}\n`).join('')}}\n`;
}
