import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseDrainData } from '../../src/zookeeper/drain-data.ts';

const parse = (text: string) => parseDrainData(Buffer.from(text));
const nothing = { who: undefined, reason: undefined, expiresMs: undefined, mistake: undefined };
const expires = '2026-11-21T18:00:00Z';
const expiresMs = Date.UTC(2026, 10, 21, 18);

test('reads who, why and until when', () => {
  const data = { version: 1, reason: 'disk swap', who: 'jd', expires };
  expect(parse(JSON.stringify(data))).toEqual({
    who: 'jd',
    reason: 'disk swap',
    expiresMs,
    mistake: undefined,
  });
});

test.each([
  ['', nothing],
  ['{}', nothing],
  [`{"expires":"${expires}"}`, { ...nothing, expiresMs }],
  ['{"who":" ","reason":""}', nothing],
])('needs none of it: %j', (text, expected) => {
  expect(parse(text)).toEqual(expected);
  expect(parseDrainData(undefined)).toEqual(nothing);
});

test.each([
  ['until 18:00', 'data is unreadable (not JSON)'],
  ['[]', 'data is unreadable (not a JSON object)'],
  [`{"version":2,"expires":"${expires}"}`, 'data is unreadable (not in format version 1)'],
  ['{"expires":"18:00"}', 'expires is not a time as 2026-11-21T18:00:00Z'],
  ['{"expires":1795284000}', 'expires is not a time as 2026-11-21T18:00:00Z'],
  [' '.repeat(65_537), 'data is unreadable (over 65536 bytes)'],
])('leaves a drain without end, and says so: %j', (text, mistake) => {
  expect(parse(text.slice(0))).toEqual({ ...nothing, mistake });
});

test('takes what it understands beside what it does not', () => {
  expect(parse(`{"expire":"${expires}","who":"jd"}`)).toEqual({
    ...nothing,
    who: 'jd',
    mistake: 'unknown key expire',
  });
  expect(parse(`{"expires":"${expires}","reason":7}`)).toEqual({
    ...nothing,
    expiresMs,
    mistake: 'reason and who are to be texts',
  });
});

test('lets no text from outside break or turn a log line', () => {
  expect(parse('{"who":"a\\nb\\u001b[2J\\u202e","reason":"Müller: größer"}')).toMatchObject({
    who: 'a?b?[2J?',
    reason: 'Müller: größer',
  });
  expect(parse(JSON.stringify({ reason: 'x'.repeat(5_000) })).reason).toHaveLength(200);
});

test('never throws', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      expect(parse(text)).toHaveProperty('mistake');
    }),
  );
});
