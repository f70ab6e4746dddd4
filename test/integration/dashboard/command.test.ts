import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { MemberId } from '../../../src/core/settings.ts';
import type { Vip } from '../../../src/core/vip.ts';
import type { Message } from '../../../src/dashboard/wire.ts';
import { encodeStatus } from '../../../src/observe/status.ts';
import { encodeClaim, encodeMember } from '../../../src/zookeeper/znode-data.ts';
import { launcherOf } from '../../helpers/agent-process.ts';
import {
  hasChromium,
  launchBrowser,
  openPage,
  overflowOf,
  takePicture,
  violationsOf,
} from '../../helpers/browser.ts';
import { type EventStream, listenToEvents } from '../../helpers/event-stream.ts';
import { generateService } from '../../helpers/generated-fleet.ts';
import { stalePrefix } from '../../helpers/namespace.ts';
import { waitFor } from '../../helpers/wait.ts';
import { hasZooKeeper, startZooKeeper, type ZooKeeper } from '../../helpers/zookeeper.ts';
import { Fleet, vip1, vip2, vip3 } from '../agent/fleet.ts';
import { type Operator, operatorOf, superuserProperty } from '../zookeeper/operator.ts';

const token = 'correct-horse-battery';
const listen = ['--listen', '127.0.0.1:0'];
/** Agents, ZooKeeper and a browser at once: they take five seconds where nobody else is, and many where others are. */
const slow = { timeout: 180_000 };

