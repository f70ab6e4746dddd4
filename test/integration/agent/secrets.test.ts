// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references are written like this

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { waitFor } from '../../helpers/wait.ts';
import { hasZooKeeper, startZooKeeper, type ZooKeeper } from '../../helpers/zookeeper.ts';
import { type Operator, superuserProperty } from '../zookeeper/operator.ts';
import { Fleet, vip1 } from './fleet.ts';

const secret = 'Xyzzy-Plugh';

/** The command lines of a process and of all it started. */
function commandLines(pid: number): string {
  const children = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean),
  );
  const own = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  return [own, ...children.map((child) => commandLines(Number(child)))].join('\n');
}

/** All data below a znode. */
async function dataBelow(operator: Operator, path: string): Promise<string> {
  const names = await operator.children(path);
  const below = await Promise.all(names.map((name) => dataBelow(operator, `${path}/${name}`)));
  return [await operator.data(path).catch(() => ''), ...below].join('\n');
}

describe.skipIf(!hasZooKeeper())('credentials', () => {
  let zooKeeper: ZooKeeper;

  beforeAll(async () => {
    zooKeeper = await startZooKeeper({ properties: [superuserProperty] });
  });
  afterAll(() => zooKeeper.stop());

  it.each(['file', 'environment'])(
    'from the %s are in no log line, no znode, no command line and no check',
    async (source) => {
      const fleet = new Fleet(zooKeeper);
      const operator = await fleet.operator();
      const file = join(fleet.directory, 'secret');
      const output = join(fleet.directory, 'environment');
      writeFileSync(file, `${secret}\n`);
      const word = source === 'file' ? `\${file:${file}}` : '${ZK_WORD}';
      const check = {
        exec: `sleep 0.3; env | grep ZK_ | sort -r | tee ${output}; exit 1`,
        interval: '500ms',
        rise: 1,
      };
      const agent = fleet.start(
        {
          log: { level: 'debug' },
          zookeeper: { auth: { digest: `lb:${word}` } },
          service: { checks: [{ ...check, fall: 100 }] },
        },
        { environment: { ZK_WORD: source === 'environment' ? secret : '', ZK_OTHER: 'inherited' } },
      );
      const claim = `${fleet.claims}/${vip1}`;
      await operator.create(fleet.claims);
      await agent.says('check 1 of apex failed');
      await waitFor(() => readFileSync(output, 'utf8').includes('ZK_OTHER='), {
        what: 'the output',
      });
      const lines = await waitFor(
        () => /sleep/.test(commandLines(agent.pid)) && commandLines(agent.pid),
        {
          what: 'a running check',
        },
      );
      // The right credentials were used, since nobody else may write what it made.
      await waitFor(() => operator.exists(`${fleet.members}/lb1`), { what: 'the member' });
      const log = agent.log.map(({ msg, fields }) => `${msg} ${JSON.stringify(fields)}`).join('\n');
      expect(log).toContain('connected, session new');
      for (const text of [
        log,
        lines,
        readFileSync(output, 'utf8'),
        agent.exabgp.commands.map((command) => command.text).join('\n'),
        await dataBelow(operator, fleet.root),
      ])
        expect(text).not.toContain(secret);
      expect(readFileSync(output, 'utf8')).toContain('ZK_OTHER=inherited');
      expect(await operator.exists(claim)).toBe(false);
    },
  );
});
