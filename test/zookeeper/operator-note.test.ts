import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseDrainData } from '../../src/zookeeper/drain-data.ts';
import { encodeNote, parseMaintenanceData } from '../../src/zookeeper/operator-note.ts';

const nothing = { who: undefined, reason: undefined, sinceMs: undefined };
const sinceMs = Date.UTC(2026, 10, 21, 18);
const note = { who: 'jd@bastion', reason: 'disk swap', sinceMs, expiresMs: sinceMs + 3_600_000 };

test('is written as a drain that agents understand in full', () => {
  const data = encodeNote(note);
  expect(JSON.parse(data.toString())).toEqual({
    version: 1,
    who: 'jd@bastion',
    reason: 'disk swap',
    since: '2026-11-21T18:00:00Z',
    expires: '2026-11-21T19:00:00Z',
  });
  expect(parseDrainData(data)).toEqual({ ...note, mistake: undefined });
});

test('has its end, however long its texts are', () => {
  const long = 'x'.repeat(70_000);
  const { reason, who, expiresMs } = parseDrainData(
    encodeNote({ ...note, reason: long, who: long }),
  );
  expect([reason?.length, who?.length, expiresMs]).toEqual([200, 200, note.expiresMs]);
});

test('leaves out what is not known', () => {
  expect(encodeNote({ ...nothing, expiresMs: undefined }).toString()).toBe('{"version":1}');
});

test('is read from a maintenance as it was written', () => {
  const { expiresMs: _, ...read } = note;
  expect(parseMaintenanceData(encodeNote(note))).toEqual(read);
});

test.each([
  ['', nothing],
  ['J. Doe, disk swap, until 22:00', { ...nothing, reason: 'J. Doe, disk swap, until 22:00' }],
  ['{"who":"jd"', { ...nothing, reason: '{"who":"jd"' }],
  ['[1]', { ...nothing, reason: '[1]' }],
  ['{"who":7,"since":"noon"}', nothing],
  ['{"who":"a\\nb"}', { ...nothing, who: 'a?b' }],
  ['a\nb\u001b[2J', { ...nothing, reason: 'a?b?[2J' }],
])('takes any data of a maintenance: %j', (text, expected) => {
  expect(parseMaintenanceData(Buffer.from(text))).toEqual(expected);
});

test('never throws, and shows at most 200 characters', () => {
  expect(parseMaintenanceData(undefined)).toEqual(nothing);
  expect(parseMaintenanceData(Buffer.alloc(100_000, 'x')).reason).toHaveLength(200);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      expect(parseMaintenanceData(Buffer.from(bytes))).toHaveProperty('who');
    }),
  );
});
