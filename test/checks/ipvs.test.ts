import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { IpvsProbe } from '../../src/core/probe.ts';
import { temporaryDirectory } from '../helpers/temporary-directory.ts';
import { looker, lookOnce } from './look.ts';

const fixture = (name: string) => join(import.meta.dirname, 'fixtures', name);
const at = (address: string, port: number, protocol: 'tcp' | 'udp' | 'sctp' = 'tcp') => ({
  protocol,
  address,
  port,
});

function ipvs(service: IpvsProbe['service'], more: Partial<IpvsProbe> = {}): IpvsProbe {
  return { kind: 'ipvs', service, drop: 0, restore: 1, table: fixture('ip_vs'), ...more };
}

describe.each([['ip_vs'], ['ipvsadm']])('a table as in fixtures/%s', (name) => {
  it.each([
    [at('10.20.255.1', 80), true, 'tcp 10.20.255.1:80: 2 of 3 real servers'],
    [at('10.20.255.1', 53, 'udp'), true, 'udp 10.20.255.1:53: 1 of 1 real servers'],
    [at('10.20.255.1', 53), false, 'tcp 10.20.255.1:53: not in the table'],
    [at('10.20.255.2', 80), false, 'tcp 10.20.255.2:80: 0 of 0 real servers'],
    [at('10.20.255.1', 2944, 'sctp'), true, 'sctp 10.20.255.1:2944: 1 of 1 real servers'],
    [at('2001:db8:30::1', 443), true, 'tcp [2001:db8:30::1]:443: 1 of 2 real servers'],
    [at('2001:db8:30::1', 444), false, 'tcp [2001:db8:30::1]:444: not in the table'],
    [{ mark: 16 }, true, 'mark 16: 2 of 2 real servers'],
    [{ mark: 10 }, false, 'mark 10: not in the table'],
    // Its port reads as a number in both layouts, and is another one in each.
    [
      at('1111:2222:3333:4444:5555:6666:7777:8888', 0x8080),
      true,
      'tcp [1111:2222:3333:4444:5555:6666:7777:8888]:32896: 1 of 1 real servers',
    ],
    [
      at('1111:2222:3333:4444:5555:6666:7777:8888', 8080),
      false,
      'tcp [1111:2222:3333:4444:5555:6666:7777:8888]:8080: not in the table',
    ],
  ])('has for %j: %s', async (service, passed, detail) => {
    const verdict = await lookOnce(ipvs(service, { table: fixture(name) }));
    expect(verdict).toEqual({ passed, detail });
  });
});

describe('between drop and restore', () => {
  const table = () => join(temporaryDirectory(), 'ip_vs');
  const write = (file: string, count: number) => {
    const servers = Array.from(
      { length: count },
      (_, index) => `  -> 0A1401${10 + index}:0050      Route   1      0          0         \n`,
    );
    const head =
      'IP Virtual Server version 1.2.1 (size=4096)\nProt LocalAddress:Port Scheduler Flags\n' +
      '  -> RemoteAddress:Port Forward Weight ActiveConn InActConn\n';
    writeFileSync(file, `${head}TCP  0A14FF01:0050 wlc  \n${servers.join('')}`);
  };

  it.each([
    [[3], [true]],
    [
      [5, 4, 3, 2, 3, 4, 5, 4],
      [true, true, true, false, false, false, true, true],
    ],
    [
      [0, 4, 5],
      [false, false, true],
    ],
  ])('%j real servers are what came before: %j', async (counts, expected) => {
    const file = table();
    const { look } = looker(ipvs(at('10.20.255.1', 80), { drop: 2, restore: 5, table: file }));
    const passed: boolean[] = [];
    for (const count of counts) {
      write(file, count);
      passed.push((await look()).passed);
    }
    expect(passed).toEqual(expected);
  });
});

describe('a table that cannot be used', () => {
  it.each([
    ['', 'is not a table of IPVS'],
    ['nothing of the kind\n', 'is not a table of IPVS'],
    [undefined, 'cannot be read: ENOENT'],
  ])('%j fails', async (text, detail) => {
    const file = join(temporaryDirectory(), 'ip_vs');
    writeFileSync(file, text ?? '');
    if (text === undefined) rmSync(file);
    const verdict = await lookOnce(ipvs({ mark: 1 }, { table: file }));
    expect(verdict).toEqual({ passed: false, detail: `${file} ${detail}` });
  });
});
