import type { LookupAddress } from 'node:dns';
import { expect, test } from 'vitest';
import { createLookup } from '../../src/zookeeper/resolver.ts';
import { waitFor } from '../helpers/wait.ts';

type Found = (error: Error | null, addresses: LookupAddress[]) => void;

function setUp() {
  const asked: { readonly host: string; readonly found: Found }[] = [];
  const lookup = createLookup((host, found) => asked.push({ host, found }));
  const answers: string[] = [];
  const ask = (all = true) =>
    lookup('zk1', { all }, (error, found) => {
      answers.push(error?.message ?? JSON.stringify(found));
    });
  return { asked, answers, ask };
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
