import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { waitFor } from '../../helpers/wait.ts';
import { hasZooKeeper, startZooKeeper, type ZooKeeper } from '../../helpers/zookeeper.ts';
import { superuserProperty } from '../zookeeper/operator.ts';
import { Fleet, vip1, vip2, vip3 } from './fleet.ts';

describe.skipIf(!hasZooKeeper())('the endpoint', () => {
  let zooKeeper: ZooKeeper;

  beforeAll(async () => {
    zooKeeper = await startZooKeeper({ properties: [superuserProperty] });
  });
  afterAll(() => zooKeeper.stop());

  it('turns ready when everything is read and answered, and says what is missing until then', async () => {
    const { listen, get } = await place();
    const fleet = new Fleet(zooKeeper);
    const operator = await fleet.operator();
    await operator.create(fleet.claims);
    for (const vip of [vip2, vip3]) await operator.create(`${fleet.claims}/${vip}`, '', true);
    const agent = fleet.start({ more: { listen } });
    agent.exabgp.answerWith((line) =>
      /^(announce|withdraw)/.test(line) ? undefined : agent.exabgp.reply(line),
    );
    const unready = await waitFor(
      async () => {
        const { status, body } = await get('/readyz');
        return status === 503 && body.includes('accepted nothing') && body;
      },
      { what: 'the reason' },
    ).catch((error) => {
      throw new Error(JSON.stringify(agent.log.map(({ msg }) => msg)), { cause: error });
    });
    expect(unready).toContain(`apex: ExaBGP has accepted nothing yet for ${vip1}/32`);
    expect((await get('/healthz')).status).toBe(200);
    agent.exabgp.answerWith();
    await waitFor(async () => (await get('/readyz')).status === 200, { what: 'readiness' });
    const state = JSON.parse((await get('/state')).body);
    expect(state).toMatchObject({ member: 'lb1', services: [{ service: 'apex', health: 'up' }] });
    agent.signal('SIGTERM');
    await waitFor(async () => (await get('/readyz')).body.includes('leaving'), { what: 'leaving' });
  });

  it('shows a takeover with its stages, and counts what ExaBGP refuses', async () => {
    const { listen, get } = await place();
    const { agent, operator, claim } = await new Fleet(zooKeeper).settle({ more: { listen } });
    const metrics = async () => (await get('/metrics')).body;
    const shows = (text: string) =>
      waitFor(async () => (await metrics()).includes(`${text}\n`), { what: text, everyMs: 100 });
    const role = (vip: string, name: string, reason: string) =>
      `vipkeeper_vip_role{service="apex",vip="${vip}/32",role="${name}",reason="${reason}"} 1`;
    await shows(role(vip1, 'owner', 'owner'));
    await operator.remove(claim.replace(vip1, vip2));
    await shows(role(vip2, 'backup', 'claimMissing'));
    for (const stage of ['decision', 'line', 'ack'])
      await shows(`vipkeeper_takeover_stage_seconds_count{stage="${stage}"} 1`);
    await shows('vipkeeper_moves_total{service="apex",role="backup",reason="claimMissing"} 1');
    agent.exabgp.answerWith((line) =>
      line.startsWith('announce') ? 'error\n' : agent.exabgp.reply(line),
    );
    await operator.remove(claim.replace(vip1, vip3));
    await shows('vipkeeper_exabgp_commands_total{command="announce",outcome="refused"} 1');
    await shows(`vipkeeper_vip_refused{service="apex",vip="${vip3}/32"} 1`);
    agent.exabgp.answerWith();
    await shows(`vipkeeper_vip_refused{service="apex",vip="${vip3}/32"} 0`);
    await shows('vipkeeper_zookeeper_session_state{state="live"} 1');
  });

  it('on a port that is taken is told, and the agent serves on', async () => {
    const { listen } = await place({ isTaken: true });
    const { agent } = await new Fleet(zooKeeper).settle({ more: { listen } });
    const line = await agent.says(`listen ${listen}: cannot be listened on`);
    expect(line.level).toBe('error');
    await agent.hasRoutes({ [vip1]: 100 });
  });

  it('SIGUSR2 raises the log to debug, and lowers it again', async () => {
    const { agent } = await new Fleet(zooKeeper).settle();
    const debug = () => agent.log.filter(({ level }) => level === 'debug').length;
    expect(debug()).toBe(0);
    agent.signal('SIGUSR2');
    await agent.says('SIGUSR2: level debug');
    agent.signal('SIGUSR2');
    await agent.says('SIGUSR2: level info again');
  });
});

/** A place to listen at, free unless it is to be taken. */
async function place({ isTaken = false } = {}) {
  const server: Server = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  if (!isTaken) await new Promise((resolve) => server.close(resolve));
  const listen = `127.0.0.1:${address.port}`;
  return {
    listen,
    async get(path: string) {
      const response = await fetch(`http://${listen}${path}`);
      return { status: response.status, body: await response.text() };
    },
  };
}
