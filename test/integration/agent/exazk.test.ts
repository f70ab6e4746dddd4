import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { missingForBgp } from '../../helpers/namespace.ts';
import { waitFor } from '../../helpers/wait.ts';
import { hasZooKeeper, startZooKeeper, type ZooKeeper } from '../../helpers/zookeeper.ts';
import { superuserProperty } from '../zookeeper/operator.ts';
import { Fleet, vip1, vip2, vip3 } from './fleet.ts';
import { startLoadBalancer } from './load-balancer.ts';

const missing = missingForBgp();

describe.skipIf(missing !== undefined || !hasZooKeeper())(
  `ExaZK's command line under a real ExaBGP ${missing ?? ''}`,
  () => {
    let zooKeeper: ZooKeeper;

    beforeAll(async () => {
      zooKeeper = await startZooKeeper({ properties: [superuserProperty] });
    });
    afterAll(() => zooKeeper.stop());

    it('works when only the path of the program changes', async () => {
      const fleet = new Fleet(zooKeeper);
      const operator = await fleet.operator();
      const file = (name: string) => join(fleet.directory, name);
      const script = (name: string, text: string) => {
        writeFileSync(file(name), `#!/bin/sh\n${text}\n`);
        chmodSync(file(name), 0o755);
      };
      script('check_local_nginx.sh', 'true');
      // Stands before the real one, whose syslog is this machine's.
      script('logger', `echo "$@" > ${file('logger-arguments')}; exec cat > ${file('syslog')}`);
      const line =
        `-sF daemon -c ${file('check_local_nginx.sh')} -n apex -A ${vip1} -N ${vip2} -N ${vip3} ` +
        `-zH ${zooKeeper.connectString} -zPS /exabgp/service/apex -zPM /exabgp/maintenance/apex`;
      const lb = await startLoadBalancer('exazk', line.split(' '), {
        PATH: `${fleet.directory}:${process.env['PATH']}`,
      });

      // Alone: the owner at 100, and at 200 what nobody claims.
      await lb.hasRoutes({ [vip1]: 100, [vip2]: 200, [vip3]: 200 });
      const claims = '/exabgp/service/apex';
      await waitFor(() => operator.exists(`${claims}/${vip1}`), { what: 'the claim' });

      // An owner comes, and goes.
      await operator.create(`${claims}/${vip2}`, '', true);
      await lb.hasRoutes({ [vip1]: 100, [vip2]: undefined, [vip3]: 200 });
      await operator.remove(`${claims}/${vip2}`);
      await lb.hasRoutes({ [vip1]: 100, [vip2]: 200, [vip3]: 200 });

      // One znode, without any data, withdraws everything.
      await operator.create('/exabgp/maintenance/apex');
      await lb.hasRoutes({ [vip1]: undefined, [vip2]: undefined, [vip3]: undefined });
      await waitFor(async () => (await operator.children(claims)).length === 0, {
        what: 'the claim to go',
      });
      await operator.remove('/exabgp/maintenance/apex');
      await lb.hasRoutes({ [vip1]: 100, [vip2]: 200, [vip3]: 200 });
      await waitFor(() => operator.exists(`${claims}/${vip1}`), { what: 'the claim' });

      // A broken service.
      script('check_local_nginx.sh', 'echo nginx is not running; exit 2');
      await lb.says(/^apex is down: exit code 2: nginx is not running/);
      await lb.hasRoutes({ [vip1]: undefined, [vip2]: undefined, [vip3]: undefined });

      expect(readFileSync(file('logger-arguments'), 'utf8')).toMatch(
        /-t exazk-apex\[\d+\] -p daemon\.info/,
      );
      await waitFor(() => readFileSync(file('syslog'), 'utf8').includes('apex is down'), {
        what: 'the line in syslog',
      });
    });
  },
);
