import { describe, expect, it } from 'vitest';
import type { Asn } from '../../src/core/route.ts';
import { type Answer, parseAnswer } from '../../src/exabgp/answers.ts';
import { summaryHeader } from './harness.ts';

const head = '"time": 1795234356.0853388, "host" : "vm", "pid" : 3470, "ppid" : 3358';
const pair = '"address": { "local": "10.66.0.1", "peer": "10.66.0.2" }';

/** What every recorded JSON line has; 3.4 writes the numbers as texts. */
const fromJson = { asNumbers: { local: 65_000 as Asn, peer: 65_001 as Asn } };

function up(neighbor = '10.66.0.2'): Answer {
  return { kind: 'neighbor', neighbor, isEstablished: true, detail: '', ...fromJson };
}

function down(detail: string): Answer {
  return { kind: 'neighbor', neighbor: '10.66.0.2', isEstablished: false, detail, ...fromJson };
}

/** The text encoder tells no AS numbers. */
function ofText(answer: Answer): Answer {
  return answer.kind === 'neighbor' ? { ...answer, asNumbers: undefined } : answer;
}

/** Lines as recorded from each version. */
const recorded: readonly (readonly [string, string, Answer])[] = [
  ['ack', 'done', { kind: 'done' }],
  ['refusal', 'error', { kind: 'error' }],
  [
    'main: reason of a refusal',
    'error: Could not parse route: route 1.2.3.4',
    { kind: 'errorDetail', detail: 'Could not parse route: route 1.2.3.4' },
  ],
  ['4.2 version', 'exabgp 4.2.21', { kind: 'version', version: '4.2.21' }],
  ['3.4 version', 'exabgp 3.4.28', { kind: 'version', version: '3.4.28' }],
  [
    'main version',
    '{"version": "6.0.0-4460078e", "application": "exabgp"}',
    { kind: 'version', version: '6.0.0-4460078e' },
  ],
  [
    '4.2 up',
    `{ "exabgp": "4.0.1", ${head}, "counter": 2, "type": "state", "neighbor": { ${pair}, "asn": { "local": 65000, "peer": 65001 } , "state": "up" } }`,
    up(),
  ],
  [
    '4.2 down',
    `{ "exabgp": "4.0.1", ${head}, "counter": 3, "type": "state", "neighbor": { ${pair}, "asn": { "local": 65000, "peer": 65001 } , "state": "down", "reason": "peer reset, message (notification received (6,2)) error(Cease / Administrative Shutdown)" } }`,
    down(
      'peer reset, message (notification received (6,2)) error(Cease / Administrative Shutdown)',
    ),
  ],
  [
    '4.2 connected',
    `{ "exabgp": "4.0.1", ${head}, "counter": 1, "type": "state", "neighbor": { ${pair}, "asn": { "local": 65000, "peer": 65001 } , "state": "connected" } }`,
    { kind: 'ignored' },
  ],
  [
    '5 down',
    `{ "exabgp": "5.0.0", ${head}, "counter": 3, "type": "state", "neighbor": { ${pair}, "asn": { "local": 65000, "peer": 65001 }, "router-id": "10.66.0.1" , "state": "down", "reason": "notification received (6,2)" } }`,
    down('notification received (6,2)'),
  ],
  [
    'main up',
    `{ "exabgp": "6.0.0", ${head}, "counter": 2, "type": "state", "neighbor": { ${pair}, "asn": { "local": 65000, "peer": 65001 }, "router-id": "10.66.0.1" , "state": "up" } }`,
    up(),
  ],
  [
    '3.4 up',
    '{ "exabgp": "3.4.8", "time": 1795234541, "host" : "vm", "pid" : "4793", "ppid" : "3358", "counter": 1, "type": "state", "neighbor": { "ip": "10.66.0.2", "address": { "local": "10.66.0.1", "peer": "10.66.0.2" }, "asn": { "local": "65000", "peer": "65001"}, "state": "up"} }',
    up(),
  ],
  [
    'IPv6 neighbor',
    '{ "exabgp": "4.0.1", "type": "state", "neighbor": { "address": { "local": "fd66::1", "peer": "FD66:0::2" }, "state": "up" } }',
    ofText(up('fd66::2')),
  ],
  ['text up', 'neighbor 10.66.0.2 up', ofText(up())],
  ['text connected', 'neighbor 10.66.0.2 connected', { kind: 'ignored' }],
  [
    'text down',
    'neighbor 10.66.0.2 down - out loop, peer reset, message [notification received (6,2)]',
    ofText(down('out loop, peer reset, message [notification received (6,2)]')),
  ],
  ['text update', 'neighbor 10.66.0.2 receive update start', { kind: 'ignored' }],
  ['blank', '', { kind: 'ignored' }],
  ['text shutdown', 'shutdown 3470 3358', { kind: 'shutdown' }],
  [
    'json shutdown',
    `{ "exabgp": "4.0.1", ${head}, "type": "notification", "notification": "shutdown" }`,
    { kind: 'shutdown' },
  ],
  [
    'a notification that a neighbor sent',
    `{ "exabgp": "4.0.1", ${head}, "type": "notification", "direction": "receive", "notification": { "code": 6 } }`,
    { kind: 'ignored' },
  ],
  [
    'fsm state',
    `{ "exabgp": "4.0.1", ${head}, "type": "fsm", "neighbor": { ${pair}, "state": "IDLE" } }`,
    { kind: 'ignored' },
  ],
  [
    'main: end of RIB, invalid JSON',
    '{ "exabgp": "6.0.0", "type": "update", "neighbor": { "message": { "null": [ "eor": { } } } }',
    { kind: 'unknown', form: 'json' },
  ],
  ['4.2 summary header', summaryHeader, { kind: 'summaryHeader' }],
  [
    '4.2 summary row',
    '10.66.0.2       65001     0:00:11 established           4          0',
    { kind: 'summaryRow', neighbor: '10.66.0.2', isEstablished: true },
  ],
  [
    '4.2 summary row in the first second',
    '127.0.0.2       65001        down established           2          2',
    { kind: 'summaryRow', neighbor: '127.0.0.2', isEstablished: true },
  ],
  [
    'summary row after days',
    '2001:db8::1111:2222 4200000001 12 days, 0:00:11 established           4          0',
    { kind: 'summaryRow', neighbor: '2001:db8::1111:2222', isEstablished: true },
  ],
  [
    'summary row of a session that just ended',
    '10.66.0.2       n/a          down idle                  4          0',
    { kind: 'summaryRow', neighbor: '10.66.0.2', isEstablished: false },
  ],
];

describe('answers', () => {
  it.each(recorded)('reads a recorded line: %s', (_name, line, answer) => {
    expect(parseAnswer(line)).toEqual(answer);
  });

  it.each([
    'Done',
    'done done',
    'exabgp',
    'neighbor nonsense up',
    '999.1.1.1 65001 down established 4 0',
    '{',
    '[1]',
    '{}',
    '{"type":"state"}',
    '{"type":"state","neighbor":null}',
    '{"type":"state","neighbor":{"address":{"peer":5},"state":"up"}}',
    '{"status": "group started"}',
    '{"__proto__": {"type": "state"}}',
  ])('knows that it does not know %s', (line) => {
    expect(parseAnswer(line).kind).toBe('unknown');
  });
});
