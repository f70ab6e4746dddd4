import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { transactionsAt } from '../../helpers/four-letter-words.ts';
import { missingForBgp } from '../../helpers/namespace.ts';
import { waitFor } from '../../helpers/wait.ts';
import { hasZooKeeper, startZooKeeper, type ZooKeeper } from '../../helpers/zookeeper.ts';
import { type Operator, superuserProperty } from '../zookeeper/operator.ts';
import { vip1, vip2, vip3 } from './agent-config.ts';
import { ExazkMember } from './exazk-member.ts';
import { passed, Site, type SiteOptions } from './site.ts';

const missing = missingForBgp();

describe.skipIf(missing !== undefined || !hasZooKeeper())(
  `a VIP that two members own ${missing ?? ''}`,
  () => {
    let zooKeeper: ZooKeeper;

    beforeAll(async () => {
      zooKeeper = await startZooKeeper({ properties: [superuserProperty] });
    });
    afterAll(() => zooKeeper.stop());

    async function startSite(options: Omit<SiteOptions, 'zooKeeper'>): Promise<Site> {
      const site = await Site.start({ zooKeeper, ...options });
      onTestFinished(() => site.stop());
      return site;
    }

    /** Waits until the quorum has agreed on so many heartbeats, each a transaction of its own. */
    async function heartbeats(count: number): Promise<void> {
      const [server] = zooKeeper.servers;
      if (server === undefined) throw new Error('no server');
      const from = await transactionsAt(server);
      await waitFor(async () => (await transactionsAt(server)) >= from + count, {
        what: `${count} heartbeats`,
        timeoutMs: 30_000,
        everyMs: 50,
      });
    }

    async function churn(operator: Operator, site: Site): Promise<readonly unknown[]> {
      const members = `${site.root}/member/apex`;
      return Promise.all([
        operator.childChanges(site.claims),
        operator.childChanges(members),
        operator.owner(`${site.claims}/${vip1}`),
        operator.data(`${members}/lb1`),
        operator.data(`${members}/lb2`),
      ]);
    }

    it('is announced by both, told on both, and nobody fights', async () => {
      // Each believes that the first VIP is its own.
      const site = await startSite({
        names: ['lb1', 'lb2'],
        changes: (name) => ({
          service: { vips: { [vip1]: name, [vip2]: 'lb2', [vip3]: 'lb3' } },
        }),
      });
      await site.carriedBy(vip1, 'lb1', 'lb2');
      await site.carriedBy(vip3, 'lb1', 'lb2');
      const operator = await site.operator();
      const holder = JSON.parse(
        await waitFor(() => operator.data(`${site.claims}/${vip1}`), { what: 'the claim' }),
      ).member as 'lb1' | 'lb2';
      const other = holder === 'lb1' ? 'lb2' : 'lb1';
      const told = await site
        .member(other)
        .says(
          `${vip1}/32 of apex is owned by this member, but its claim is held by member ${holder}`,
        );
      const contested = await site
        .member(holder)
        .says(`${vip1}/32 of apex is owned by this member, and by member ${other} according to`);
      expect([told.level, contested.level]).toEqual(['error', 'error']);

      const mark = site.mark();
      const before = await churn(operator, site);
      const sinceMs = performance.now();
      await heartbeats(65);
      // Both beat every third of a second. A write is a transaction, too, also one that is refused: there was none.
      expect(performance.now() - sinceMs).toBeGreaterThan(9_000);
      expect(await churn(operator, site)).toEqual(before);
      expect(site.wordsSince(mark)).toEqual([]);
      for (const member of site.members)
        expect(member.said(/is owned by this member/)).toHaveLength(1);

      // The other one needs no takeover: it is the owner's claim that follows.
      await site.powerOff(holder);
      await waitFor(
        async () => JSON.parse(await operator.data(`${site.claims}/${vip1}`)).member === other,
        { what: 'the claim of the other' },
      );
      expect(
        site.changesSince(mark).filter(({ speaker, vip }) => speaker === other && vip === vip1),
      ).toEqual([]);
      // Now it is the other way round.
      await site.startMember(holder);
      await site
        .member(holder)
        .says(
          `${vip1}/32 of apex is owned by this member, but its claim is held by member ${other}`,
        );
      await site.member(other).says(`and by member ${holder} according to`);
    });

    it('is announced at once when an ExaZK holds its claim, and claimed when that disappears', async () => {
      const site = await startSite({ names: ['lb2', 'lb3'] });
      await site.atRest();
      const { claims, root } = site;
      const exazk = new ExazkMember(await site.operator(), {
        claims,
        maintenance: `${root}/maintenance/apex`,
        own: vip1,
        others: [vip2, vip3],
      });
      exazk.start();
      // Its backups step back for a claim without data as for any other.
      await site.carriedBy(vip1);
      const lb1 = await site.startMember('lb1');
      await site.carriedBy(vip1, 'lb1');
      const line = await lb1.says(
        `${vip1}/32 of apex is owned by this member, but its claim is held by`,
      );
      expect([line.level, line.msg]).toEqual(['error', expect.stringContaining('left no name')]);
      const operator = await site.operator();
      const holder = await operator.owner(`${claims}/${vip1}`);
      const mark = site.mark();
      await passed(3_000, 'somebody to lose patience');
      expect(await operator.owner(`${claims}/${vip1}`)).toBe(holder);
      await exazk.stop();
      await waitFor(
        async () => JSON.parse(await operator.data(`${claims}/${vip1}`)).member === 'lb1',
        { what: 'our own claim' },
      );
      await passed(1_000, 'a late takeover');
      // Whoever takes over in the instant between the two gives it back; the owner's route never moves.
      const changes = site.changesSince(mark).filter(({ vip }) => vip === vip1);
      expect(changes.filter(({ speaker }) => speaker === 'lb1')).toEqual([]);
      await site.carriedBy(vip1, 'lb1');
    });
  },
);
