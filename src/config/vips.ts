import { contains, isVip, parseVip, type Vip, type VipProblem } from '../core/vip.ts';
import { isMapping, textsAt, valueAt } from './data.ts';
import { type ConfigPath, type Finding, quote } from './problem.ts';

/** A VIP of a service as the file lists it. */
export interface ListedVip {
  readonly service: string;
  readonly vip: Vip;
  /** As written. */
  readonly text: string;
  readonly list: 'vips' | 'owns' | 'others';
  readonly path: ConfigPath;
}

/** Reads the VIPs of all services, in the file's order, and everything that is wrong with them. */
export function readVips(data: unknown): {
  readonly listed: readonly ListedVip[];
  readonly findings: readonly Finding[];
} {
  const findings: Finding[] = [];
  const listed: ListedVip[] = [];
  for (const entry of listedTexts(data)) {
    const vip = parseVip(entry.text);
    if (isVip(vip)) listed.push({ ...entry, vip });
    else findings.push(wrongVip(entry.text, entry.path, vip));
  }
  findings.push(...duplicates(listed), ...outsiders(data, listed));
  return { listed, findings };
}

function listedTexts(data: unknown): readonly Omit<ListedVip, 'vip'>[] {
  const services = valueAt(data, ['services']);
  if (!isMapping(services)) return [];
  return Object.keys(services).flatMap((service) => {
    const path = ['services', service];
    const vips = valueAt(data, [...path, 'vips']);
    const named = isMapping(vips) ? Object.keys(vips) : [];
    return [
      ...named.map((text) => ({
        service,
        text,
        list: 'vips' as const,
        path: [...path, 'vips', text],
      })),
      ...(['owns', 'others'] as const).flatMap((list) =>
        textsAt(data, [...path, list]).map((found) => ({ ...found, service, list })),
      ),
    ];
  });
}

/** Puts a refused address or prefix into words. */
export function wrongVip(text: string, path: ConfigPath, problem: VipProblem): Finding {
  const fixes = {
    notAnAddress: 'write an address as 10.20.255.1 or 2001:db8::1, or a network as 10.30.0.0/24',
    badLength: 'use a prefix length of 0 to 32 for IPv4, 0 to 128 for IPv6',
    hostBitsSet: 'write the network address itself, or the address without a length',
  } as const;
  const found = {
    notAnAddress: quote(text),
    badLength: `${quote(text)}, whose prefix length is none`,
    hostBitsSet: `${quote(text)}, which has bits set behind its prefix length`,
  } as const;
  return {
    code: 'CONFIG_WRONG_VALUE',
    path,
    atKey: true,
    expected: 'an IPv4 or IPv6 address or network',
    found: found[problem],
    fix: fixes[problem],
  };
}

function duplicates(listed: readonly ListedVip[]): readonly Finding[] {
  const first = new Map<Vip, ListedVip>();
  return listed.flatMap((entry) => {
    const earlier = first.get(entry.vip);
    if (earlier === undefined) {
      first.set(entry.vip, entry);
      return [];
    }
    return [
      {
        code: 'CONFIG_DUPLICATE_VIP',
        path: entry.path,
        atKey: true,
        expected: 'every VIP once, in one service',
        found: `${quote(entry.text)} again, listed before at ${earlier.path.join('.')}`,
        fix: 'remove one of the two',
      },
    ];
  });
}

/** VIPs outside of `allowed`, and prefixes in it that are none. */
function outsiders(data: unknown, listed: readonly ListedVip[]): readonly Finding[] {
  const findings: Finding[] = [];
  if (valueAt(data, ['allowed']) === undefined) return findings;
  const prefixes: Vip[] = [];
  for (const { text, path } of textsAt(data, ['allowed'])) {
    const prefix = parseVip(text);
    if (isVip(prefix)) prefixes.push(prefix);
    else findings.push(wrongVip(text, path, prefix));
  }
  // With a broken list nobody can say which VIPs are outside.
  if (findings.length > 0) return findings;
  const outside = listed.filter(({ vip }) => !prefixes.some((prefix) => contains(prefix, vip)));
  return outside.map(({ text, path }) => ({
    code: 'CONFIG_NOT_ALLOWED',
    path,
    atKey: true,
    expected: `a VIP inside ${prefixes.join(', ') || 'allowed, which is empty'}`,
    found: quote(text),
    fix: 'correct the VIP, or add its prefix to allowed',
  }));
}
