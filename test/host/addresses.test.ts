import { expect, it } from 'vitest';
import type { Vip } from '../../src/core/vip.ts';
import { createAddresses } from '../../src/host/addresses.ts';
import type { Present } from '../../src/host/ip.ts';
import { vip, vip1, vip2, vip6 } from '../helpers/core-run.ts';

const host6 = vip('2001:db8::1');

/** An interface, with what is done to it; it fails as long as `failure` is set. */
function bench(options: { present?: readonly Present[]; earlier?: readonly Vip[] } = {}) {
  const addresses = new Map((options.present ?? []).map((entry) => [entry.vip, entry]));
  const world = {
    calls: [] as string[],
    notes: [] as string[],
    kept: [] as string[],
    failure: undefined as string | undefined,
    cannotList: undefined as string | undefined,
    /** Runs in the middle of a change. */
    meanwhile: () => {},
  };
  const keeper = createAddresses({
    label: 'lo:vip',
    note: (level, _place, detail) => world.notes.push(`${level} ${detail}`),
    own: {
      earlier: () => options.earlier ?? [],
      keep: (own) => world.kept.push([...own].sort().join()),
    },
    ip: {
      async list() {
        world.calls.push('list');
        return world.cannotList ?? [...addresses.values()];
      },
      async change(removed, added) {
        const words = [
          ...removed.map((entry) => `-${entry}`),
          ...added.map((entry) => `+${entry}`),
        ];
        world.calls.push(words.join(' '));
        await Promise.resolve();
        world.meanwhile();
        if (world.failure !== undefined) return world.failure;
        for (const entry of removed) addresses.delete(entry);
        for (const entry of added) addresses.set(entry, { vip: entry, label: undefined });
        return undefined;
      },
    },
  });
  return { keeper, world, addresses };
}

it('adds what is asked for together by one change, after one look', async () => {
  const { keeper, world } = bench();
  expect(keeper.has(vip1)).toBe(false);
  expect(await Promise.all([keeper.add(vip1), keeper.add(vip2)])).toEqual([undefined, undefined]);
  expect(world.calls).toEqual(['list', `+${vip1} +${vip2}`]);
  expect([keeper.has(vip1), keeper.has(vip2)]).toEqual([true, true]);
  expect(world.kept).toEqual([`${vip1},${vip2}`]);
});

it('adds nothing that is there, and never removes what was there before it', async () => {
  const { keeper, world } = bench({ present: [{ vip: vip1, label: 'lo' }] });
  expect(await keeper.add(vip1)).toBeUndefined();
  await keeper.remove(vip1);
  expect(world.calls).toEqual(['list']);
  expect(keeper.has(vip1)).toBe(true);
});

it('removes what it has added', async () => {
  const { keeper, world, addresses } = bench();
  await keeper.add(vip1);
  await keeper.remove(vip1);
  await keeper.remove(vip1);
  expect(world.calls).toEqual(['list', `+${vip1}`, `-${vip1}`]);
  expect([keeper.has(vip1), addresses.size]).toEqual([false, 0]);
  expect(world.kept.at(-1)).toBe('');
});

it('removes what an earlier life has added, known by its label or from its file', async () => {
  const present = [
    { vip: vip1, label: 'lo:vip' },
    { vip: host6, label: undefined },
    { vip: vip2, label: 'lo:other' },
  ];
  const { keeper, world } = bench({ present, earlier: [host6, vip('10.9.9.9')] });
  await Promise.all([vip1, host6, vip2, vip('10.9.9.9')].map((entry) => keeper.remove(entry)));
  expect(world.calls).toEqual(['list', `-${vip1} -${host6}`]);
});

it('has nothing to do with networks', async () => {
  const { keeper, world } = bench();
  expect(keeper.has(vip6)).toBe(true);
  expect(await keeper.add(vip6)).toBeUndefined();
  await keeper.remove(vip6);
  expect(world.calls).toEqual([]);
});

it('adds again what is wanted again while it is being removed', async () => {
  const { keeper, world } = bench();
  await keeper.add(vip1);
  let added: Promise<string | undefined> | undefined;
  world.meanwhile = () => {
    added ??= keeper.add(vip1);
  };
  await keeper.remove(vip1);
  expect(await added).toBeUndefined();
  expect(world.calls).toEqual(['list', `+${vip1}`, `-${vip1}`, `+${vip1}`]);
  expect(keeper.has(vip1)).toBe(true);
});

it('answers everybody who asks for one address', async () => {
  const { keeper, world } = bench();
  expect(await Promise.all([keeper.add(vip1), keeper.add(vip1)])).toEqual([undefined, undefined]);
  expect(world.calls).toEqual(['list', `+${vip1}`]);
});

it('tells why an address could not be added, and looks for those that were', async () => {
  const { keeper, world, addresses } = bench();
  world.failure = 'not permitted';
  world.meanwhile = () => addresses.set(vip2, { vip: vip2, label: 'lo:vip' });
  expect(await Promise.all([keeper.add(vip1), keeper.add(vip2)])).toEqual([
    'not permitted',
    undefined,
  ]);
  world.failure = undefined;
  expect(await keeper.add(vip1)).toBeUndefined();
});

