import { execFileSync } from 'node:child_process';
import {
  closeSync,
  constants,
  mkdtempSync,
  openSync,
  readSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { missingForBgp, stalePrefix } from '../../helpers/namespace.ts';
import { waitFor } from '../../helpers/wait.ts';
import { hasZooKeeper, startZooKeeper, type ZooKeeper } from '../../helpers/zookeeper.ts';
import { superuserProperty } from '../zookeeper/operator.ts';
import { vip1, vip2, vip3 } from './agent-config.ts';
import { passed, Site } from './site.ts';

const missing = missingForBgp();
/** Of the session, as the site has it. */
const timeoutMs = 2_000;

describe.skipIf(missing !== undefined || !hasZooKeeper())(
  `an agent that stands still ${missing ?? ''}`,
  () => {
    let zooKeeper: ZooKeeper;
    let site: Site;

    beforeAll(async () => {
      zooKeeper = await startZooKeeper({ properties: [superuserProperty] });
      site = await Site.start({ zooKeeper });
    });
    afterAll(async () => {
      await site.stop();
      await zooKeeper.stop();
    });

    /** Stops what there is of lb1, and returns what lets it go on. */
    function stall(what: 'the agent' | 'the agent and its ExaBGP'): () => void {
      const { exabgp, agentPid } = site.member('lb1');
      const pids = what === 'the agent' ? [agentPid()] : [exabgp.pid, agentPid()];
      for (const pid of pids) process.kill(pid, 'SIGSTOP');
      return () => {
        // The agent first: what it believes must not depend on ExaBGP's word.
        for (const pid of pids.toReversed()) process.kill(pid, 'SIGCONT');
      };
    }

    async function ownersOfClaims(): Promise<readonly (string | undefined)[]> {
      const operator = await site.operator();
      const owners = await Promise.all(
        [vip1, vip2, vip3].map((vip) => operator.owner(`${site.claims}/${vip}`)),
      );
      operator.close();
      return owners;
    }

    it.each([
      { share: 0.25, suspensions: 0 },
      // On waking it does not believe in its session, which lives.
      { share: 0.55, suspensions: 1 },
    ])('for $share of the session timeout: nothing changes', async ({ share, suspensions }) => {
      await site.atRest();
      const [mark, owners] = [site.mark(), await ownersOfClaims()];
      const log = site.member('lb1').mark();
      const goOn = stall('the agent');
      await passed(timeoutMs * share, 'the stall');
      goOn();
      await passed(timeoutMs * 1.5, 'what it may have led to');
      await site.atRest();
      expect(site.wordsSince(mark)).toEqual([]);
      expect(await ownersOfClaims()).toEqual(owners);
      expect(site.member('lb1').said(/session: suspended/, log)).toHaveLength(suspensions);
    });

    it.each(['the agent', 'the agent and its ExaBGP'] as const)(
      '%s, for longer than the session timeout: it acts on nothing old',
      async (what) => {
        await site.atRest();
        const mark = site.mark();
        const goOn = stall(what);
        // Its socket fills with news of a loss that is made good before it can read them.
        await site.powerOff('lb3');
        await site.carriedBy(vip3, 'lb2');
        await site.startMember('lb3');
        await site.carriedBy(vip3, 'lb3');
        await site.carriedBy(vip1, 'lb1', 'lb2', 'lb3');
        const takenOver = site.mark();
        const [, ...others] = await ownersOfClaims();
        const log = site.member('lb1').mark();
        goOn();
        await site.member('lb1').says('session new session', log);
        await site.atRest();
        await passed(timeoutMs, 'second thoughts');
        await site.atRest();
        expect((await ownersOfClaims()).slice(1)).toEqual(others);
        expect(site.changesSince(mark).filter(({ speaker }) => speaker === 'lb1')).toEqual([]);
        expect(site.wordsSince(takenOver)).toEqual([
          `lb2 changed ${vip1}`,
          `lb2 withdrawn ${vip1}`,
          `lb3 changed ${vip1}`,
          `lb3 withdrawn ${vip1}`,
        ]);
      },
    );

    it('a backup: it hands back what its owner has taken again, and takes over what was lost', async () => {
      await site.atRest();
      await site.powerOff('lb3');
      await site.carriedBy(vip3, 'lb1', 'lb2');
      const goOn = stall('the agent');
      await site.startMember('lb3');
      await site.carriedBy(vip3, 'lb1', 'lb3');
      await site.powerOff('lb2');
      await site.carriedBy(vip2, 'lb3');
      const mark = site.mark();
      goOn();
      await site.carriedBy(vip3, 'lb3');
      await site.carriedBy(vip2, 'lb1', 'lb3');
      await site.startMember('lb2');
      await site.atRest();
      expect(site.changesSince(mark).filter(({ carriers }) => carriers.length === 0)).toEqual([]);
      expect(
        site.changesSince(mark).filter(({ speaker, vip }) => speaker === 'lb1' && vip === vip1),
      ).toEqual([]);
    });

    it('maintenance that began meanwhile is found out on waking', async () => {
      await site.atRest();
      const operator = await site.operator();
      const goOn = stall('the agent');
      await operator.create(`${site.root}/maintenance/apex`);
      await site.carriedBy(vip2);
      await site.carriedBy(vip3);
      await passed(timeoutMs + 1_000, 'its session to expire');
      expect(site.carriers(vip1)).toEqual(['lb1']);
      const mark = site.mark();
      goOn();
      await site.carriedBy(vip1);
      expect(site.wordsSince(mark)).toEqual([`lb1 withdrawn ${vip1}`]);
      await operator.remove(`${site.root}/maintenance/apex`);
      await site.atRest();
      expect(site.changesSince(mark).filter(({ kind }) => kind === 'withdrawn')).toHaveLength(1);
    });

    it('does not stand still when nobody reads its log', async () => {
      await site.stop();
      const pipe = openFullPipe();
      site = await Site.start({
        zooKeeper,
        wrapper: (name) => (name === 'lb1' ? pipe.into : []),
      });
      await site.atRest();
      await site.powerOff('lb3');
      await site.carriedBy(vip3, 'lb1', 'lb2');
      const mark = site.mark();
      await passed(timeoutMs * 2, 'a session that is not kept up to expire');
      expect(site.wordsSince(mark)).toEqual([]);
      await site.startMember('lb3');
      await site.atRest();
      // What it had to say was kept, and comes in its order.
      const reasons = () =>
        pipe
          .read()
          .split('\n')
          .filter((line) => line.includes(`"vip":"${vip3}/32"`) && line.endsWith('}'))
          .map((line) => String(JSON.parse(line).reason));
      await waitFor(() => reasons().join().endsWith('claimMissing,handingBack,heldByOwner'), {
        what: 'all of it in the log',
      });
    });
  },
);

/** A pipe that takes nothing until it is read. */
function openFullPipe() {
  const directory = mkdtempSync(join(tmpdir(), `${stalePrefix}${process.pid}-log-`));
  const path = join(directory, 'pipe');
  execFileSync('mkfifo', [path]);
  const script = `${path}.sh`;
  writeFileSync(script, `exec "$@" 2>${path}\n`);
  const fd = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  onTestFinished(() => {
    closeSync(fd);
    rmSync(directory, { recursive: true });
  });
  const filling = Buffer.alloc(4_096, '\n');
  try {
    for (;;) writeSync(fd, filling);
  } catch {
    // Full.
  }
  let text = '';
  return {
    into: ['/bin/sh', script],
    read: () => {
      const bytes = Buffer.alloc(65_536);
      try {
        text += bytes.toString('utf8', 0, readSync(fd, bytes));
      } catch {
        // Empty for now.
      }
      return text;
    },
  };
}
