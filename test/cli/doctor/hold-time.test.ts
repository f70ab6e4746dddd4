import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { readExabgpConf } from '../../../src/cli/doctor/exabgp-conf.ts';
import { holdTimeFindings } from '../../../src/cli/doctor/hold-time.ts';
import { load, valid } from '../../config/load.ts';
import { configOf, lines } from './doctor-host.ts';

function findings(holdTimes: readonly string[], top: string): readonly string[] {
  const text = holdTimes
    .map((holdTime, index) => `neighbor 10.0.0.${index + 1} { ${holdTime} }`)
    .join('\n');
  const conf = readExabgpConf(text);
  if (typeof conf === 'string') throw new Error(conf);
  return lines(holdTimeFindings(conf.neighbors, configOf(top)));
}

const said = (names: string, hold: string, stall: string, fix: string) => [
  `warning exabgp.conf: ${names}: hold-time ${hold}, before peers announce them (exabgp.stallAfter ${stall}, and 1s500ms); ${fix}`,
];
const after = (hold: number, left: string) =>
  `${hold}: routers may drop the routes of a hung ExaBGP after ${left}`;

it.each<[string, readonly string[], string, readonly string[]]>([
  ['the defaults of both', [''], '', []],
  ['a hold time of 10 s and the default', ['hold-time 10;'], '', []],
  ['no hold time at all', ['hold-time 0;'], '', []],
  ['9 s and 3 s', ['hold-time 9;'], 'exabgp: { stallAfter: 3s }', []],
  ['9 s and 4.5 s', ['hold-time 9;'], 'exabgp: { stallAfter: 4500ms }', []],
  [
    '9 s and the default: one of both is to change',
    ['hold-time 9;', '', 'hold-time 9;'],
    '',
    said('10.0.0.1, 10.0.0.3', after(9, '6s'), '5s', 'set exabgp.stallAfter: 4s, or hold-time 10'),
  ],
  [
    'the shortest of several counts',
    ['hold-time 9;', 'hold-time 6;'],
    '',
    said('10.0.0.1, 10.0.0.2', after(6, '4s'), '5s', 'set exabgp.stallAfter: 2s, or hold-time 10'),
  ],
  [
    'a hold time that no stallAfter suits',
    ['hold-time 3;'],
    'exabgp: { stallAfter: 3s }',
    said('10.0.0.1', after(3, '2s'), '3s', 'set hold-time 7'),
  ],
])('says of %s whether routers act before peers', (_, holdTimes, top, expected) => {
  expect(findings(holdTimes, top)).toEqual(expected);
});

it.each(['exabgp/vipkeeper.yaml', 'demo/vipkeeper.yaml', 'kubernetes/base/vipkeeper.yaml'])(
  'finds nothing wrong with deploy/%s and the exabgp.conf beside it',
  (file) => {
    const shipped = new URL(`../../../deploy/${file}`, import.meta.url);
    const conf = readExabgpConf(readFileSync(new URL('exabgp.conf', shipped), 'utf8'));
    if (typeof conf === 'string') throw new Error(conf);
    const text = readFileSync(shipped, 'utf8').replace(
      /\n(stateDir| {2}(auth|tls):).*(\n {4}.*)*/g,
      '',
    );
    const environment = { MEMBER: 'lb1', HOSTNAME: 'lb1', LOCAL_AS: '65000' };
    const { config } = valid(load(text, { environment }));
    expect(conf.neighbors.map(({ holdTime }) => holdTime)).toContain('9');
    expect(holdTimeFindings(conf.neighbors, config)).toEqual([]);
  },
);
