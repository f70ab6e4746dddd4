import { few } from './few.ts';
import type { Found, PlainService } from './fleet-problems.ts';
import type { MemberView } from './fleet-view.ts';
import type { StatusRecord } from './status-record.ts';

/** What present members do not have in common though they should. */
export function configProblems({ service, members }: PlainService): readonly Found[] {
  const known = members.flatMap(({ member, presence, status }) =>
    presence === 'present' && status !== undefined ? [{ member, status }] : [],
  );
  return [
    ...unevenVips(known),
    ...differing('config', service, 'runs on different configurations', known, hashOf),
    ...differing('version', service, 'runs on different versions', known, versionOf),
  ];
}

interface Known {
  readonly member: MemberView['member'];
  readonly status: StatusRecord;
}

const hashOf = ({ config }: StatusRecord) => config.hash;
const versionOf = ({ version }: StatusRecord) => version;

function differing(
  kind: 'config' | 'version',
  service: string,
  what: string,
  known: readonly Known[],
  partOf: (status: StatusRecord) => string,
): readonly Found[] {
  const groups = groupBy(known, ({ status }) => partOf(status));
  if (groups.size < 2) return [];
  const texts = [...groups].map(
    ([value, group]) => `${value} at ${few(group.map(({ member }) => member))}`,
  );
  return [[kind, service, `${what}: ${texts.join('; ')}`]];
}

/** VIPs that the same members lack are told together. A record that was cut may lack anything. */
function unevenVips(known: readonly Known[]): readonly Found[] {
  const whole = known.filter(({ status }) => status.isCut === undefined);
  const vips = [...new Set(whole.flatMap(({ status }) => Object.keys(status.vips)))];
  const lacking = vips.map((vip) => ({
    vip,
    by: whole.filter(({ status }) => status.vips[vip] === undefined).map(({ member }) => member),
  }));
  const groups = groupBy(
    lacking.filter(({ by }) => by.length > 0),
    ({ by }) => by.join(),
  );
  return [...groups.values()].flatMap((group): readonly Found[] => {
    const [first, ...rest] = group;
    if (first === undefined) return [];
    const besides = rest.length === 0 ? '' : `, as are ${few(rest.map(({ vip }) => vip))}`;
    const others = whole.length - first.by.length;
    const where = `${others === 1 ? '1 member' : `${others} members`}, and not at ${few(first.by)}`;
    return [['unevenVips', first.vip, `is configured at ${where}${besides}`]];
  });
}

function groupBy<Item>(
  items: readonly Item[],
  keyOf: (item: Item) => string,
): ReadonlyMap<string, readonly Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}
