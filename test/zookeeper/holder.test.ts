import { expect, test } from 'vitest';
import type { Instance } from '../../src/core/instance.ts';
import type { MemberId } from '../../src/core/settings.ts';
import { classifyHolder, type Identity } from '../../src/zookeeper/holder.ts';
import { encodeClaim } from '../../src/zookeeper/znode-data.ts';

const own: Instance = {
  host: 'lb1',
  bootId: 'b',
  pid: 10,
  startTicks: 11,
  speakerPid: 1,
  speakerStartTicks: 2,
  startedMs: 1_000,
};
const member = 'lb1' as MemberId;

function classify(instance: Instance, fate: 'alive' | 'dead' | 'elsewhere', by = member) {
  const identity: Identity = { member, instance: own, fateOf: () => fate };
  const data = encodeClaim({ member: by, instance, wallMs: 0 });
  return classifyHolder('/c', { owner: '0a', data }, '0b', identity);
}

test('knows its own session though the data says nothing', () => {
  const identity: Identity = { member, instance: own, fateOf: () => 'alive' };
  expect(classifyHolder('/c', { owner: '0b', data: undefined }, '0b', identity)).toEqual({
    kind: 'self',
  });
});

test('knows what an earlier life wrote into the session that is continued, and whose routes are left', () => {
  const ofSession = (instance: Instance, by = member) => {
    const identity: Identity = { member, instance: own, fateOf: () => 'elsewhere' };
    const data = encodeClaim({ member: by, instance, wallMs: 0 });
    return classifyHolder('/c', { owner: '0b', data }, '0b', identity);
  };
  const earlier = { ...own, pid: 9, startedMs: 900 };
  expect(ofSession(earlier)).toEqual({ kind: 'predecessor', sameSpeaker: true });
  const elsewhere = { ...earlier, host: 'old-container', speakerPid: 3 };
  expect(ofSession(elsewhere)).toEqual({ kind: 'predecessor', sameSpeaker: false });
  expect(ofSession(own)).toEqual({ kind: 'self' });
  expect(ofSession(own, 'lb2' as MemberId)).toEqual({ kind: 'self' });
});

test('takes a node of no session for persistent, its own data notwithstanding', () => {
  const identity: Identity = { member, instance: own, fateOf: () => 'dead' };
  const data = encodeClaim({ member, instance: own, wallMs: 0 });
  expect(classifyHolder('/c', { owner: undefined, data }, undefined, identity)).toEqual({
    kind: 'persistent',
    path: '/c',
  });
});

test('takes the same process for its predecessor though it lives', () => {
  expect(classify(own, 'alive')).toEqual({ kind: 'predecessor', sameSpeaker: true });
});

test('takes a dead process for its predecessor, and tells whose routes are left', () => {
  expect(classify({ ...own, pid: 9, startedMs: 900 }, 'dead')).toEqual({
    kind: 'predecessor',
    sameSpeaker: true,
  });
  expect(classify({ ...own, pid: 9, speakerStartTicks: 9, startedMs: 900 }, 'dead')).toEqual({
    kind: 'predecessor',
    sameSpeaker: false,
  });
});

test('takes a process that lives, or may live elsewhere, for a twin', () => {
  expect(classify({ ...own, pid: 9 }, 'alive')).toEqual({
    kind: 'twin',
    detail: 'pid 9 on host lb1',
  });
  expect(classify({ ...own, host: 'other' }, 'elsewhere')).toEqual({
    kind: 'twin',
    detail: 'pid 10 on host other',
  });
});

test('takes the older of two lives for dead, never both for each other', () => {
  const other = { ...own, bootId: 'c', pid: 9, startedMs: 900 };
  const judge = (one: Instance, found: Instance) => {
    const identity: Identity = { member, instance: one, fateOf: () => 'dead' };
    const data = encodeClaim({ member, instance: found, wallMs: 0 });
    return classifyHolder('/c', { owner: '0a', data }, '0b', identity).kind;
  };
  expect([judge(own, other), judge(other, own)]).toEqual(['predecessor', 'twin']);
  const equal = { ...other, startedMs: own.startedMs };
  expect([judge(own, equal), judge(equal, own)].sort()).toEqual(['predecessor', 'twin']);
});

test('takes no younger life for its predecessor, dead as it may look from here', () => {
  expect(classify({ ...own, pid: 9, startedMs: 1_001 }, 'dead').kind).toBe('twin');
});

test('names another member, dead or not', () => {
  expect(classify(own, 'dead', 'lb2' as MemberId)).toEqual({ kind: 'member', member: 'lb2' });
});

test('takes unreadable data of another session for unmarked', () => {
  const identity: Identity = { member, instance: own, fateOf: () => 'dead' };
  const data = Buffer.from('{"v":1,"member":"lb1"}');
  expect(classifyHolder('/c', { owner: '0a', data }, '0b', identity)).toEqual({ kind: 'unmarked' });
});
