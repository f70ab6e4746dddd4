import { once } from 'node:events';
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { startDnsServer } from '../../helpers/dns-server.ts';
import { waitFor } from '../../helpers/wait.ts';
import { hasZooKeeper, startZooKeeper, type ZooKeeper } from '../../helpers/zookeeper.ts';
import { superuserProperty } from '../zookeeper/operator.ts';
import { Fleet, lastGoodState, type Settled, vip1, vip2, vip3 } from './fleet.ts';

/** The script behind an agent's check. */
interface Script {
  readonly fleet: Fleet;
  /** How often it was started. */
  runs(): number;
  /** Replaces it at once. */
  checkBy(script: string): void;
}

describe.skipIf(!hasZooKeeper())('checks that behave badly', () => {
  let zooKeeper: ZooKeeper;

  beforeAll(async () => {
    zooKeeper = await startZooKeeper({ properties: [superuserProperty] });
  });
  afterAll(() => zooKeeper.stop());

  /** An agent whose check is a script that the test replaces. */
  async function settled(): Promise<Settled & Script> {
    const fleet = new Fleet(zooKeeper);
    const script = join(fleet.directory, 'check.sh');
    const tally = join(fleet.directory, 'runs');
    const checkBy = (text: string) => {
      writeFileSync(`${script}.new`, `echo run >> ${tally}\n${text}\n`);
      renameSync(`${script}.new`, script);
    };
    checkBy('true');
    const check = { exec: `. ${script}`, interval: '200ms', fastInterval: '50ms' };
    const settled = await fleet.settle(
      { service: { checks: [{ ...check, timeout: '1s', rise: 1, fall: 3 }] } },
      [],
    );
    const runs = () =>
      existsSync(tally) ? readFileSync(tally, 'latin1').split('\n').length - 1 : 0;
    return { ...settled, fleet, runs, checkBy };
  }

  it('megabytes of output are read and forgotten', async () => {
    const { operator, agent, claim, runs, checkBy } = await settled();
    const state = await lastGoodState(agent, operator, [claim]);
    const from = agent.log.length;
    checkBy('yes 0123456789 | head -c 8000000; yes error | head -c 8000000 >&2; true');
    const done = runs();
    await waitFor(() => runs() >= done + 3, { what: 'three talkative runs' });
    await state.stillStands();
    expect(agent.said(/./, from)).toEqual([]);
    expect(residentKb(agent.pid)).toBeLessThan(150_000);
  });

  it('a failing one that prints megabytes is one short line', async () => {
    const { operator, agent, claim, checkBy, runs } = await settled();
    const state = await lastGoodState(agent, operator, [claim]);
    checkBy('yes disk on fire | head -c 8000000; exit 3');
    const line = await agent.says('check 1 of apex failed: exit code 3: disk on fire');
    const done = runs();
    checkBy('true');
    await waitFor(() => runs() >= done + 2, { what: 'two good runs' });
    expect(line.level).toBe('warn');
    expect(line.msg.length).toBeLessThan(300);
    // Fewer failures than `fall`: nothing happened.
    await state.stillStands();
  });

  it('children it forks and leaves behind are killed, and delay no verdict', async () => {
    const { fleet, operator, agent, claim, runs, checkBy } = await settled();
    const state = await lastGoodState(agent, operator, [claim]);
    const pids = join(fleet.directory, 'pids');
    checkBy(`sleep 1000 & echo $! >> ${pids}; sleep 1000 & echo $! >> ${pids}`);
    const done = runs();
    await waitFor(() => runs() >= done + 3, { what: 'three forking runs' });
    checkBy('true');
    await waitFor(() => runs() >= done + 5, { what: 'a good run after them' });
    await waitFor(() => readPids(pids).every((pid) => !isSleeping(pid)), { what: 'no child' });
    expect(readPids(pids).length).toBeGreaterThanOrEqual(6);
    await state.stillStands();
  });

  it('one that never ends is killed with its children at the timeout, told, and counts as one failure', async () => {
    const { fleet, operator, agent, claim, runs, checkBy } = await settled();
    const state = await lastGoodState(agent, operator, [claim]);
    const pids = join(fleet.directory, 'pids');
    checkBy(`trap '' TERM INT HUP; sleep 1000 & echo $! >> ${pids}; wait; wait; sleep 1000`);
    const line = await agent.says('check 1 of apex failed: timed out after 1000 ms');
    expect(line.level).toBe('warn');
    const done = runs();
    checkBy('true');
    await waitFor(() => runs() >= done + 3, { what: 'good runs' });
    await waitFor(() => readPids(pids).every((pid) => !isSleeping(pid)), { what: 'no child' });
    await state.stillStands();
  });

  it('one that never ends three times in a row is a broken service: withdrawn, claim deleted', async () => {
    const { operator, agent, claim, checkBy } = await settled();
    checkBy('sleep 1000');
    await agent.says(/^apex is down: timed out after 1000 ms/);
    await agent.hasRoutes({});
    await waitFor(async () => !(await operator.exists(claim)), { what: 'the claim to go' });
    checkBy('true');
    await agent.hasRoutes({ [vip1]: 100, [vip2]: 200, [vip3]: 200 });
  });

  it.each([
    ['a program that is not there', '/nonexistent/check', /exit code 127: .*not found/],
    ['a program that may not be run', '/etc/passwd', /exit code 126: .*[Pp]ermission denied/],
    ['a shell syntax error', 'if then', /exit code 2: .*[Ss]yntax error/],
    // One argument may not be longer than 128 KiB, so the kernel refuses the shell itself.
    ['a shell that cannot be started', `: ${'x'.repeat(200_000)}`, /cannot be started: .*E2BIG/],
  ])('%s is told, and announces nothing', async (_, exec, why) => {
    const fleet = new Fleet(zooKeeper);
    const operator = await fleet.operator();
    await operator.create(fleet.claims);
    const checks = [{ exec, interval: '10s', fastInterval: '50ms', fall: 2 }];
    const agent = fleet.start({ service: { checks } });
    const line = await agent.says(/^check 1 of apex failed/);
    expect(line.level).toBe('warn');
    expect(line.msg).toMatch(why);
    await agent.says(/^apex is down/);
    await waitFor(() => agent.exabgp.commands.length >= 3, { what: 'the withdraws' });
    expect(agent.exabgp.commands.filter(({ text }) => text.startsWith('announce'))).toEqual([]);
    expect(await operator.children(fleet.claims)).toEqual([]);
  });
});

