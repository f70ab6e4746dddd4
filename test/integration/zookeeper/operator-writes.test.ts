import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createClock } from '../../../src/agent/clock.ts';
import {
  type CommandSessionOptions,
  openCommandSession,
  UnreachableError,
} from '../../../src/zookeeper/command-session.ts';
import {
  createOperatorWrites,
  type OperatorWrites,
} from '../../../src/zookeeper/operator-writes.ts';
import { hasZooKeeper, startZooKeeper, type ZooKeeper } from '../../helpers/zookeeper.ts';
import { operatorOf, superuser, superuserProperty } from './operator.ts';

const note = { who: 'jd', reason: 'disk swap', sinceMs: 0, expiresMs: undefined };
const data = '{"version":1,"who":"jd","reason":"disk swap","since":"1970-01-01T00:00:00Z"}';

describe.skipIf(!hasZooKeeper())("an operator's writes", () => {
  let zooKeeper: ZooKeeper;

  beforeAll(async () => {
    zooKeeper = await startZooKeeper({ properties: [superuserProperty] });
  });
  afterAll(() => zooKeeper.stop());

  const person = async () => {
    const [server] = zooKeeper.servers;
    if (server === undefined) throw new Error('no server');
    return operatorOf(server, { digest: superuser });
  };

  async function open(more: Partial<CommandSessionOptions> = {}): Promise<OperatorWrites> {
    const session = await openCommandSession(
      {
        servers: zooKeeper.servers,
        sessionTimeoutMs: 3_000,
        auth: undefined,
        tls: undefined,
        ...more,
      },
      { clock: createClock() },
      10_000,
    );
    onTestFinished(() => session.close(500));
    return createOperatorWrites(session.requests);
  }

  it('make what is above, once; a second time nothing has to be done', async () => {
    const operator = await person();
    const writes = await open();
    const path = '/chroot/made/drain/apex/lb1';
    expect(await writes.create(path, note)).toEqual({ kind: 'done' });
    expect(await operator.data(path)).toBe(data);
    expect(await writes.create(path, { ...note, who: 'other' })).toEqual({ kind: 'already' });
    expect(await operator.data(path)).toBe(data);
    expect(await writes.rewrite(path, { ...note, who: 'other' }, 0)).toEqual({ kind: 'done' });
    expect(await operator.data(path)).toContain('"who":"other"');
    expect(await writes.rewrite(path, note, 0)).toEqual({ kind: 'overtaken' });
    const found = { kind: 'found', znode: { version: 1, data: expect.any(Buffer) } };
    expect(await writes.read(path)).toMatchObject(found);
    expect(await operator.data(path)).toContain('"who":"other"');
    expect(await writes.remove(path)).toEqual({ kind: 'done' });
    expect(await writes.remove(path)).toEqual({ kind: 'already' });
    expect(await writes.read(path)).toEqual({ kind: 'absent' });
    expect(await writes.rewrite(path, note, 1)).toEqual({ kind: 'overtaken' });
  });

  it('say which permission is missing on which znode', async () => {
    const operator = await person();
    await operator.create('/locked/maintenance', '');
    await operator.setAcl('/locked/maintenance', 1, 'world', 'anyone');
    const writes = await open({ auth: { scheme: 'digest', credential: 'ops:night' } });
    const path = '/locked/maintenance/apex';
    const refusal = (permission: string) =>
      expect.stringMatching(
        new RegExp(
          `^${path}: .*NO_AUTH.* this needs the ${permission} permission on /locked/maintenance;`,
        ),
      );
    expect(await writes.create(path, note)).toEqual({ kind: 'failed', detail: refusal('create') });
    await operator.create(path, '');
    expect(await writes.remove(path)).toEqual({ kind: 'failed', detail: refusal('delete') });
  });

  it('say of every server why it cannot be reached', async () => {
    const [{ host, port } = { host: '', port: 0 }] = zooKeeper.servers;
    const servers = [
      { host: '127.0.0.1', port: 1 },
      { host, port: port + 3 },
    ];
    const failed = openCommandSession(
      { servers, sessionTimeoutMs: 3_000, auth: undefined, tls: undefined },
      { clock: createClock() },
      700,
    );
    await expect(failed).rejects.toThrow(UnreachableError);
    await expect(failed).rejects.toThrow(/within 700 ms: .*127.0.0.1:1: .*ECONNREFUSED/);
  });
});
