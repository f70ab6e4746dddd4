import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { FleetView } from '../../../src/observe/fleet-view.ts';
import { launcherOf } from '../../helpers/agent-process.ts';
import { waitFor } from '../../helpers/wait.ts';
import { hasZooKeeper, startZooKeeper, type ZooKeeper } from '../../helpers/zookeeper.ts';
import { vip1, vip3 } from '../agent/fleet.ts';
import { superuserProperty } from '../zookeeper/operator.ts';
import { threeLbs, vipkeeper } from './vipkeeper.ts';

describe.skipIf(!hasZooKeeper())('an operator who looks', () => {
  let zooKeeper: ZooKeeper;

  beforeAll(async () => {
    zooKeeper = await startZooKeeper({ properties: [superuserProperty] });
  });
  afterAll(() => zooKeeper.stop());

  it('sees a fleet in order, then a dead member, why, and what would be', {
    timeout: 90_000,
  }, async () => {
    const { fleet, lb3, at } = await threeLbs(zooKeeper);
    const file = join(fleet.directory, 'lb1.yaml');
    const well = await settled(
      () => vipkeeper('status', '-f', file),
      0,
      ({ out }) => out.includes('lb1 owner'),
    );
    expect(well.out).toMatch(/^apex: 3 VIPs, 3 members; no problem\n/);
    expect(well.out).toMatch(
      /10\.20\.255\.1\/32 +lb1 +owner +lb1 owner +\d+s +this member owns it/,
    );

    const foretold = await vipkeeper('whatif', '--down', 'lb3', '-f', file);
    expect(foretold.out).toMatch(/10\.20\.255\.3\/32 +lb3 owner +lb1 backup, lb2 backup\n/);
    expect(foretold.code).toBe(0);

    lb3.signal('SIGKILL');
    const dead = await settled(
      () => vipkeeper('status', 'apex', ...at, '--json'),
      1,
      ({ out }) => announcersOf(out, vip3) === 'lb1 backup, lb2 backup',
    );
    const [apex] = (JSON.parse(dead.out) as FleetView).services;
    expect(apex?.problems.map(({ kind, subject }) => `${kind} ${subject}`)).toEqual([
      'gone lb3',
      'config apex',
    ]);
    expect(apex?.vips[2]).toMatchObject({
      owner: 'lb3',
      announcers: [{ reason: 'claimMissing' }, {}],
    });
    expect(apex?.vips[2]).not.toHaveProperty('claim');

    const why = await vipkeeper('explain', vip3, ...at);
    expect(why.code).toBe(0);
    expect(why.out).toMatch(
      /\nlb1: announced as backup, because its claim has been missing: lb3 is gone from ZooKeeper; in that role for \d+s\n/,
    );
    expect(why.out).toContain('  by rule 5: ');
    expect(why.out).toContain('\nlb3: gone, before that announced as owner');

    const moves = await vipkeeper('history', 'apex', '--vip', vip3, ...at);
    expect(moves.out).toMatch(/ lb3 +hold -> owner /);
    expect(moves.out).toMatch(/ lb1 +none -> backup +announced as backup, because its claim/);

    const both = await vipkeeper('whatif', ...at, '--down', 'lb1', 'lb2', 'apex');
    expect(both.out).toContain(`!! ${vip1}/32 would be announced by nobody`);
    expect(both.code).toBe(1);
  });

  it('watches, and is shown a change at once', { timeout: 90_000 }, async () => {
    const { lb1, at } = await threeLbs(zooKeeper);
    const child = spawn(
      process.execPath,
      [launcherOf('vipkeeper'), 'status', '--watch', '--json', ...at],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    onTestFinished(() => void child.kill('SIGKILL'));
    let out = '';
    child.stdout.on('data', (bytes: Buffer) => {
      out += bytes.toString();
    });
    const shown = () => out.trim().split('\n').at(-1) ?? '';
    await waitFor(() => out.endsWith('\n') && announcersOf(shown(), vip1) === 'lb1 owner', {
      what: 'the first',
    });
    lb1.signal('SIGTERM');
    await waitFor(
      () => out.endsWith('\n') && announcersOf(shown(), vip1) === 'lb2 backup, lb3 backup',
      {
        what: 'the hand-over',
      },
    );
    child.kill('SIGTERM');
    expect(await new Promise((resolve) => child.once('exit', resolve))).toBe(0);
    const left = await settled(
      () => vipkeeper('status', ...at),
      1,
      ({ out: text }) => text.includes('its claim has been missing: lb1 was stopped in order'),
    );
    expect(left.out).toMatch(
      /! +lb1 is gone from ZooKeeper: stopped in order, and wrote last at \S+ \S+ UTC\n/,
    );
  });

  it.each<[string, readonly string[], number, RegExp]>([
    [
      'a service that there is not',
      ['status', 'web'],
      65,
      /no service web in \/none; there is none/,
    ],
    [
      'a VIP that nobody has',
      ['explain', '10.0.0.9'],
      65,
      /no service in \/none has 10\.0\.0\.9\/32/,
    ],
    [
      'what is no VIP',
      ['explain', 'lb1'],
      64,
      /expected a VIP as 10\.20\.255\.1, found "lb1": it is no address/,
    ],
    [
      'too few moves',
      ['history', 'apex', '-n', '0'],
      64,
      /--number: expected a whole number from 1 on, found 0/,
    ],
    [
      'no time',
      ['history', '--since', 'yesterday'],
      64,
      /--since: expected a duration as 4s, .*, or a time as 2026-.*Z, found "yesterday"/,
    ],
    [
      'the past of a VIP that nobody had',
      ['history', '--vip', '10.0.0.9', '--since', '2026-11-21 18:00:00 UTC'],
      65,
      /no VIP 10\.0\.0\.9\/32 in \/none; there is none/,
    ],
    [
      'a member that there is not',
      ['whatif', '--down', 'lb9,lb8'],
      65,
      /no member lb9 in \/none; there is none\n.*no member lb8 in/,
    ],
    ['two places', ['status', '-f', 'x.yaml'], 64, /-f and --zookeeper exclude each other/],
    ['a wrong root', ['status', '--root', 'exabgp'], 64, /--root: expected an absolute znode path/],
  ])('is told about %s', async (_, args, code, said) => {
    const root = args.includes('--root') ? [] : ['--root', '/none'];
    const ran = await vipkeeper(...args, '-z', zooKeeper.connectString, ...root);
    expect(ran.error).toMatch(said);
    expect(ran.code).toBe(code);
  });

  it('is told where ZooKeeper was looked for, and what came back', {
    timeout: 30_000,
  }, async () => {
    const nowhere = await vipkeeper('status', '-z', '127.0.0.1:1');
    expect(nowhere.error).toMatch(
      /could not be reached within 5 s: 127\.0\.0\.1:1: .*ECONNREFUSED/,
    );
    expect(nowhere.code).toBe(69);
    const lost = await vipkeeper('status', '--root', '/exabgp');
    expect(lost.error).toContain('--root goes with --zookeeper');
  });
});

function announcersOf(json: string, vip: string): string {
  const { services } = JSON.parse(json) as FleetView;
  const found = services[0]?.vips.find((one) => one.vip === `${vip}/32`);
  return (found?.announcers ?? []).map(({ member, role }) => `${member} ${role}`).join(', ');
}

type Ran = Awaited<ReturnType<typeof vipkeeper>>;

/** Records follow within a second: runs it until it ends with that code, and shows that. */
async function settled(
  run: () => Promise<Ran>,
  code: number,
  holds: (ran: Ran) => boolean = () => true,
): Promise<Ran> {
  let last: Ran | undefined;
  const attempt = async () => {
    last = await run();
    return last.code === code && holds(last) ? last : undefined;
  };
  return waitFor(attempt, { what: `exit code ${code}`, timeoutMs: 30_000 }).catch(
    (error: Error) => {
      throw new Error(`${error.message}; last: ${last?.code} ${last?.out} ${last?.error}`);
    },
  );
}
