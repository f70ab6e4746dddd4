import { afterEach, describe, expect, it } from 'vitest';
import type { DnsProbe, DnsType } from '../../src/core/probe.ts';
import { startDnsServer, wireName, type Zone } from '../helpers/dns-server.ts';
import { looker, lookOnce } from './look.ts';

const ends: (() => void)[] = [];

afterEach(() => {
  for (const end of ends.splice(0)) end();
});

const numbers = (...values: number[]) => {
  const buffer = Buffer.alloc(values.length * 2);
  values.forEach((value, index) => {
    buffer.writeUInt16BE(value, index * 2);
  });
  return buffer;
};
const strings = (...parts: string[]) =>
  Buffer.concat(parts.map((part) => Buffer.from(`${String.fromCharCode(part.length)}${part}`)));

const zone: Zone = {
  'www.example A': [Buffer.from([192, 0, 2, 1]), Buffer.from([192, 0, 2, 2])],
  'www.example AAAA': [Buffer.from('20010db8000000000000000000000001', 'hex')],
  'alias.example CNAME': [wireName('WWW.example')],
  'example NS': [wireName('ns1.example')],
  'example MX': [Buffer.concat([numbers(10), wireName('mx.example')])],
  'example TXT': [strings('v=spf1 ', '-ALL')],
  'example SOA': [
    Buffer.concat([
      wireName('ns1.example'),
      wireName('hostmaster.example'),
      numbers(0, 1, 0, 2, 0, 3, 0, 4, 0, 5),
    ]),
  ],
  'example CAA': [Buffer.concat([Buffer.from([0]), strings('issue'), Buffer.from('ca.example')])],
  '_sip._tcp.example SRV': [Buffer.concat([numbers(1, 2, 5060), wireName('sip.example')])],
  '1.2.0.192.in-addr.arpa PTR': [wireName('www.example')],
  'none.example A': 3,
  'broken.example A': 2,
  'refused.example A': 5,
  'empty.example A': [],
};

async function serve(host?: string) {
  const server = await startDnsServer(zone, host);
  ends.push(server.stop);
  const ask = (
    name: string,
    type: DnsType = 'A',
    answers: readonly string[] = [],
    more: object = {},
  ): DnsProbe => {
    const at = host === undefined ? '127.0.0.1' : `[${host}]`;
    return { kind: 'dns', server: `${at}:${server.port}`, name, type, answers, ...more };
  };
  return { server, ask };
}

it.each<readonly [string, DnsType, readonly string[], boolean, string]>([
  ['www.example', 'A', [], true, 'A 192.0.2.1, 192.0.2.2'],
  ['www.example.', 'A', ['192.0.2.2'], true, 'A 192.0.2.1, 192.0.2.2'],
  ['www.example', 'A', ['192.0.2.2', '192.0.2.1'], true, 'A 192.0.2.1, 192.0.2.2'],
  ['www.example', 'A', ['192.0.2.1', '192.0.2.3'], false, 'no 192.0.2.3 in A 192.0.2.1, 192.0.2.2'],
  ['www.example', 'AAAA', ['2001:db8::1'], true, 'AAAA 2001:db8::1'],
  ['alias.example', 'CNAME', ['www.Example.'], true, 'CNAME WWW.example'],
  ['example', 'NS', ['ns1.example'], true, 'NS ns1.example'],
  ['example', 'MX', ['10 mx.example'], true, 'MX 10 mx.example'],
  ['example', 'TXT', ['v=spf1 -ALL'], true, 'TXT v=spf1 -ALL'],
  ['example', 'TXT', ['v=spf1 -all'], false, 'no v=spf1 -all in TXT v=spf1 -ALL'],
  ['example', 'SOA', [], true, 'SOA ns1.example hostmaster.example 1 2 3 4 5'],
  ['example', 'CAA', ['0 issue "ca.example"'], true, 'CAA 0 issue "ca.example"'],
  ['_sip._tcp.example', 'SRV', ['1 2 5060 sip.example'], true, 'SRV 1 2 5060 sip.example'],
  ['1.2.0.192.in-addr.arpa', 'PTR', ['www.example'], true, 'PTR www.example'],
  ['none.example', 'A', [], false, 'no such name (NXDOMAIN)'],
  ['broken.example', 'A', [], false, 'the server failed (SERVFAIL)'],
  ['refused.example', 'A', [], false, 'the server refused (REFUSED)'],
  ['empty.example', 'A', [], false, 'no A record'],
])('%s %s with %j expected passes: %s', async (name, type, answers, passed, detail) => {
  const { ask } = await serve();
  expect(await lookOnce(ask(name, type, answers))).toEqual({ passed, detail });
});

it('asks over IPv6', async () => {
  const { ask } = await serve('::1');
  expect(await lookOnce(ask('www.example'))).toMatchObject({ passed: true });
});

it('asks from the source address', async () => {
  const { server, ask } = await serve();
  await lookOnce(ask('www.example', 'A', [], { source: '127.0.0.8' }));
  expect(server.from).toEqual(['127.0.0.8']);
});

it('asks anew each time, whatever the time to live was', async () => {
  const { server, ask } = await serve();
  const { look } = looker(ask('www.example'));
  expect((await look()).passed).toBe(true);
  server.zone = { 'www.example A': 3 };
  expect((await look()).passed).toBe(false);
  server.zone = zone;
  expect((await look()).passed).toBe(true);
  expect(server.queries).toHaveLength(3);
});

describe('a server that does not answer', () => {
  it('is asked once more, and no longer than the timeout', async () => {
    const { server, ask } = await serve();
    const verdict = await lookOnce(ask('silent.example'), 600);
    expect(verdict.passed).toBe(false);
    expect(verdict.detail).toMatch(/^(timed out after 600 ms, waiting|the server does not answer)/);
    expect(server.queries.length).toBe(2);
  });

  it('where nobody listens fails at once', async () => {
    const { server, ask } = await serve();
    ends.splice(0);
    server.stop();
    expect(await lookOnce(ask('www.example'))).toMatchObject({ passed: false });
  });

  it.each(['stop', 'removeCheck'] as const)('is forgotten at %s', async (how) => {
    const { ask } = await serve();
    const checker = looker(ask('silent.example'), 300);
    void checker.look();
    checker[how]();
    await new Promise((resolve) => setImmediate(resolve));
    expect(checker.events).toEqual([]);
  });
});