describe.skipIf(!hasZooKeeper())('checks of every kind', () => {
  let zooKeeper: ZooKeeper;
  const times = { interval: '200ms', fastInterval: '50ms', timeout: '400ms', rise: 1, fall: 1 };
  const well = { [vip1]: 100, [vip2]: 200, [vip3]: 200 };

  beforeAll(async () => {
    zooKeeper = await startZooKeeper({ properties: [superuserProperty] });
  });
  afterAll(() => zooKeeper.stop());

  it('each withdraw the service when they fail, and bring it back', async () => {
    const fleet = new Fleet(zooKeeper);
    const web = await startWeb();
    const dns = await startDnsServer({ 'www.example A': [Buffer.from([192, 0, 2, 1])] });
    onTestFinished(() => void dns.stop());
    const zone = dns.zone;
    const [off, table] = ['off', 'ip_vs'].map((name) => join(fleet.directory, name)) as [
      string,
      string,
    ];
    const realServers = readFileSync(join(fixtures, 'ip_vs'), 'utf8');
    writeFileSync(table, realServers);
    const checks = [
      { http: { url: web.url, body: 'well' } },
      { tcp: `127.0.0.1:${web.port}` },
      { dns: { server: `127.0.0.1:${dns.port}`, name: 'www.example', answers: ['192.0.2.1'] } },
      { ipvs: { service: '10.20.255.1:80', drop: 1, restore: 2, table } },
      { file: { absent: off } },
      { always: 'up' },
    ].map((check) => ({ ...check, ...times }));
    const { agent } = await fleet.settle({ service: { checks } }, []);
    const faults: readonly (readonly [string | RegExp, () => void, () => void])[] = [
      ['apex is down: status 503', () => web.answer(503), () => web.answer(200)],
      [/^apex is down: timed out after 400 ms/, () => web.answer('never'), () => web.answer(200)],
      [
        'apex is down: no such name (NXDOMAIN)',
        () => Object.assign(dns, { zone: { 'www.example A': 3 } }),
        () => Object.assign(dns, { zone }),
      ],
      [
        'apex is down: tcp 10.20.255.1:80: 0 of 3 real servers',
        () => writeFileSync(table, realServers.replace(/ (1|100) {4,6}(0|12) /g, ' 0      0 ')),
        () => writeFileSync(table, realServers),
      ],
      [`apex is down: ${off} exists`, () => writeFileSync(off, ''), () => rmSync(off)],
    ];
    for (const [words, breakIt, mendIt] of faults) {
      const from = agent.log.length;
      breakIt();
      await agent.says(words, { from });
      await agent.hasRoutes({});
      mendIt();
      await agent.hasRoutes(well);
    }
  });

  it('are enough when as many are up as the service needs', async () => {
    const fleet = new Fleet(zooKeeper);
    const ready = join(fleet.directory, 'ready');
    const checks = [{ file: ready }, { always: 'up' }, { always: 'down' }].map((check) => ({
      ...check,
      ...times,
    }));
    writeFileSync(ready, '');
    const service = { checks, health: { atLeast: 2 } };
    const { agent } = await fleet.settle({ service }, []);
    rmSync(ready);
    await agent.says(`apex is down: ${ready} is absent`);
    await agent.hasRoutes({});
    writeFileSync(ready, '');
    await agent.hasRoutes(well);
  });

  it('hold no connection past a reload without them, or past the end', async () => {
    const fleet = new Fleet(zooKeeper);
    const web = await startWeb();
    const hanging = { http: web.url, ...times, timeout: '1m' };
    const drain = { timeout: '100ms' };
    const service = { checks: [{ always: 'up', ...times }, hanging], health: 'any', drain };
    const { agent } = await fleet.settle({ service }, []);
    web.answer('never');
    await waitFor(() => web.waiting() === 1, { what: 'a request that hangs' });
    fleet.configFile({ service: { checks: [{ always: 'up', ...times }] } });
    agent.signal('SIGHUP');
    await waitFor(() => web.waiting() === 0, { what: 'its connection to go by the reload' });
    fleet.configFile({ service });
    agent.signal('SIGHUP');
    await waitFor(() => web.waiting() === 1, { what: 'another request that hangs' });
    agent.signal('SIGTERM');
    await waitFor(() => web.waiting() === 0, { what: 'its connection to go with the agent' });
  });
});

const fixtures = join(import.meta.dirname, '../../checks/fixtures');

/** A web server that answers with a status, or never. */
async function startWeb() {
  const waiting = new Set<ServerResponse>();
  let status: number | 'never' = 200;
  const server = createServer((_request, response) => {
    if (status !== 'never') {
      response.writeHead(status).end('all is well');
      return;
    }
    waiting.add(response);
    response.on('close', () => waiting.delete(response));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://127.0.0.1:${port}/healthcheck`,
    waiting: () => waiting.size,
    answer(next: number | 'never') {
      status = next;
    },
  };
}

function readPids(file: string): readonly number[] {
  return readFileSync(file, 'latin1').trim().split('\n').map(Number);
}

/** Whether that process is still one of the check's. */
function isSleeping(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1').startsWith('sleep');
  } catch {
    return false;
  }
}

function residentKb(pid: number): number {
  return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1]);
}