describe.skipIf(!hasZooKeeper())('vipkeeper dashboard', () => {
  let zooKeeper: ZooKeeper;

  beforeAll(async () => {
    zooKeeper = await startZooKeeper({ properties: [superuserProperty] });
  });
  afterAll(() => zooKeeper.stop());

  describe.skipIf(!hasChromium())('in a browser', () => {
    let browser: Browser;
    beforeAll(async () => {
      browser = await launchBrowser();
    });
    afterAll(() => browser.close());

    it(
      'shows a failover of real agents without waiting for anything, and an outage of ZooKeeper',
      slow,
      async () => {
        const fleet = new Fleet(zooKeeper);
        const agents = ['lb1', 'lb2', 'lb3'].map((member) => fleet.start({ member }));
        const [lb1, lb2] = agents;
        await Promise.all(
          agents.map((agent, index) => agent.hasRoutes({ [[vip1, vip2, vip3][index] ?? '']: 100 })),
        );
        const { url } = await startDashboard('-f', fleet.configFile({ member: 'lb1' }));
        const { page, complaints } = await openPage(browser, url);
        await page.getByRole('row', { name: /^10\.20\.255\.1\/32 lb1 owner/ }).waitFor();
        const row = page.getByRole('row', { name: /^10\.20\.255\.1\/32 backup: / });
        const claims = { operator: await fleet.operator(), path: fleet.claims };
        const steps = Promise.all([
          msOf(claimGone(claims, vip1)),
          msOf(lb2?.hasRoutes({ [vip1]: 200, [vip2]: 100 })),
          // No bound that a busy machine could miss; but sooner than everything is read again, once a minute.
          msOf(row.waitFor({ timeout: 30_000 })),
        ]);
        lb1?.endInput();
        const [goneMs, routedMs, shownMs] = await steps;
        console.log(
          `a failover is shown ${Math.round(shownMs - routedMs)} ms after the route, ` +
            `${Math.round(shownMs - goneMs)} ms after a bare watch told of the claim`,
        );
        await page.getByRole('row', { name: /^10\.20\.255\.1\/32 backup: lb2, lb3/ }).waitFor();
        await page.getByRole('region', { name: 'Moves' }).getByText(vip1).first().waitFor();
        const [server] = zooKeeper.servers;
        await server?.stop();
        await page.getByText('does not reach ZooKeeper').waitFor();
        await page.getByRole('row', { name: /^10\.20\.255\.1\/32 backup: lb2, lb3/ }).waitFor();
        await server?.start();
        await page.getByRole('status').getByText('Live').waitFor();
        expect(complaints).toEqual([]);
      },
    );

    it(
      'drains by the page with its token; the last member only when that is said twice',
      slow,
      async () => {
        const fleet = new Fleet(zooKeeper);
        const agents = ['lb1', 'lb2'].map((member) => fleet.start({ member }));
        const [lb1] = agents;
        await lb1?.hasRoutes({ [vip1]: 100, [vip3]: 200 });
        await agents[1]?.hasRoutes({ [vip2]: 100, [vip3]: 200 });
        const config = fleet.configFile({ member: 'lb1' });
        const { url, output } = await startDashboard(
          '-f',
          config,
          '--token-file',
          tokenFile(token),
        );
        const { page, complaints } = await openPage(browser, url);
        await page.getByRole('columnheader', { name: 'lb1' }).click();
        await page.getByRole('heading', { name: 'lb1' }).waitFor();
        expect(await page.getByRole('button', { name: 'Drain lb1' }).count()).toBe(0);

        await beginToAct(page, 'not-the-token-of-it');
        await page.getByRole('button', { name: 'Drain lb1' }).click();
        await page.getByText('This is not the token of this page.').waitFor();
        expect(await page.getByRole('button', { name: 'Drain lb1' }).count()).toBe(0);
        const headers = { origin: 'http://evil.example.net', authorization: `Bearer ${token}` };
        expect((await fetch(`${url}act`, { method: 'POST', headers })).status).toBe(403);

        await beginToAct(page, token);
        await page.getByRole('form', { name: 'Drain lb1' }).getByLabel('Reason').fill('new disk');
        await page.getByRole('combobox', { name: 'For' }).selectOption('15 minutes');
        await page.getByRole('button', { name: 'Drain lb1' }).click();
        await page.getByText(/^lb1 of apex is drained until /).waitFor();
        await page.getByRole('button', { name: 'Undrain lb1' }).waitFor();
        const timeline = page.getByRole('region', { name: 'Moves' });
        await timeline.getByText('lb1 drained').waitFor();
        await timeline.getByText(/^by jd \(page, 127\.0\.0\.1\): new disk, until /).waitFor();
        await lb1?.hasRoutes({});
        const operator = await fleet.operator();
        const path = `${fleet.root}/drain/apex`;
        expect(JSON.parse(await operator.data(`${path}/lb1`))).toMatchObject({
          who: 'jd (page, 127.0.0.1)',
          reason: 'new disk',
          expires: expect.any(String),
        });

        await page.getByRole('row', { name: /^10\.20\.255\.1\/32 backup: lb2/ }).waitFor();
        await page.getByRole('button', { name: 'Put apex into maintenance' }).click();
        await page.getByText('all of apex goes dark everywhere, 3 VIPs: ').waitFor();
        await page.getByRole('button', { name: 'Leave it' }).click();
        expect(await operator.exists(fleet.maintenance)).toBe(false);

        await page.getByRole('columnheader', { name: 'lb2' }).click();
        await page.getByRole('button', { name: 'Drain lb2' }).click();
        await page.getByText('without lb2 nobody would announce').waitFor();
        await takePicture(page, 'acting');
        expect(await operator.exists(`${path}/lb2`)).toBe(false);
        await page.getByRole('button', { name: 'Drain lb2 all the same' }).click();
        await page.getByText('lb2 of apex is drained until it is undrained').waitFor();
        await page.getByRole('button', { name: 'Undrain lb2' }).click();
        await page.getByText('lb2 of apex is not drained any more').waitFor();
        expect(await operator.exists(`${path}/lb2`)).toBe(false);
        expect(await violationsOf(page)).toEqual([]);
        await page.setViewportSize({ width: 360, height: 740 });
        expect(await overflowOf(page)).toBe(0);
        expect(output.join('\n')).toContain('jd (page, 127.0.0.1): lb1 of apex is drained');
        // The browser itself tells of the refusals.
        expect(complaints.filter((text) => !/status of 4(01|09)/.test(text))).toEqual([]);
      },
    );
  });

  it.each<readonly [string, string, number, RegExp]>([
    ['that others may read', 'x'.repeat(16), 0o640, /others may read it \(mode 640\)/],
    ['that is too short', 'x'.repeat(15), 0o600, /expected one line of 16 to 512 printable/],
    [
      'of two lines',
      `${'x'.repeat(16)}\nsecret`,
      0o600,
      /expected one line of 16 to 512 printable/,
    ],
  ])('refuses a token %s, and does not tell it', async (_, token, mode, said) => {
    const { child, output } = run(
      ...['dashboard', '-z', '127.0.0.1:1', ...listen, '--token-file', tokenFile(token, mode)],
    );
    expect(await once(child, 'exit')).toEqual([78, null]);
    expect(output.join('\n')).toMatch(said);
    expect(output.join('\n')).not.toMatch(/x{15}|secret$/);
  });

  it('follows a fleet of 100 by 300 at a small cost', async () => {
    const operator = await operatorOf(zooKeeper.servers[0] ?? { host: '', port: 0 });
    await writeLargeFleet(operator, '/large');
    const { url, pid } = await startDashboard('-z', zooKeeper.connectString, '--root', '/large');
    const events = await listenToEvents(`${url}events`);
    const whole = await until(events, ({ set }) => set.length > 300);
    const wholeBytes = JSON.stringify(whole).length;
    const restMb = residentMb(pid);
    const startedMs = performance.now();
    await operator.remove('/large/service/apex/10.20.255.7');
    const change = await until(events, ({ set }) =>
      set.some(
        ([kind, , name, part]) =>
          kind === 'vip' && name === '10.20.255.7/32' && part.claim === undefined,
      ),
    );
    const changeMs = performance.now() - startedMs;
    const changeBytes = JSON.stringify(change).length;
    for (let round = 0; round < 6; round += 1) {
      const path = `/large/maintenance/apex`;
      await (round % 2 === 0 ? operator.create(path) : operator.remove(path));
      await until(events, ({ set }) => set.some(([kind]) => kind === 'service'));
    }
    events.close();
    console.log(
      `100 x 300: whole ${wholeBytes} bytes, change ${changeBytes} bytes after ${Math.round(changeMs)} ms, ` +
        `${Math.round(restMb)} MB at rest, ${Math.round(residentMb(pid))} MB after 6 changes`,
    );
    // Sooner than everything is read again.
    expect(changeMs).toBeLessThan(30_000);
    expect(changeBytes).toBeLessThan(10_000);
    expect(residentMb(pid)).toBeLessThan(400);
  });

  it('says that nothing was read while ZooKeeper does not answer, and why', async () => {
    const { url } = await startDashboard('-z', '127.0.0.1:1');
    const events = await listenToEvents(`${url}events`);
    const { state } = await until(
      events,
      ({ state: { detail } }) => detail?.includes('ECONNREFUSED') === true,
    );
    expect(state).toMatchObject({ isLive: false });
    expect(state).not.toHaveProperty('readAt');
    events.close();
  });

  it.each<readonly [string, readonly string[], number, RegExp]>([
    [
      'a port',
      ['--listen', '9469'],
      64,
      /--listen: expected an address and a port, as 127\.0\.0\.1:9469/,
    ],
    [
      'an address',
      ['--listen', '192.0.2.1:9469'],
      69,
      /cannot listen on 192\.0\.2\.1:9469: this host has no such address/,
    ],
  ])('refuses %s that it cannot listen on', async (_, words, code, said) => {
    const { child, output } = run('dashboard', '-z', '127.0.0.1:1', ...words);
    expect(await once(child, 'exit')).toEqual([code, null]);
    expect(output.join('\n')).toMatch(said);
  });

  it('says so when the port is taken, and warns when others can reach it', async () => {
    const { url, output } = await startDashboard('-z', '127.0.0.1:1', '--listen', '0.0.0.0:0');
    // It comes by the other stream, so it may come later.
    await waitFor(
      () => output.join('\n').includes('whoever reaches 0.0.0.0 sees the whole fleet'),
      {
        what: 'the warning',
      },
    );
    const { port } = new URL(url);
    const second = run('dashboard', '-z', '127.0.0.1:1', '--listen', `0.0.0.0:${port}`);
    expect(await once(second.child, 'exit')).toEqual([69, null]);
    expect(second.output.join('\n')).toContain('something listens there already');
  });
});

