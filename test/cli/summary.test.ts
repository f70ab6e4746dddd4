import { expect, it } from 'vitest';
import { summaryLines } from '../../src/cli/summary.ts';
import { versionText } from '../../src/cli/version.ts';
import { load, valid } from '../config/load.ts';

it('names eight VIPs and counts the rest', () => {
  const vips = Array.from({ length: 11 }, (_, index) => `10.0.0.${index + 1}: lb2`).join(', ');
  const text = `zookeeper: { hosts: zk1, chroot: /x }
services: { a: { vips: { ${vips} }, checks: [{ exec: "true" }, { exec: "true", interval: 1m }] } }`;
  expect(summaryLines(valid(load(text)).config)).toEqual([
    'a: lb1 owns no VIP; backs up 10.0.0.1/32, 10.0.0.2/32, 10.0.0.3/32, 10.0.0.4/32, 10.0.0.5/32, ' +
      '10.0.0.6/32, 10.0.0.7/32, 10.0.0.8/32 and 3 more; 2 checks every 5s, 1m; claims in /x/exabgp/service/a',
  ]);
});

it('has a version even when it was never built', () => {
  expect(versionText()).toBe('unbuilt (unknown)');
});
