import { describe, expect, it } from 'vitest';
import { type Instance, isOlder, isSameProcess, isSameSpeaker } from '../../src/core/instance.ts';

const instance: Instance = {
  host: 'lb1',
  bootId: 'b8f6',
  pid: 700,
  startTicks: 1_234,
  speakerPid: 600,
  speakerStartTicks: 1_200,
  startedMs: 50,
};

describe('the older of two lives', () => {
  it.each<[string, Partial<Instance>, boolean]>([
    ['started earlier', { startedMs: 49 }, true],
    ['started later', { startedMs: 51 }, false],
    [
      'has fewer ticks of the same boot, whatever the wall clock says',
      { startTicks: 9, startedMs: 99 },
      true,
    ],
    ['started in the same millisecond of a smaller boot id', { bootId: 'a' }, true],
    ['started in the same millisecond of a larger boot id', { bootId: 'c' }, false],
  ])('is the one that %s', (_, change, isOther) => {
    const other = { ...instance, ...change };
    expect(isOlder(other, instance)).toBe(isOther);
    expect(isOlder(instance, other)).toBe(!isOther);
  });
});

describe('two records of an agent’s life', () => {
  it.each<[string, Partial<Instance>, boolean, boolean]>([
    ['equal records', {}, true, true],
    ['another host', { host: 'lb2' }, false, false],
    ['another boot of the host', { bootId: 'c0de' }, false, false],
    ['another pid', { pid: 701 }, false, true],
    ['a reused pid', { startTicks: 9_999 }, false, true],
    ['another ExaBGP', { speakerPid: 601 }, true, false],
    ['a reused pid of ExaBGP', { speakerStartTicks: 9_999 }, true, false],
  ])('with %s', (_, change, isProcess, isSpeaker) => {
    const other = { ...instance, ...change };
    expect(isSameProcess(instance, other)).toBe(isProcess);
    expect(isSameProcess(other, instance)).toBe(isProcess);
    expect(isSameSpeaker(instance, other)).toBe(isSpeaker);
    expect(isSameSpeaker(other, instance)).toBe(isSpeaker);
  });
});