interface Running {
  readonly child: ChildProcess;
  /** What it has written, on either stream. */
  readonly output: readonly string[];
}

/** Runs a command of vipkeeper; it ends with the test. */
function run(...words: readonly string[]): Running {
  const child = spawn(process.execPath, [launcherOf('vipkeeper'), ...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface(stream).on('line', (line) => output.push(line));
  }
  onTestFinished(() => void child.kill('SIGKILL'));
  return { child, output };
}

/** Resolves when a bare watch of ZooKeeper, and the reading after it, have told that nobody claims a VIP. */
function claimGone(
  { operator, path }: { readonly operator: Operator; readonly path: string },
  vip: string,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const look = () =>
      operator.client.getChildren(path, look, (error, names) => {
        if (error) reject(new Error(String(error)));
        else if (!names.includes(vip)) resolve();
      });
    look();
  });
}

/** When it was done. */
async function msOf(done: Promise<unknown> | undefined): Promise<number> {
  await done;
  return performance.now();
}

/** A file with a token; gone with the test. */
function tokenFile(token: string, mode = 0o600): string {
  const directory = mkdtempSync(join(tmpdir(), `${stalePrefix}${process.pid}-token-`));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const file = join(directory, 'token');
  writeFileSync(file, `${token}\n`);
  // Not by the option of writeFileSync, which the umask cuts.
  chmodSync(file, mode);
  return file;
}

