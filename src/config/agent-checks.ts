import { valueAt } from './data.ts';
import { parseDuration } from './duration.ts';
import type { Finding } from './problem.ts';
import type { ListedVip } from './vips.ts';

/** What the keys outside of services say against each other, and against the number of VIPs. */
export function checkAgent(data: unknown, listed: readonly ListedVip[]): readonly Finding[] {
  return [
    ...stallBeforeAck(data),
    ...longLabel(data),
    ...rightsGivenAway(data),
    ...manyRoutes(data, listed),
  ];
}

/** ExaBGP cannot be silent before an answer is due. */
function stallBeforeAck(data: unknown): readonly Finding[] {
  const path = ['exabgp', 'stallAfter'];
  const [stallAfter, ackTimeout] = [valueAt(data, path), valueAt(data, ['exabgp', 'ackTimeout'])];
  const [stallMs, ackMs] = [stallAfter, ackTimeout ?? '2s'].map((text) =>
    typeof text === 'string' ? parseDuration(text) : undefined,
  );
  if (stallMs === undefined || ackMs === undefined || stallMs >= ackMs) return [];
  return [
    {
      code: 'CONFIG_CONTRADICTION',
      path,
      expected: `at least exabgp.ackTimeout, which is ${String(ackTimeout ?? '2s')}`,
      fix: 'raise it, or lower ackTimeout',
    },
  ];
}

/** Linux has room for 15 characters. */
function longLabel(data: unknown): readonly Finding[] {
  const path = ['host', 'label'];
  const [label, name] = [valueAt(data, path), valueAt(data, ['host', 'interface']) ?? 'lo'];
  if (typeof label !== 'string' || typeof name !== 'string') return [];
  if (name.length + 1 + label.length <= 15 || label.length > 13) return [];
  return [
    {
      code: 'CONFIG_OUT_OF_RANGE',
      path,
      expected: `at most ${Math.max(0, 14 - name.length)} characters, since ${name}:LABEL has room for 15`,
      fix: 'use a shorter label',
    },
  ];
}

/** Addresses that come and go need rights that another user does not have. */
function rightsGivenAway(data: unknown): readonly Finding[] {
  const path = ['host', 'addresses'];
  const user = valueAt(data, ['user']);
  const isKept = user === undefined || user === 'root' || user === '0';
  if (valueAt(data, path) !== 'dynamic' || isKept) return [];
  if (valueAt(data, ['host', 'sudo']) === 'true') return [];
  return [
    {
      code: 'CONFIG_CONTRADICTION',
      path,
      expected: 'static, which is set before the agent becomes another user',
      fix: 'set host.sudo: true and let that user run ip by sudo, or remove user',
    },
  ];
}

/** Each VIP may have to be announced from here. */
function manyRoutes(data: unknown, listed: readonly ListedVip[]): readonly Finding[] {
  const text = valueAt(data, ['maxRoutes']);
  const most = typeof text === 'string' && /^\d{1,9}$/.test(text) ? Number(text) : undefined;
  if (most === undefined || most < 1 || listed.length <= most) return [];
  return [
    {
      code: 'CONFIG_NOT_ALLOWED',
      path: ['maxRoutes'],
      expected: `at most ${most} VIPs in all services`,
      found: `${listed.length}`,
      fix: 'remove VIPs, or raise maxRoutes if they are meant',
    },
  ];
}
