import { describe, expect, it } from 'vitest';
import { countOutcomes, judgeRequests, type Request } from '../../deploy/lab/requests.ts';

const vip = '10.20.255.1';
const moved = [{ vip, atMs: 1_000 }];

describe('judgeRequests', () => {
  it.each<readonly [string, Partial<Request>, { failed: number; inFlight: number }]>([
    ['answered long before', { startedMs: 900, endedMs: 902 }, { failed: 0, inFlight: 0 }],
    ['answered across it', { startedMs: 999, endedMs: 1_003 }, { failed: 0, inFlight: 1 }],
    ['reset across it', { outcome: 'reset' }, { failed: 0, inFlight: 1 }],
    [
      'reset before the late stamp',
      { startedMs: 950, endedMs: 952, outcome: 'reset' },
      { failed: 0, inFlight: 1 },
    ],
    [
      'refused after it',
      { startedMs: 1_006, endedMs: 1_007, outcome: 'refused' },
      { failed: 1, inFlight: 0 },
    ],
    [
      'timed out long before',
      { startedMs: 0, endedMs: 800, outcome: 'timedOut' },
      { failed: 1, inFlight: 0 },
    ],
    ['reset at another VIP', { vip: '10.20.255.2', outcome: 'reset' }, { failed: 1, inFlight: 0 }],
  ])('tells a request apart that was %s', (_, request, expected) => {
    const whole: Request = { vip, startedMs: 999, endedMs: 1_003, outcome: 'answered', ...request };
    const { failed, inFlight } = judgeRequests([whole], moved);
    expect({ failed: failed.length, inFlight }).toEqual(expected);
  });

  it('names the slowest, and counts outcomes', () => {
    const requests: Request[] = [
      { vip, startedMs: 990, endedMs: 1_004, outcome: 'reset' },
      { vip, startedMs: 990, endedMs: 1_020, outcome: 'timedOut' },
    ];
    const report = judgeRequests(requests, moved);
    expect(report).toMatchObject({ total: 2, slowestMs: 30 });
    expect(countOutcomes(report.inFlightFailed)).toBe('1 reset, 1 timedOut');
    expect(judgeRequests([], moved).slowestMs).toBe(0);
  });
});
