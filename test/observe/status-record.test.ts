import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeStatus } from '../../src/observe/status.ts';
import {
  parseStatusRecord,
  type StatusRecord,
  statusBytesMax,
} from '../../src/observe/status-record.ts';

const at = '2026-11-21T18:00:00.000Z';
const full: StatusRecord = {
  v: 1,
  member: 'lb1',
  writtenAt: at,
  startedAt: at,
  version: '0.1.0 (1f2e3d4c5b6a)',
  config: { hash: '0123456789ab', loadedAt: at, rejected: { at, why: 'member: found lb2' } },
  session: { timeoutMs: 6_000, belief: 'live' },
  exabgp: { version: '4.2.21', answers: true, isConnected: true, neighbors: { '10.0.0.1': 'up' } },
  health: 'up',
  checks: [{ name: 'exec true', verdict: 'up', since: at, detail: 'exit 0', durationMs: 3 }],
  settlesUntil: at,
  dampedUntil: at,
  leaving: 'stopping',
  vips: {
    '10.20.255.1/32': {
      owner: 'lb1',
      role: 'owner',
      reason: 'owner',
      sentence: 'announced as owner, because this member owns it',
      since: at,
      route: 'self med 100',
      rank: 0,
      refused: 'absent',
    },
  },
  moves: [
    {
      at,
      vip: '10.20.255.1/32',
      from: 'hold',
      to: 'owner',
      reason: 'owner',
      sentence: 'it is ours',
    },
  ],
  isCut: true,
};
const { rejected, ...config } = full.config;
const least: StatusRecord = {
  v: 1,
  member: 'lb1',
  writtenAt: at,
  startedAt: at,
  version: '0.1.0',
  config,
  session: { timeoutMs: 6_000, belief: 'none' },
  exabgp: { answers: false, neighbors: 'unknowable' },
  health: 'unknown',
  checks: [],
  vips: {},
  moves: [],
};

/** The same with one value replaced, by a path of keys. */
function changed(path: readonly (string | number)[], value: unknown): string {
  const copy = structuredClone(full) as unknown as Record<string | number, unknown>;
  let place = copy;
  for (const key of path.slice(0, -1)) place = place[key] as Record<string | number, unknown>;
  place[path.at(-1) ?? ''] = value;
  return JSON.stringify(copy);
}

describe('a status record', () => {
  it.each([
    ['with everything', full],
    ['with nothing that may be absent', least],
  ])('%s is read back as it was written', (_, record) => {
    expect(parseStatusRecord(Buffer.from(JSON.stringify(record)))).toEqual({
      kind: 'record',
      record,
    });
  });

  it('leaves out what was done on purpose before any VIP', () => {
    const vip = { role: 'owner', reason: 'owner', since: at, route: 'self med 100' };
    const vips = Object.fromEntries(
      Array.from({ length: 400 }, (_, index) => [
        `2001:db8::${index}/128`,
        { ...vip, sentence: '' },
      ]),
    );
    const why = 'ü'.repeat(400);
    const acts = Array.from(
      { length: 20 },
      () => ({ at, kind: 'drain', action: 'set', why }) as const,
    );
    const data = encodeStatus({ ...least, vips, acts });
    expect(data.length).toBeLessThanOrEqual(statusBytesMax);
    const content = parseStatusRecord(data);
    const read = content.kind === 'record' ? content.record : undefined;
    expect(Object.keys(read?.vips ?? {})).toHaveLength(400);
    expect(read).toMatchObject({ isCut: true });
    expect(read).not.toHaveProperty('acts');
  });

  it('may hold keys of later versions, which are ignored', () => {
    expect(parseStatusRecord(changed(['weather'], 'fine'))).toEqual({
      kind: 'record',
      record: full,
    });
  });

  it('that was cut has its sentences made by the reader, also for what this version does not know', () => {
    const vip = { since: at, route: 'absent', sentence: '' };
    const cut = {
      ...full,
      vips: {
        a: { ...vip, role: 'none', reason: 'maintenance' },
        b: { ...vip, role: 'hold', reason: 'noView' },
        c: { ...vip, role: 'twin', reason: 'eclipse' },
      },
    };
    const content = parseStatusRecord(JSON.stringify(cut));
    expect(content).toMatchObject({
      record: {
        vips: {
          a: { sentence: 'withdrawn, because the service is in maintenance' },
          b: { sentence: 'left as it is, because ZooKeeper has not been read completely yet' },
          c: { sentence: 'announced as twin, eclipse' },
        },
      },
    });
  });

  it.each<[string, string]>([
    ['', 'empty'],
    ['{', 'not JSON'],
    ['[]', 'not a JSON object'],
    [changed(['v'], 2), 'not in format version 1'],
    [changed(['member'], 7), 'member is not a text'],
    [changed(['writtenAt'], 'noon'), 'writtenAt is not a time'],
    [changed(['config', 'rejected'], 'yes'), 'config.rejected is not an object'],
    [changed(['session', 'timeoutMs'], -1), 'session.timeoutMs is not a number from 0 on'],
    [changed(['exabgp', 'answers'], 'no'), 'exabgp.answers is neither true nor false'],
    [
      changed(['exabgp', 'neighbors', '10.0.0.1'], 'idle'),
      'exabgp.neighbors.10.0.0.1 is not one of up, down',
    ],
    [changed(['checks'], {}), 'checks is not a list'],
    [changed(['checks', 0, 'verdict'], null), 'checks[0].verdict is not a text'],
    [changed(['vips', '10.20.255.1/32', 'role'], 1), 'vips.10.20.255.1/32.role is not a text'],
    [' '.repeat(65_537), 'over 65536 bytes'],
  ])('of %.40s is unreadable, and says where', (data, why) => {
    expect(parseStatusRecord(data)).toEqual({ kind: 'unreadable', why });
  });

  it('brings nothing to a terminal that steers it', () => {
    const content = parseStatusRecord(changed(['moves', 0, 'sentence'], 'gone\u001b[2J\u202e'));
    expect(content).toMatchObject({ record: { moves: [{ sentence: 'gone?[2J?' }] } });
  });

  it('is never a reason to throw', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (data) => {
        expect(['record', 'unreadable']).toContain(parseStatusRecord(data).kind);
      }),
    );
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(full)), fc.jsonValue(), (key, value) => {
        expect(['record', 'unreadable']).toContain(parseStatusRecord(changed([key], value)).kind);
      }),
    );
  });
});
