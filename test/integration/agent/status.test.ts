import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseStatusRecord, type StatusRecord } from '../../../src/observe/status-record.ts';
import { waitFor } from '../../helpers/wait.ts';
import { hasZooKeeper, startZooKeeper, type ZooKeeper } from '../../helpers/zookeeper.ts';
import { type Operator, superuserProperty } from '../zookeeper/operator.ts';
import { Fleet, vip1, vip2, vip3 } from './fleet.ts';

describe.skipIf(!hasZooKeeper())('the record for people', () => {
  let zooKeeper: ZooKeeper;

  beforeAll(async () => {
    zooKeeper = await startZooKeeper({ properties: [superuserProperty] });
  });
  afterAll(() => zooKeeper.stop());

  it('says what the member decided and why, and outlives it with the last moves', async () => {
    const fleet = new Fleet(zooKeeper);
    const { agent, operator } = await fleet.settle();
    const path = `${fleet.root}/status/apex/lb1`;
    const first = await recordWhere(operator, path, ({ vips }) => vips[`${vip1}/32`] !== undefined);
    expect(first).toMatchObject({
      member: 'lb1',
      session: { belief: 'live', timeoutMs: 4_000 },
      exabgp: { version: '4.2.21', answers: true },
      health: 'up',
    });
    await operator.remove(`${fleet.claims}/${vip2}`);
    const moved = await recordWhere(operator, path, roleIs(vip2, 'backup'));
    expect(moved.vips[`${vip2}/32`]).toMatchObject({
      owner: 'lb2',
      reason: 'claimMissing',
      sentence: 'announced as backup, because its claim has been missing',
      route: 'self med 200',
    });
    expect(moved.moves.at(-1)).toMatchObject({ vip: `${vip2}/32`, from: 'none', to: 'backup' });
    agent.signal('SIGKILL');
    await agent.exited;
    expect(await recordAt(operator, path)).toEqual(moved);
    // A persistent znode, as it must be to outlive a member.
    expect(await operator.owner(path)).toMatch(/^0+$/);
    fleet.start();
    const next = await recordWhere(
      operator,
      path,
      ({ startedAt, moves }) => startedAt > moved.startedAt && moves.length > moved.moves.length,
    );
    expect(next.moves.slice(0, moved.moves.length)).toEqual(moved.moves);
  });

  it('tells the last moves of a member that leaves', async () => {
    const fleet = new Fleet(zooKeeper);
    const { agent, operator } = await fleet.settle({ more: { shutdown: { timeout: '500ms' } } });
    const path = `${fleet.root}/status/apex/lb1`;
    await recordWhere(operator, path, roleIs(vip1, 'owner'));
    agent.signal('SIGTERM');
    await agent.exited;
    const last = await recordAt(operator, path);
    expect(last.leaving).toBe('stopping');
    expect(last.moves.at(-1)).toMatchObject({ from: 'owner', to: 'none', reason: 'stopping' });
  });

  it('is written about once a second at most, however fast a VIP moves', async () => {
    const fleet = new Fleet(zooKeeper);
    const { agent, operator } = await fleet.settle();
    const path = `${fleet.root}/status/apex/lb1`;
    await recordWhere(operator, path, roleIs(vip1, 'owner'));
    const versions = async () => Number(JSON.stringify(await versionOf(operator, path)));
    const before = await versions();
    const sinceMs = performance.now();
    for (let round = 0; round < 6; round += 1) {
      await operator.remove(`${fleet.claims}/${vip3}`);
      await agent.says(`${vip3}/32 of apex: announced as backup`, { from: agent.log.length - 1 });
      await operator.create(`${fleet.claims}/${vip3}`, '', true);
      const from = agent.log.length;
      await agent.says(`${vip3}/32 of apex: withdrawn`, { from });
    }
    const last = await recordWhere(operator, path, ({ moves }) => movesOf(moves, vip3) >= 12);
    const seconds = (performance.now() - sinceMs) / 1_000;
    expect(movesOf(last.moves, vip3)).toBeGreaterThanOrEqual(12);
    expect((await versions()) - before).toBeLessThanOrEqual(Math.ceil(seconds) + 1);
  });

  it('that may not be written is told once, and disturbs nothing', async () => {
    const fleet = new Fleet(zooKeeper);
    const operator = await fleet.operator();
    await operator.create(`${fleet.root}/status`);
    await operator.setAcl(`${fleet.root}/status`, 1, 'world', 'anyone');
    const { agent } = await fleet.settle();
    const line = await agent.says(`${fleet.root}/status/apex/lb1: cannot be written`);
    expect(line.level).toBe('warn');
    expect(line.msg).toContain(`create permission on ${fleet.root}/status`);
    await operator.remove(`${fleet.claims}/${vip2}`);
    await agent.hasRoutes({ [vip1]: 100, [vip2]: 200 });
    expect(agent.said('cannot be written')).toHaveLength(1);
  });
});

async function recordAt(operator: Operator, path: string): Promise<StatusRecord> {
  const content = parseStatusRecord(await operator.data(path));
  if (content.kind !== 'record') throw new Error(content.why);
  return content.record;
}

async function recordWhere(
  operator: Operator,
  path: string,
  isSo: (record: StatusRecord) => boolean,
): Promise<StatusRecord> {
  let last: StatusRecord | undefined;
  return waitFor(
    async () => {
      last = await recordAt(operator, path);
      return isSo(last) ? last : undefined;
    },
    { what: `the record at ${path}`, everyMs: 20 },
  ).catch((error: Error) => {
    throw new Error(`${error.message}; it is ${JSON.stringify(last)}`);
  });
}

function roleIs(vip: string, role: string) {
  return ({ vips }: StatusRecord) => vips[`${vip}/32`]?.role === role;
}

function movesOf(moves: StatusRecord['moves'], vip: string): number {
  return moves.filter((move) => move.vip === `${vip}/32`).length;
}

/** How often it was written. */
function versionOf(operator: Operator, path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    operator.client.exists(path, (error, stat) =>
      error ? reject(new Error(String(error))) : resolve(stat.version),
    );
  });
}
