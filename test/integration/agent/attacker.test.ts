import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AgentProcess } from '../../helpers/agent-process.ts';
import { waitFor } from '../../helpers/wait.ts';
import { hasZooKeeper, startZooKeeper, type ZooKeeper } from '../../helpers/zookeeper.ts';
import { vipkeeper } from '../cli/vipkeeper.ts';
import { type Operator, superuserProperty } from '../zookeeper/operator.ts';
import { Fleet, lastGoodState, vip1, vip2, vip3 } from './fleet.ts';

const injected = 'announce route 203.0.113.9/32 next-hop 192.0.2.66';
/** What would be a line to ExaBGP, and a command to a shell, wherever it came through. */
const poison = `\n${injected}\n'"; touch pwned; $(touch pwned) \`touch pwned\`\n`;
const note = JSON.stringify({ version: 1, who: poison, reason: poison });
const patient = { timeoutMs: 30_000 };

/** docs/security.md, "An attacker who can write to ZooKeeper", line by line; znodes.test.ts has more kinds of nonsense. */
describe.skipIf(!hasZooKeeper())('somebody who can write to ZooKeeper', () => {
  let zooKeeper: ZooKeeper;

  beforeAll(async () => {
    zooKeeper = await startZooKeeper({ properties: [superuserProperty] });
  });
  afterAll(() => zooKeeper.stop());

  it('makes an LB announce nothing that its file does not hold, and run no command', async () => {
    const fleet = new Fleet(zooKeeper);
    const said = join(fleet.directory, 'said');
    const names = ['onChange', 'onDrain', 'onMaintenance', 'onTakeover', 'onRelease'];
    const hook = `cd ${fleet.directory}; env >> said`;
    const hooks = Object.fromEntries(names.map((name) => [name, hook]));
    const { operator, agent } = await fleet.settle({ more: { hooks } });
    const honest = await operator.data(`${fleet.members}/lb1`);
    await operator.create(`${fleet.claims}/${injected.replaceAll('/', '')}`, poison);
    await operator.create(`${fleet.claims}/203.0.113.9`, poison);
    await operator.create(`${fleet.members}/lb9`, honest.replaceAll('lb1', poison));
    await operator.create(`${fleet.root}/status/apex/lb2`, honest.replaceAll('lb1', poison));
    await operator.setData(`${fleet.claims}/${vip2}`, note);
    await operator.create(`${fleet.root}/drain/apex/${vip1}`, note);
    await agent.hasRoutes({});
    await operator.remove(`${fleet.root}/drain/apex/${vip1}`);
    await agent.hasRoutes({ [vip1]: 100 });
    await operator.create(fleet.maintenance, note);
    await agent.hasRoutes({});
    await operator.remove(fleet.maintenance);
    await operator.remove(`${fleet.claims}/${vip2}`);
    await agent.hasRoutes({ [vip1]: 100, [vip2]: 200 });

    const ours =
      /^(announce|withdraw) route 10\.20\.255\.[123]\/32( next-hop self med (100|200))?$|^flush adj-rib out$/;
    expect(agent.exabgp.commands.filter(({ text }) => !ours.test(text))).toEqual([]);
    await waitFor(() => /VIPKEEPER_EVENT=onDrain/.test(readFileSync(said, 'utf8')), {
      what: 'the hooks',
      ...patient,
    });
    expect(existsSync(join(fleet.directory, 'pwned'))).toBe(false);
  });

  it('withdraws a VIP by a drain, and a service by maintenance, and is named', async () => {
    const fleet = new Fleet(zooKeeper);
    const { operator, agent } = await fleet.settle();
    const who = JSON.stringify({ version: 1, who: 'mallory@10.1.2.3', reason: 'mischief' });
    await operator.create(`${fleet.root}/drain/apex/${vip1}`, who);
    await agent.hasRoutes({});
    await agent.says(/mallory@10\.1\.2\.3/, patient);
    await operator.remove(`${fleet.root}/drain/apex/${vip1}`);
    await agent.hasRoutes({ [vip1]: 100 });
    await operator.create(fleet.maintenance, who);
    await agent.hasRoutes({});
    const status = await vipkeeper(
      'status',
      ...['-z', zooKeeper.connectString, '--root', fleet.root],
    );
    expect(status.out).toContain('mallory@10.1.2.3');
  });

  it('keeps a VIP dark by a claim that nobody serves, until it is gone', async () => {
    const fleet = new Fleet(zooKeeper);
    const { operator, agent } = await fleet.settle({}, [vip3]);
    await operator.create(`${fleet.claims}/${vip2}`, note, true);
    await agent.hasRoutes({ [vip1]: 100 });
    await operator.remove(`${fleet.claims}/${vip2}`);
    await agent.hasRoutes({ [vip1]: 100, [vip2]: 200 });
  });

  it('misleads the choice of backups by members that do not exist, until they are gone', async () => {
    const fleet = new Fleet(zooKeeper);
    const service = { takeover: { backups: 1, settle: '300ms', release: '300ms' } };
    const { operator, agent } = await fleet.settle({ service });
    const honest = await operator.data(`${fleet.members}/lb1`);
    const ghosts = Array.from({ length: 30 }, (_, index) => `ghost${index}`);
    for (const name of ghosts)
      await operator.create(`${fleet.members}/${name}`, honest.replaceAll('"lb1"', `"${name}"`));
    await settled(fleet, operator, agent);
    const state = await lastGoodState(agent, operator, [`${fleet.claims}/${vip1}`]);
    await operator.remove(`${fleet.claims}/${vip2}`);
    await settled(fleet, operator, agent);
    await state.stillStands();
    for (const name of ghosts) await operator.remove(`${fleet.members}/${name}`);
    await agent.hasRoutes({ [vip1]: 100, [vip2]: 200 });
  });

  it('deletes all there is: others announce what lost its claim, and the owner claims its own again', async () => {
    const fleet = new Fleet(zooKeeper);
    const { operator, agent, claim } = await fleet.settle();
    const commands = agent.exabgp.commands.length;
    await removeTree(operator, fleet.root);
    await agent.hasRoutes({ [vip1]: 100, [vip2]: 200, [vip3]: 200 }, patient.timeoutMs);
    for (const path of [claim, `${fleet.members}/lb1`])
      await waitFor(() => operator.exists(path), { what: path, ...patient });
    const texts = agent.exabgp.commands.slice(commands).map(({ text }) => text);
    expect(texts.filter((text) => text.includes(`${vip1}/`))).toEqual([]);
  });

  it('stirs claims and data without end: our own route is not touched, and the log stays short', async () => {
    const fleet = new Fleet(zooKeeper);
    const { operator, agent } = await fleet.settle();
    const commands = agent.exabgp.commands.length;
    const lines = agent.log.length;
    for (let index = 0; index < 300; index += 1) {
      await operator.create(`${fleet.claims}/nonsense ${index}`, poison);
      await operator.setData(`${fleet.claims}/${vip2}`, `${poison}${index}`);
    }
    for (let index = 0; index < 50; index += 1) {
      await operator.remove(`${fleet.claims}/${vip2}`);
      await operator.create(`${fleet.claims}/${vip2}`, '', true);
    }
    await settled(fleet, operator, agent);
    await agent.hasRoutes({ [vip1]: 100 }, patient.timeoutMs);
    const texts = agent.exabgp.commands.slice(commands).map(({ text }) => text);
    expect(texts.filter((text) => text.includes(`${vip1}/`))).toEqual([]);
    const more = agent.log.slice(lines).map(({ msg }) => msg);
    expect(more.filter((msg) => /ignored|unreadable/.test(msg)).length).toBeLessThanOrEqual(100);
    expect(more.filter((msg) => msg.includes('and more is wrong'))).toHaveLength(1);
  });

  /** Waits until an agent has read what was written before: a VIP's drain, which it says, and lifts again. */
  async function settled(fleet: Fleet, operator: Operator, agent: AgentProcess): Promise<void> {
    const from = agent.log.length;
    const path = `${fleet.root}/drain/apex/${vip3}`;
    await operator.create(path);
    await agent.says(new RegExp(`${vip3}/32 of apex.*drain`), { from, ...patient });
    await operator.remove(path);
  }
});

async function removeTree(operator: Operator, path: string): Promise<void> {
  for (const name of await operator.children(path).catch(() => []))
    await removeTree(operator, `${path}/${name}`);
  // What an agent has made again meanwhile stays.
  await operator.remove(path).catch(() => undefined);
}
