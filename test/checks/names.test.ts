import type { LookupAddress } from 'node:dns';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { createNames } from '../../src/checks/names.ts';

type Answer = (error: NodeJS.ErrnoException | null, addresses: readonly LookupAddress[]) => void;

/** Names whose answers the test gives, in the order of the questions. */
function names() {
  const asked: { readonly host: string; readonly family: number; readonly answer: Answer }[] = [];
  const lookup = createNames((host, family, answer) => asked.push({ host, family, answer }));
  const find = (host: string, options: { all?: boolean; family?: number } = { all: true }) =>
    promisify(lookup as never)(host, options as never) as Promise<unknown>;
  return { asked, find };
}

const one = { address: '192.0.2.1', family: 4 };
const two = { address: '2001:db8::1', family: 6 };

it('gives one answer to all that ask at the same time, and asks anew afterwards', async () => {
  const { asked, find } = names();
  const [first, second] = [find('a'), find('a')];
  expect(asked).toHaveLength(1);
  asked[0]?.answer(null, [one, two]);
  expect(await first).toEqual([one, two]);
  expect(await second).toEqual([one, two]);
  const third = find('a');
  asked[1]?.answer(null, [two]);
  expect(await third).toEqual([two]);
});

it('asks for one name at a time', async () => {
  const { asked, find } = names();
  const [first, second] = [find('a'), find('b', { all: true, family: 4 })];
  expect(asked.map(({ host }) => host)).toEqual(['a']);
  asked[0]?.answer(null, [one]);
  await first;
  expect(asked.map(({ host, family }) => [host, family])).toEqual([
    ['a', 0],
    ['b', 4],
  ]);
  asked[1]?.answer(null, [one]);
  await second;
});

it('gives a single address where one is asked for', async () => {
  const { asked, find } = names();
  const first = find('a', {});
  asked[0]?.answer(null, [two, one]);
  expect(await first).toBe('2001:db8::1');
});

it('passes on what went wrong', async () => {
  const { asked, find } = names();
  const first = find('a');
  asked[0]?.answer(new Error('getaddrinfo EAI_AGAIN a'), []);
  await expect(first).rejects.toThrow('EAI_AGAIN');
  const second = find('a');
  asked[1]?.answer(null, []);
  await expect(second).rejects.toThrow('a has no address');
});
