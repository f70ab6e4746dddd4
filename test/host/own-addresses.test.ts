import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { keepAddresses } from '../../src/host/own-addresses.ts';
import { vip1, vip2 } from '../helpers/core-run.ts';
import { createFakeClock } from '../helpers/fake-clock.ts';
import { temporaryDirectory } from '../helpers/temporary-directory.ts';

const ports = { clock: createFakeClock(), failed: () => undefined, recovered: () => undefined };

/** A directory in which a life has left two addresses on lo. */
async function left(): Promise<string> {
  const directory = temporaryDirectory();
  const kept = keepAddresses(directory, 'lo boot', ports);
  expect(kept.earlier()).toEqual([]);
  kept.keep([vip1, vip2]);
  expect(await kept.stop(1_000)).toBe(true);
  return directory;
}

it('tells the next life what was added', async () => {
  const directory = await left();
  expect(keepAddresses(directory, 'lo boot', ports).earlier()).toEqual([vip1, vip2]);
});

it('tells nothing after a boot, or of another interface', async () => {
  const directory = await left();
  expect(keepAddresses(directory, 'lo another', ports).earlier()).toEqual([]);
  expect(keepAddresses(directory, 'dummy0 boot', ports).earlier()).toEqual([]);
});

it.each(['', '{', '[]', 'null', '{"v":2}', '{"v":1,"place":"lo boot","addresses":7}'])(
  'tells nothing when the file is %j',
  async (text) => {
    const directory = await left();
    writeFileSync(join(directory, 'addresses.json'), text);
    expect(keepAddresses(directory, 'lo boot', ports).earlier()).toEqual([]);
  },
);

it('tells nothing that others may have written', async () => {
  const directory = await left();
  const file = join(directory, 'addresses.json');
  expect(readFileSync(file, 'utf8')).toContain(vip1);
  chmodSync(file, 0o666);
  expect(keepAddresses(directory, 'lo boot', ports).earlier()).toEqual([]);
});
