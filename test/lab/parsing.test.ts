import { describe, expect, it } from 'vitest';
import { parseAgentLine } from '../../deploy/lab/agent-log.ts';
import { parsePaths } from '../../deploy/lab/bird.ts';
import { answerWithinMs, ProbeFlow } from '../../deploy/lab/probe-flow.ts';
import { parseRouteLine } from '../../deploy/lab/route-monitor.ts';
import { parseBirdOffers, tableOf } from '../../deploy/lab/route-servers/tables.ts';

describe('parseRouteLine', () => {
  it('reads a route with one path', () => {
    const line =
      '[2026-11-21T08:05:07.196574] 10.20.255.1 via 10.20.1.2 dev leaf1 proto bird metric 32 ';
    expect(parseRouteLine(line)).toMatchObject({
      vip: '10.20.255.1',
      isDeletion: false,
      carriers: ['lb1'],
    });
  });

  it('reads a route with several paths', () => {
    const line =
      '[2026-11-21T08:05:07.196574] 10.20.255.1 proto bird metric 32 \\\tnexthop via 10.20.3.2 dev leaf3 weight 1 \\\tnexthop via 10.20.2.2 dev leaf2 weight 1 ';
    expect(parseRouteLine(line)?.carriers).toEqual(['lb2', 'lb3']);
  });

  it('reads a deletion, with the microseconds of its time', () => {
    const line = '[2026-11-21T08:05:07.198032] Deleted 10.20.255.1 via 10.20.1.2 dev leaf1 ';
    const parsed = parseRouteLine(line);
    expect(parsed?.isDeletion).toBe(true);
    expect((parsed?.atMs ?? 0) % 1000).toBeCloseTo(198.032, 2);
  });

  it('is not misled by a VIP that only begins like another, nor by other routes', () => {
    expect(parseRouteLine('10.20.255.11 via 10.20.1.2 dev leaf1 proto bird')).toBeUndefined();
    expect(parseRouteLine('10.20.1.0/30 dev leaf1 proto kernel')).toBeUndefined();
  });
});

describe('parsePaths', () => {
  it('counts every path of a VIP, best or not', () => {
    const text = [
      'BIRD 2.0.12 ready.',
      'Table master4:',
      '10.20.255.1/32       unicast [leaf2_ipv4 08:00:00.000] * (100) [AS65142i]',
      '\tvia 10.20.2.2 on leaf2',
      '                     unicast [leaf3_ipv4 08:00:00.000] (100) [AS65143i]',
      '\tvia 10.20.3.2 on leaf3',
      '10.20.255.3/32       unicast [leaf3_ipv4 08:00:00.000] * (100) [AS65143i]',
      '\tvia 10.20.3.2 on leaf3',
    ].join('\n');
    expect(parsePaths(text)).toEqual([
      ['10.20.255.1', 'lb2'],
      ['10.20.255.1', 'lb3'],
      ['10.20.255.3', 'lb3'],
    ]);
  });
});

describe('parseAgentLine', () => {
  it('reads time, event and what the lab looks at', () => {
    const line =
      '{"level":"error","time":"2026-11-21T08:13:56.509Z","event":"healthChanged","to":"down"}';
    expect(parseAgentLine(line)).toMatchObject({
      atMs: Date.parse('2026-11-21T08:13:56.509Z'),
      event: 'healthChanged',
      to: 'down',
    });
  });

  it('passes over what is no log line', () => {
    expect(parseAgentLine('Traceback (most recent call last):')).toBeUndefined();
    expect(parseAgentLine('{"cut')).toBeUndefined();
  });
});

describe('ProbeFlow', () => {
  it('measures a silence from the last answered probe to the next answered one', () => {
    const flow = new ProbeFlow();
    for (const atMs of [0, 5, 10, 15, 20]) {
      const sequence = flow.sent(atMs);
      if (atMs === 0 || atMs === 20) flow.answered(sequence);
    }
    expect(flow.settle(25)).toEqual([]);
    expect(flow.settle(answerWithinMs + 16)).toEqual([{ fromMs: 0, toMs: 20, lost: 3 }]);
  });

  it('takes a late answer for an answer, and a pause of the prober for no loss', () => {
    const flow = new ProbeFlow();
    const late = flow.sent(0);
    expect(flow.settle(answerWithinMs)).toEqual([]);
    flow.answered(late);
    flow.answered(flow.sent(answerWithinMs));
    expect(flow.settle(answerWithinMs + 1)).toEqual([]);
    expect(flow.openRun()).toBeUndefined();
  });

  it('knows a silence that goes on', () => {
    const flow = new ProbeFlow();
    flow.answered(flow.sent(0));
    flow.sent(5);
    flow.sent(10);
    expect(flow.settle(answerWithinMs + 7)).toEqual([]);
    expect(flow.openRun()).toEqual({ fromMs: 0, toMs: 5, lost: 1 });
    expect(flow.settledMs(answerWithinMs + 7)).toBe(10);
  });
});

describe('parseBirdOffers', () => {
  it('reads every route of a VIP with its metric, and makes the table of it', () => {
    const text = [
      'Table master6:',
      '2001:db8:30::1/128   unicast [W3 18:28:51.793 from 2001:db8:8::13] * (100/20) [AS65001i]',
      '\tvia fe80::b89e:22ff:fe18:6a0b on core',
      '\tType: BGP univ',
      '\tBGP.med: 100',
      '                     unicast [W1 18:28:51.807 from 2001:db8:6::11] (100/20) [AS65001i]',
      '\tBGP.med: 1002',
    ].join('\n');
    const offers = parseBirdOffers(text);
    expect(offers).toEqual([
      { vip: '2001:db8:30::1', node: 'w3', med: 100, isBest: true },
      { vip: '2001:db8:30::1', node: 'w1', med: 1002, isBest: false },
    ]);
    expect(tableOf(offers)).toEqual([
      '2001:db8:30::1 1002 - 100 W3 W1',
      '2001:db8:30::2 - - - - -',
      '2001:db8:30::3 - - - - -',
    ]);
  });
});
