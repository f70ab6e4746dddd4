import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { MemberReport } from '../../src/core/event.ts';
import type { Instance } from '../../src/core/instance.ts';
import type { MemberId } from '../../src/core/settings.ts';
import type { Vip } from '../../src/core/vip.ts';
import {
  dataBytesMax,
  encodeClaim,
  encodeMember,
  parseZnodeData,
} from '../../src/zookeeper/znode-data.ts';

const instance: Instance = {
  host: 'lb1',
  bootId: 'b00t',
  pid: 1,
  startTicks: 2,
  speakerPid: 3,
  speakerStartTicks: 4,
  startedMs: 5,
};
const author = { member: 'lb1' as MemberId, instance, wallMs: Date.UTC(2026, 0, 31, 12, 34, 56) };
const report: MemberReport = {
  health: 'up',
  announces: ['10.20.255.1/32' as Vip, '2001:db8::/64' as Vip],
  isLeaving: false,
};

test('reads back what it wrote', () => {
  expect(parseZnodeData(encodeClaim(author))).toEqual({
    kind: 'record',
    record: { member: 'lb1', instance, report: undefined },
  });
  expect(parseZnodeData(encodeMember(author, report))).toEqual({
    kind: 'record',
    record: { member: 'lb1', instance, report },
  });
  const contesting = { ...report, contests: report.announces };
  expect(parseZnodeData(encodeMember(author, contesting))).toEqual({
    kind: 'record',
    record: { member: 'lb1', instance, report: contesting },
  });
});

test('writes the format that docs and other tools rely on', () => {
  expect(JSON.parse(encodeMember(author, report).toString())).toEqual({
    v: 1,
    member: 'lb1',
    health: 'up',
    announces: ['10.20.255.1/32', '2001:db8::/64'],
    isLeaving: false,
    since: '2026-01-31 12:34:56 UTC',
    instance,
  });
});

test('takes no data for none, as zkCli and ExaZK leave it', () => {
  expect(parseZnodeData(undefined)).toEqual({ kind: 'empty' });
  expect(parseZnodeData(Buffer.alloc(0))).toEqual({ kind: 'empty' });
});

const good = { v: 1, member: 'lb1', instance };
test.each([
  ['not JSON', '{"v":1'],
  ['not JSON', '['.repeat(60_000)],
  ['not a JSON object', '[]'],
  ['not a JSON object', 'null'],
  ['not in format version 1', JSON.stringify({ ...good, v: 2 })],
  ['no member id', JSON.stringify({ ...good, member: '../x' })],
  ['no member id', JSON.stringify({ ...good, member: 7 })],
  ['no valid instance', JSON.stringify({ v: 1, member: 'lb1' })],
  ['no valid instance', JSON.stringify({ ...good, instance: { ...instance, pid: -1 } })],
  ['no valid instance', JSON.stringify({ ...good, instance: { ...instance, pid: '1' } })],
  ['no valid instance', JSON.stringify({ ...good, instance: { ...instance, host: 'a\nb' } })],
  ['no valid instance', JSON.stringify({ ...good, instance: { ...instance, startTicks: 0.5 } })],
  ['over 65536 bytes', ' '.repeat(65_537)],
])('finds %s', (why, text) => {
  expect(parseZnodeData(Buffer.from(text))).toEqual({ kind: 'unreadable', why });
});

test('never throws, whatever is in there', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
        fc.json().map((text) => Buffer.from(text)),
        fc.object().map((more) => Buffer.from(JSON.stringify({ ...good, ...more }))),
      ),
      (data) => {
        expect(['record', 'empty', 'unreadable']).toContain(parseZnodeData(data).kind);
      },
    ),
  );
});

test('keeps of a report only what is a VIP, in canonical text', () => {
  const announces = ['2001:DB8::1', 'banana', 7, '10.0.0.1'];
  const data = { ...good, health: 'down', announces, isLeaving: true, contests: 'all' };
  expect(parseZnodeData(Buffer.from(JSON.stringify(data)))).toMatchObject({
    record: {
      report: { health: 'down', announces: ['2001:db8::1/128', '10.0.0.1/32'], isLeaving: true },
    },
  });
});

test('tells a hundred contested VIPs at most', () => {
  const contests = Array.from(
    { length: 10_000 },
    (_, index) => `10.0.${index >> 8}.${index & 255}/32`,
  );
  const data = encodeMember(author, { ...report, contests: contests as Vip[] });
  expect(parseZnodeData(data)).toMatchObject({
    record: { report: { contests: contests.slice(0, 100) } },
  });
});

test.each([
  [{ health: 'fine', announces: [], isLeaving: false }],
  [{ health: 'up', announces: 'all', isLeaving: false }],
  [{ health: 'up', announces: [], isLeaving: 'no' }],
])('finds no report in %o', (fields) => {
  expect(parseZnodeData(Buffer.from(JSON.stringify({ ...good, ...fields })))).toMatchObject({
    kind: 'record',
    record: { report: undefined },
  });
});

test('cuts a list of VIPs that would be too much to read', () => {
  const announces = Array.from(
    { length: 5_000 },
    (_, index) => `10.0.${index >> 8}.${index & 255}/32` as Vip,
  );
  const data = encodeMember(author, { ...report, announces });
  expect(data.length).toBeLessThanOrEqual(dataBytesMax);
  const content = parseZnodeData(data);
  const read = content.kind === 'record' ? content.record.report?.announces : undefined;
  expect(read?.length).toBeGreaterThan(1_000);
  expect(announces.slice(0, read?.length)).toEqual(read);
});
