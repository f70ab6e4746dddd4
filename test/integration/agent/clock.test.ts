import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { waitFor } from '../../helpers/wait.ts';
import { hasZooKeeper, startZooKeeper, type ZooKeeper } from '../../helpers/zookeeper.ts';
import { superuserProperty } from '../zookeeper/operator.ts';
import { Fleet, lastGoodState, vip1, vip2, vip3 } from './fleet.ts';

const hourMs = 3_600_000;

/** Loaded before the launcher: shows it a wall clock that is off by what a file says at that moment. */
const preload = `const { readFileSync } = require('node:fs');
const RealDate = Date;
const wallMs = () => RealDate.now() + Number(readFileSync(process.env.WALL_CLOCK_OFFSET, 'latin1'));
globalThis.Date = class extends RealDate {
  constructor(...given) {
    super(...(given.length === 0 ? [wallMs()] : given));
  }
  static now() {
    return wallMs();
  }
};
`;

describe.skipIf(!hasZooKeeper())('a wall clock that jumps', () => {
  let zooKeeper: ZooKeeper;

  beforeAll(async () => {
    zooKeeper = await startZooKeeper({ properties: [superuserProperty] });
  });
  afterAll(() => zooKeeper.stop());

  it('hours forth and back changes nothing, and a takeover afterwards takes no longer', async () => {
    const fleet = new Fleet(zooKeeper);
    const file = (name: string) => join(fleet.directory, name);
    const jumpTo = (offsetMs: number) => writeFileSync(file('offset'), `${offsetMs}`);
    jumpTo(0);
    writeFileSync(file('preload.cjs'), preload);
    const checks = [{ exec: 'true', interval: '200ms', rise: 1 }];
    // Belief in the session ends after three seconds without a heartbeat's answer; the jumps are of hours.
    const { operator, agent, claim } = await fleet.settle(
      { zookeeper: { sessionTimeout: '6s' }, service: { checks } },
      [vip2],
      {
        nodeOptions: ['--require', file('preload.cjs')],
        environment: { WALL_CLOCK_OFFSET: file('offset') },
      },
    );
    const state = await lastGoodState(agent, operator, [claim]);
    for (const offsetMs of [5 * hourMs, -7 * hourMs, 0, 9_000 * hourMs]) {
      jumpTo(offsetMs);
      const { polls } = agent.exabgp;
      await waitFor(() => agent.exabgp.polls >= polls + 2, {
        what: 'two polls by its own clock',
      });
      await state.stillStands();
    }
    expect(agent.said(/suspended|blind|is down|silent|session ended/)).toEqual([]);
    jumpTo(-3 * hourMs);
    const sinceMs = performance.now();
    await operator.remove(`${fleet.claims}/${vip2}`);
    await agent.hasRoutes({ [vip1]: 100, [vip2]: 200, [vip3]: 200 });
    expect(performance.now() - sinceMs).toBeLessThan(5_000);
    // Its log shows that it did live under that clock.
    const line = await agent.says(`${vip2}/32 of apex: announced as backup`);
    const shownMs = Date.parse(String(line.fields['time']));
    expect(Math.abs(shownMs + 3 * hourMs - Date.now())).toBeLessThan(60_000);
  });
});