/** Serves the page, on any port unless the words say which. */
async function startDashboard(
  ...words: readonly string[]
): Promise<Running & { readonly url: string; readonly pid: number }> {
  const isPlaced = words.includes('--listen');
  const running = run('dashboard', ...words, ...(isPlaced ? [] : listen));
  const url = await waitFor(
    () => /^The page is at (http:\S+)$/m.exec(running.output.join('\n'))?.[1],
    { what: 'the page to be served' },
  );
  return { ...running, url, pid: running.child.pid ?? 0 };
}

/** Types a name and the token into the page. */
async function beginToAct(page: Page, token: string): Promise<void> {
  await page.getByRole('button', { name: 'Act', exact: true }).click();
  await page.getByLabel('Your name').fill('jd');
  await page.getByLabel('Token').fill(token);
  await page.getByLabel('Token').press('Enter');
  await page.getByRole('button', { name: 'Acting as jd. Stop' }).waitFor();
}

async function until(
  events: EventStream,
  isWanted: (message: Message) => boolean,
): Promise<Message> {
  for (;;) {
    const { message } = await events.next();
    if (isWanted(message)) return message;
  }
}

/** What 100 agents that are hot standbys for 300 VIPs keep in ZooKeeper. */
async function writeLargeFleet(operator: Operator, root: string): Promise<void> {
  const { members, vips } = generateService({ members: 100, vips: 300, hasStandby: true });
  for (const folder of ['service', 'member', 'status', 'drain', 'maintenance'])
    await operator.create(
      `${root}/${folder}/${folder === 'maintenance' ? '' : 'apex'}`.replace(/\/$/, ''),
    );
  const process = { bootId: 'b', pid: 1, startTicks: 1, speakerPid: 1, speakerStartTicks: 1 };
  const instance = { ...process, host: 'lb', startedMs: 0 };
  const authorOf = (member: string) => ({
    member: member as MemberId,
    instance,
    wallMs: 0,
  });
  await Promise.all(
    vips.map(({ vip, owner = '' }) =>
      operator.create(
        `${root}/service/apex/${vip.replace('/32', '')}`,
        encodeClaim(authorOf(owner)),
        true,
      ),
    ),
  );
  await Promise.all(
    members.map(async ({ member, announces, status }) => {
      const report = {
        health: 'up',
        announces: announces as readonly Vip[],
        isLeaving: false,
      } as const;
      await operator.create(
        `${root}/member/apex/${member}`,
        encodeMember(authorOf(member), report),
        true,
      );
      if (status === undefined) return;
      await operator.create(`${root}/status/apex/${member}`, Buffer.from(encodeStatus(status)));
    }),
  );
}

function residentMb(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1');
  return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) / 1024;
}
