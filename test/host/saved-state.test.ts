import { describe, expect, it } from 'vitest';
import type { MemberId } from '../../src/core/settings.ts';
import {
  encodeState,
  parseState,
  type SavedState,
  type StateIdentity,
} from '../../src/host/saved-state.ts';
import { vip1, vip2, vip6 } from '../helpers/core-run.ts';

const identity: StateIdentity = {
  member: 'lb1' as MemberId,
  bootId: 'boot-1',
  ensemble: 'zk1 2181/lb',
  znodes: 'abc',
};
const state: SavedState = {
  session: { id: Buffer.from('0123456789abcdef', 'hex'), password: Buffer.alloc(16, 7) },
  services: new Map([
    [
      '/exabgp/service/apex',
      {
        isInMaintenance: false,
        drained: ['lb1', vip2],
        vips: new Map([
          [vip1, 'owner'],
          [vip2, 'backup'],
          [vip6, 'withdrawn'],
        ] as const),
      },
    ],
  ]),
};
const text = encodeState(state, identity, 12.5);

/** The file with some keys replaced. */
const changed = (change: object) => JSON.stringify({ ...JSON.parse(text), ...change });

describe('a state file', () => {
  it('is read as it was written', () => {
    const read = parseState(text, identity);
    expect(read).toEqual({ kind: 'usable', state, uptimeS: 12.5, whyNoSession: undefined });
  });

  it('may hold no session', () => {
    const without = { ...state, session: undefined };
    const read = parseState(encodeState(without, identity, 1), identity);
    expect(read).toMatchObject({ kind: 'usable', state: without, whyNoSession: undefined });
  });

  it('is not used when it is cut off, wherever', () => {
    for (let length = 0; length < text.length - 2; length += 1)
      expect(parseState(text.slice(0, length), identity)).toEqual({
        kind: 'useless',
        why: 'it is not JSON; it may be cut off',
      });
  });

  it.each<[string, string]>([
    ['[]', 'it is not a JSON object'],
    ['null', 'it is not a JSON object'],
    ['{}', 'it is not in format version 1'],
    [changed({ v: 2 }), 'it is not in format version 1'],
    [changed({ member: 'lb2' }), 'it is of member lb2, not of this member'],
    [changed({ member: 'a\nb' }), 'it is of no member, not of this member'],
    [changed({ bootId: 'boot-2' }), 'it is of another boot or host'],
    [changed({ ensemble: 'zk2 2181' }), 'it is of another ZooKeeper ensemble'],
    [changed({ uptimeS: '12' }), 'it lacks what was agreed, or its time'],
    [changed({ services: 7 }), 'it lacks what was agreed, or its time'],
    [changed({ services: { '/a': 7 } }), 'it lacks what was agreed, or its time'],
    [changed({ services: { '/a': {} } }), 'it lacks what was agreed, or its time'],
    ...[{ vips: { x: 'owner' } }, { vips: { '10.0.0.1/32': 'king' } }, { drained: [1] }].map(
      (part): [string, string] => {
        const apex = { isInMaintenance: true, drained: [], vips: {}, ...part };
        return [changed({ services: { '/a': apex } }), 'it lacks what was agreed, or its time'];
      },
    ),
  ])('is not used when it is %s', (content, why) => {
    expect(parseState(content, identity)).toEqual({ kind: 'useless', why });
  });

  it('is not used where the boot is not known', () => {
    const nowhere = { ...identity, bootId: '' };
    expect(parseState(encodeState(state, nowhere, 1), nowhere).kind).toBe('useless');
  });

  it('keeps what was agreed, but not the session, when that may hold znodes of another configuration', () => {
    const read = parseState(text, { ...identity, znodes: 'def' });
    expect(read).toMatchObject({
      state: { session: undefined, services: state.services },
      whyNoSession: 'it may hold other znodes than are configured now',
    });
    const without = encodeState({ ...state, session: undefined }, identity, 1);
    const quiet = parseState(without, { ...identity, znodes: 'def' });
    expect(quiet).toMatchObject({ whyNoSession: undefined });
  });

  it.each([
    7,
    {},
    { id: '0123', password: '07'.repeat(16) },
    { id: '0123456789abcdef', password: '07'.repeat(15) },
    { id: '0123456789abcdeg', password: '07'.repeat(16) },
    { id: 81985529216486900, password: '07'.repeat(16) },
  ])('has no session when that is %j', (session) => {
    expect(parseState(changed({ session }), identity)).toMatchObject({
      kind: 'usable',
      state: { session: undefined },
    });
  });
});
