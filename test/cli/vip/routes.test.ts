import { describe, expect, it } from 'vitest';
import { alsoLeaving, routesOf } from '../../../src/cli/vip/routes.ts';
import { loadConfig } from '../../../src/config/config.ts';
import type { Vip } from '../../../src/core/vip.ts';

const file = `
member: lvs1
zookeeper: { hosts: [zk1], chroot: /paris }
services:
  near:
    vips: { 192.0.2.1: lvs1, "2001:db8::1": lvs1 }
    checks: [{ always: up }]
  far:
    vips: { 10.30.0.0/24: lvs1 }
    checks: [{ always: up }]
`;

const loaded = loadConfig(file, {
  file: 'test.yaml',
  environment: {},
  hostname: 'lvs1',
  readFile: () => '',
});
if (loaded.kind === 'wrong') throw new Error(JSON.stringify(loaded.problems));
const { config } = loaded;
const vips = (...texts: string[]) => texts as Vip[];

describe('routes of a configuration', () => {
  it('are found in every service, in its order, with the znode of the VIP', () => {
    const asked = vips('10.30.0.0/24', '2001:db8::1/128', '192.0.2.9/32');
    expect(routesOf(config, asked, 'site')).toEqual({
      routes: [
        {
          vip: '2001:db8::1/128',
          service: 'near',
          path: '/paris/exabgp/drain/near/2001:db8::1',
        },
        { vip: '10.30.0.0/24', service: 'far', path: '/paris/exabgp/drain/far/10.30.0.0_24' },
      ],
      unknown: ['192.0.2.9/32'],
    });
  });

  it('are those of the member, and take the rest of its service with them, when it alone is meant', () => {
    const { routes } = routesOf(config, vips('192.0.2.1/32'), 'member');
    expect(routes.map(({ path }) => path)).toEqual(['/paris/exabgp/drain/near/lvs1']);
    expect(alsoLeaving(config, routes).map(({ vip }) => vip)).toEqual(['2001:db8::1/128']);
    const all = routesOf(config, vips('192.0.2.1/32', '2001:db8::1/128'), 'member').routes;
    expect(alsoLeaving(config, all)).toEqual([]);
  });
});