it('does not take for its own what somebody else has added meanwhile', async () => {
  const { keeper, world, addresses } = bench();
  world.failure = 'RTNETLINK answers: File exists';
  world.meanwhile = () => addresses.set(vip1, { vip: vip1, label: 'lo' });
  expect(await keeper.add(vip1)).toBeUndefined();
  world.failure = undefined;
  await keeper.remove(vip1);
  expect(addresses.has(vip1)).toBe(true);
});

it('does not mind that somebody else has removed an address of its own, and says when it cannot', async () => {
  const { keeper, world, addresses } = bench();
  await Promise.all([keeper.add(vip1), keeper.add(vip2)]);
  world.failure = 'RTNETLINK answers: Cannot assign requested address';
  world.meanwhile = () => addresses.delete(vip1);
  await Promise.all([keeper.remove(vip1), keeper.remove(vip2)]);
  expect(keeper.has(vip1)).toBe(false);
  expect(world.notes.filter((line) => line.startsWith('error'))).toEqual([
    `error address ${vip2} cannot be removed: ${world.failure}`,
  ]);
});

it('looks again, as long as it cannot see the interface', async () => {
  const { keeper, world } = bench();
  world.cannotList = 'Device "dummy0" does not exist.';
  expect(await keeper.add(vip1)).toBe(world.cannotList);
  world.cannotList = undefined;
  world.failure = 'odd';
  world.meanwhile = () => {
    world.cannotList = 'gone';
  };
  expect(await keeper.add(vip1)).toBe('odd');
  world.cannotList = undefined;
  world.meanwhile = () => {};
  world.failure = undefined;
  expect(await keeper.add(vip1)).toBeUndefined();
  expect(world.calls).toEqual(['list', 'list', `+${vip1}`, 'list', 'list', `+${vip1}`]);
});

it('adds again what somebody else has removed, and says so', async () => {
  const { keeper, world, addresses } = bench({ present: [{ vip: vip2, label: 'lo' }] });
  await Promise.all([keeper.add(vip1), keeper.add(vip2), keeper.add(vip6)]);
  addresses.clear();
  await keeper.look();
  expect([...addresses.keys()].sort()).toEqual([vip1, vip2]);
  expect(world.notes.filter((note) => note.startsWith('warn'))).toEqual([
    `warn address ${vip1} was removed by somebody else: it is there again`,
    `warn address ${vip2} was removed by somebody else: it is there again`,
  ]);
  world.calls.length = 0;
  await keeper.look();
  expect(world.calls).toEqual(['list']);
});

it('says once that it cannot add it again, and goes on trying', async () => {
  const { keeper, world, addresses } = bench();
  await keeper.add(vip1);
  addresses.clear();
  world.failure = 'not permitted';
  const told = `address ${vip1} was removed by somebody else`;
  world.notes.length = 0;
  await keeper.look();
  await keeper.look();
  expect(world.notes).toEqual([`error ${told}, and cannot be added again: not permitted`]);
  expect(keeper.has(vip1)).toBe(false);
  world.failure = undefined;
  await keeper.look();
  expect(world.notes).toContain(`warn ${told}: it is there again`);
  expect(addresses.has(vip1)).toBe(true);
});

it('looks for nothing that is not wanted, nor by what is out of date', async () => {
  const { keeper, world, addresses } = bench();
  await keeper.look();
  expect(world.calls).toEqual([]);
  await keeper.add(vip1);
  const looking = keeper.look();
  await keeper.remove(vip1);
  await looking;
  expect([...addresses.keys()]).toEqual([]);
  await keeper.add(vip1);
  world.cannotList = 'no ip';
  await keeper.look();
  expect(keeper.has(vip1)).toBe(true);
});

it('leaves alone what is to go while it is added again', async () => {
  const { keeper, world, addresses } = bench();
  await keeper.add(vip1);
  addresses.clear();
  world.notes.length = 0;
  const looking = keeper.look();
  world.meanwhile = () => void keeper.remove(vip1);
  await looking;
  await keeper.add(vip2);
  expect(addresses.has(vip1)).toBe(false);
  expect(world.notes.filter((note) => note.includes('somebody else'))).toEqual([]);
});

it('watches no longer over what is configured no more', async () => {
  const { keeper, addresses } = bench();
  await Promise.all([keeper.add(vip1), keeper.add(vip2)]);
  keeper.keepOnly(new Set([vip2]));
  expect(addresses.size).toBe(2);
  addresses.clear();
  await keeper.look();
  expect([...addresses.keys()]).toEqual([vip2]);
});

it('tells of the next loss as well when an ordinary announce has added it meanwhile', async () => {
  const { keeper, world, addresses } = bench();
  await keeper.add(vip1);
  for (let loss = 1; loss <= 2; loss += 1) {
    addresses.clear();
    world.failure = 'not permitted';
    world.notes.length = 0;
    await keeper.look();
    expect(world.notes).toHaveLength(1);
    world.failure = undefined;
    await keeper.add(vip1);
  }
});
