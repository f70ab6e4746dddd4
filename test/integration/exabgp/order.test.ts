import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { missingForBgp } from '../../helpers/namespace.ts';
import { waitFor } from '../../helpers/wait.ts';
import { createRandom, type Random } from '../../simulation/random.ts';
import { type Pair, startPair } from './bench.ts';
import { held, prefixes, reaches, startAgent, type Table } from './whole-agent.ts';

const missing = missingForBgp();

/** Changes one prefix: withdraws it, announces it, or announces it with another MED out of three. */
function change(table: Table, random: Random): string {
  const prefix = random.pick(prefixes);
  const isThere = table.get(prefix) !== undefined;
  table.set(prefix, isThere && random.chance(0.4) ? undefined : random.pick([3, 4, 5]));
  return prefix;
}

describe.skipIf(missing !== undefined)(`rapid changes on few prefixes ${missing ?? ''}`, () => {
  let pair: Pair | undefined;

  afterEach(async () => {
    await pair?.stop();
    pair = undefined;
  });

  it.each([
    { name: 'with acks', environment: {}, pauses: 40, changes: 75 },
    {
      name: 'with acks off',
      environment: { exabgp_api_ack: 'false' },
      pauses: 12,
      changes: 250,
    },
  ])(
    'leave at every pause what is wanted, $name',
    async ({ environment, pauses, changes }) => {
      pair = await startPair({ environment });
      const { bird } = pair;
      const random = createRandom(7);
      const agent = await startAgent(pair);
      const table: Table = new Map();
      for (let pause = 1; pause <= pauses; pause += 1) {
        for (let count = 0; count < changes; count += 1) {
          agent.want(table, change(table, random));
          await turn();
        }
        await waitFor(agent.isQuiet, { what: 'all answers' });
        const isRight = await reaches(bird, table, 3_000);
        expect(isRight ? table : await held(bird), `at pause ${pause}`).toEqual(table);
      }
      // Enough of them reached ExaBGP one by one to bring it out of order.
      expect(agent.commands()).toBeGreaterThan(pauses * prefixes.length);
      expect(agent.kinds.has('lost') || agent.kinds.has('refused')).toBe(false);
    },
    180_000,
  );

  it('wait in the agent while ExaBGP is stopped, a line for each prefix at most, and the last one counts', async () => {
    pair = await startPair();
    const { bird, exabgp } = pair;
    const random = createRandom(7);
    const agent = await startAgent(pair);
    const table: Table = new Map(prefixes.map((prefix) => [prefix, 3]));
    for (const prefix of prefixes) agent.want(table, prefix);
    expect(await reaches(bird, table, 10_000)).toBe(true);
    await waitFor(agent.isQuiet, { what: 'all answers' });
    exabgp.signal('SIGSTOP');
    const before = agent.commands();
    let worstMs = 0;
    for (let count = 0; count < 3_000; count += 1) {
      const startedMs = performance.now();
      agent.want(table, change(table, random));
      await turn();
      worstMs = Math.max(worstMs, performance.now() - startedMs);
    }
    expect(agent.commands() - before).toBeLessThanOrEqual(prefixes.length);
    expect(worstMs).toBeLessThan(250);
    exabgp.signal('SIGCONT');
    await waitFor(agent.isQuiet, { what: 'all answers' });
    expect(await reaches(bird, table, 3_000)).toBe(true);
  });

  it('end wrong when each is written at once, so that this test is known to bite', async () => {
    pair = await startPair();
    const { bird } = pair;
    const socket = await pair.exabgp.nextHelper();
    let said = '';
    socket.on('data', (chunk: Buffer) => {
      said += chunk.toString('latin1');
    });
    const random = createRandom(7);
    const table: Table = new Map();
    let written = 0;
    let wrong = 0;
    for (let pause = 1; pause <= 10; pause += 1) {
      for (let count = 0; count < 75; count += 1) {
        const prefix = change(table, random);
        const med = table.get(prefix);
        const line = med === undefined ? 'withdraw' : 'announce';
        const rest = med === undefined ? '' : ` next-hop self med ${med}`;
        socket.write(`${line} route ${prefix}${rest}\n`);
        written += 1;
      }
      await waitFor(() => said.split('done').length - 1 === written, { what: 'all answers' });
      wrong += Number(!(await reaches(bird, table, 1_000)));
    }
    expect(wrong).toBeGreaterThan(0);
  });
});
