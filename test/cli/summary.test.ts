import { expect, it } from 'vitest';
import { summaryLines } from '../../src/cli/summary.ts';
import { versionText } from '../../src/cli/version.ts';
import { fleet, load, valid } from '../config/load.ts';

it('names eight VIPs and counts the rest', () => {
  const vips = Array.from({ length: 11 }, (_, index) => `10.0.0.${index + 1}: lb2`).join(', ');
  const text = `zookeeper: { hosts: zk1, chroot: /x }
services: { a: { vips: { ${vips} }, checks: [{ exec: "true" }, { exec: "true", interval: 1m }] } }`;
  expect(summaryLines(valid(load(text)).config)).toEqual([
    'a: lb1 owns no VIP; backs up 10.0.0.1/32, 10.0.0.2/32, 10.0.0.3/32, 10.0.0.4/32, 10.0.0.5/32, ' +
      '10.0.0.6/32, 10.0.0.7/32, 10.0.0.8/32 and 3 more; ' +
      "no standby, so a dead LB's VIPs move after 6s; " +
      '2 checks every 5s, 1m; claims in /x/exabgp/service/a',
  ]);
});

it('tells of standby, chosen backups, and what is done to the host', () => {
  const text = fleet({
    top: `host: { addresses: static, interface: dummy0 }
hooks: { onUp: a, onDrain: b }
user: exabgp
group: nogroup`,
    service: 'announce: { standby: { asPathPrepend: 3 } }\ntakeover: { backups: 2 }',
  });
  expect(summaryLines(valid(load(text)).config)).toEqual([
    'apex: lb1 owns 10.20.255.1/32; backs up 10.20.255.2/32 when among the first 2; ' +
      "announces others' VIPs as standby; no check; claims in /exabgp/service/apex",
    'lb1: static addresses on dummy0; hooks onUp, onDrain; becomes exabgp:nogroup after its set-up',
  ]);
});

it('has a version even when it was never built', () => {
  expect(versionText()).toBe('unbuilt (unknown)');
});
