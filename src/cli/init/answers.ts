import { asn } from '../../config/route-values.ts';
import { readServers } from '../../config/servers.ts';
import { isComplaint, memberId } from '../../config/values.ts';
import { isVip, parseHostAddress, parseVip } from '../../core/vip.ts';

/** What `init` has to know. Empty lists and texts: it is not to be in the file. */
export interface Answers {
  readonly zookeeper: string;
  readonly service: string;
  readonly vips: readonly { readonly vip: string; readonly owner: string }[];
  readonly check: string;
  readonly localAs: string;
  readonly localAddress: string;
  readonly neighbors: readonly string[];
  readonly peerAs: string;
}

/** One of them: how it is asked for, and how it is read. */
export interface Question<Key extends keyof Answers> {
  readonly key: Key;
  readonly text: string;
  /** Taken for an empty answer, and where nobody is asked; undefined: there is none. */
  readonly preset: string | undefined;
  /** A text in an answer's place says what is wrong with it. */
  read(text: string): { readonly value: Answers[Key] } | string;
}

const words = (text: string) => text.split(/[\s,]+/).filter((word) => word !== '');

function question<Key extends keyof Answers>(made: Question<Key>): Question<Key> {
  return made;
}

function number(text: string): { readonly value: string } | string {
  const parsed = text === '' ? 0 : asn(text);
  return isComplaint(parsed) ? `expected ${parsed.expected}` : { value: text };
}

/** In the order in which they are asked. */
export const questions = [
  question({
    key: 'zookeeper',
    text: 'ZooKeeper servers',
    preset: 'zk1:2181,zk2:2181,zk3:2181',
    read(text) {
      const [finding] = readServers(text, []).findings;
      return finding === undefined ? { value: text } : `expected ${finding.expected}`;
    },
  }),
  question({
    key: 'service',
    text: 'name of the service',
    preset: 'apex',
    read(text) {
      const name = memberId(text);
      return isComplaint(name)
        ? 'expected a name as apex: letters, digits, . _ -'
        : { value: text };
    },
  }),
  question({
    key: 'vips',
    text: 'its VIPs with their owners, as 10.20.255.1=lb1 10.20.255.2=lb2',
    preset: undefined,
    read: readVips,
  }),
  question({
    key: 'check',
    text: 'what tells that it works: a URL, HOST:PORT, or a command',
    preset: 'http://127.0.0.1/healthcheck',
    read: (text) => ({ value: text }),
  }),
  question({
    key: 'localAs',
    text: 'AS number of the LBs (empty: as ExaBGP tells it)',
    preset: '',
    read: number,
  }),
  question({
    key: 'neighbors',
    text: 'addresses of the routers (empty: left open)',
    preset: '',
    read(text) {
      const wrong = words(text).find((word) => parseHostAddress(word) === undefined);
      return wrong === undefined ? { value: words(text) } : `expected addresses, found ${wrong}`;
    },
  }),
  question({
    key: 'peerAs',
    text: 'AS number of the routers (empty: left open)',
    preset: '',
    read: number,
  }),
  question({
    key: 'localAddress',
    text: "this LB's address towards them (empty: left open)",
    preset: '',
    read: (text) =>
      text === '' || parseHostAddress(text) !== undefined ? { value: text } : 'expected an address',
  }),
] as const;

function readVips(text: string): { readonly value: Answers['vips'] } | string {
  const pairs = words(text).map((word) => word.split('='));
  if (pairs.length === 0) return 'expected at least one VIP, as 10.20.255.1=lb1';
  for (const [vip = '', owner = ''] of pairs) {
    if (!isVip(parseVip(vip)))
      return `expected an address or a network, found ${JSON.stringify(vip)}`;
    if (isComplaint(memberId(owner)))
      return `expected the name of an LB behind ${vip}=, found ${JSON.stringify(owner)}`;
  }
  return { value: pairs.map(([vip = '', owner = '']) => ({ vip, owner })) };
}
