import type { LookupAddress } from 'node:dns';
import { expect, test } from 'vitest';
import { createResolver } from '../../src/zookeeper/resolver.ts';
import { waitFor } from '../helpers/wait.ts';

type Found = (error: Error | null, addresses: LookupAddress[]) => void;

function setUp(first = 0) {
  const asked: { readonly host: string; readonly found: Found }[] = [];
  const { lookup, addressCount } = createResolver(first, (host, found) =>
    asked.push({ host, found }),
  );
  const answers: string[] = [];
  const ask = (all = true) =>
    lookup('zk1', { all }, (error, found) => {
      answers.push(error?.message ?? JSON.stringify(found));
    });
  return { asked, answers, ask, addressCount };
}

const address = (text: string) => ({ address: text, family: 4 });

test('asks once for attempts that overlap', () => {
  const { asked, answers, ask } = setUp();
  ask();
  ask();
  expect(asked).toHaveLength(1);
  asked[0]?.found(null, [address('10.0.0.1')]);
  expect(answers).toEqual(Array(2).fill('[{"address":"10.0.0.1","family":4}]'));
  ask();
  expect(asked).toHaveLength(2);
});

test('falls back on the last addresses when the name server fails or hangs', async () => {
  const { asked, answers, ask } = setUp();
  ask();
  asked[0]?.found(null, [address('10.0.0.1')]);
  ask(false);
  asked[1]?.found(new Error('EAI_AGAIN'), []);
  expect(answers[1]).toBe('"10.0.0.1"');
  ask();
  ask();
  await waitFor(() => answers.length === 3, { what: 'the answer while another hangs' });
  expect(answers[2]).toBe(answers[0]);
  expect(asked).toHaveLength(3);
});

test('tells the error when there never was an address, and takes a new address', () => {
  const { asked, answers, ask } = setUp();
  ask();
  asked[0]?.found(new Error('ENOTFOUND'), []);
  ask();
  asked[1]?.found(null, []);
  ask();
  asked[2]?.found(null, [address('10.0.0.1')]);
  ask();
  asked[3]?.found(null, [address('10.0.0.2')]);
  expect(answers).toEqual([
    'ENOTFOUND',
    'zk1 has no address',
    '[{"address":"10.0.0.1","family":4}]',
    '[{"address":"10.0.0.2","family":4}]',
  ]);
});

/** The addresses in the order in which the next attempt gets them. */
function attempt({ asked, answers, ask }: ReturnType<typeof setUp>, ...texts: string[]) {
  ask();
  asked.at(-1)?.found(
    null,
    texts.map((text) => ({ address: text, family: text.includes(':') ? 6 : 4 })),
  );
  const found = JSON.parse(answers.at(-1) ?? '[]') as LookupAddress[];
  return found.map((each) => each.address).join(' ');
}

test('begins each attempt with the next address, in whatever order they are found', () => {
  const run = setUp();
  expect(run.addressCount('zk1')).toBe(1);
  expect(attempt(run, 'b', 'c', 'a')).toBe('a b c');
  expect(attempt(run, 'c', 'a', 'b')).toBe('b c a');
  expect(attempt(run, 'a', 'b', 'c')).toBe('c a b');
  expect(attempt(run, 'b', 'a', 'c')).toBe('a b c');
  expect(run.addressCount('zk1')).toBe(3);
});

test('begins with another address for another member', () => {
  expect(attempt(setUp(1), 'a', 'b', 'c')).toBe('b c a');
});

test('takes new addresses at the next attempt', () => {
  const run = setUp();
  attempt(run, 'a', 'b');
  expect(attempt(run, 'c', 'd')).toBe('d c');
  expect(attempt(run, 'e')).toBe('e');
});

test('keeps the preference between IPv6 and IPv4', () => {
  expect(attempt(setUp(), '::2', '10.0.0.1', '::1')).toBe('::1 ::2 10.0.0.1');
  expect(attempt(setUp(), '10.0.0.1', '::2', '::1')).toBe('10.0.0.1 ::1 ::2');
});
