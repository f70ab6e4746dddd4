import { expect, it } from 'vitest';
import { parseServer } from '../../src/config/hosts.ts';
import { readServers } from '../../src/config/servers.ts';

it.each([
  ['zk1', 'zk1', 2181],
  ['zk1.example.com:2182', 'zk1.example.com', 2182],
  ['10.0.0.1:2181', '10.0.0.1', 2181],
  ['[::1]:2181', '::1', 2181],
  ['[2001:db8::1]', '2001:db8::1', 2181],
  ['2001:db8::1', '2001:db8::1', 2181],
  ['zk_1.', 'zk_1.', 2181],
])('reads %s', (text, host, port) => {
  expect(parseServer(text)).toEqual({ host, port });
});

it.each([
  '',
  ':2181',
  'zk1:',
  'zk1:0',
  'zk1:65536',
  'zk1:2181:1',
  'a b',
  '[zk1]:2181',
  '[::1',
  '10.0.0.256',
  '10.0.1',
  'zk1/chroot',
  'zk1..example',
  'http://zk1',
])('refuses %j', (text) => {
  expect(parseServer(text)).toBeUndefined();
});

it('takes a connect string with a chroot, and each server once', () => {
  const { servers, chroot, findings } = readServers('a:1, b:2,a:1,[::1]:3/lb/prod', ['hosts']);
  expect(servers).toEqual([
    { host: 'a', port: 1 },
    { host: 'b', port: 2 },
    { host: '::1', port: 3 },
  ]);
  expect([chroot, findings]).toEqual(['/lb/prod', []]);
});

it('takes no chroot in a list', () => {
  const { findings } = readServers(['zk1:2181/lb'], ['zookeeper', 'hosts']);
  expect(findings).toMatchObject([
    { path: ['zookeeper', 'hosts', 0], fix: 'put the path into zookeeper.chroot' },
  ]);
});

it.each([[undefined], [null], [[]], [{}], [[null]], [['']], ['']])(
  'refuses %j as hosts',
  (value) => {
    expect(readServers(value, ['hosts']).findings).toHaveLength(1);
  },
);
