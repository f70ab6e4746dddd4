import { describe, expect, it } from 'vitest';
import type { Decision } from '../../src/core/ownership.ts';
import type { ServiceName } from '../../src/core/settings.ts';
import type { Vip } from '../../src/core/vip.ts';
import { createRecorder } from '../../src/observe/recorder.ts';
import { checkName } from '../../src/observe/status.ts';
import { movesMax, parseStatusRecord, statusBytesMax } from '../../src/observe/status-record.ts';
import {
  apex,
  CoreRun,
  check,
  lb1,
  lb2,
  settings,
  settledRun,
  vip,
  vip1,
  vip2,
} from '../helpers/core-run.ts';

const startMs = Date.UTC(2026, 10, 21, 18);
const owner: Decision = { kind: 'announce', role: 'owner', reason: 'owner' };
const down: Decision = { kind: 'withdraw', reason: 'healthDown' };
const backup: Decision = { kind: 'announce', role: 'backup', reason: 'claimMissing' };
const hold: Decision = { kind: 'hold', reason: 'noView' };

function setUp(run: CoreRun = settledRun()) {
  let config = { hash: '0123456789ab', loadedAt: '2026-11-21T18:00:00.000Z' };
  const recorder = createRecorder({
    clock: { nowMs: () => run.nowMs, wallMs: () => startMs + run.nowMs },
    version: '0.1.0',
    config: () => config,
  });
  const read = (service: ServiceName = apex) => {
    const encoded = recorder.compose(run.state, service);
    const content = parseStatusRecord(encoded?.data);
    if (content.kind !== 'record') throw new Error(content.why);
    return content.record;
  };
  /** One step of the run, as the agent shows it. */
  const step = (act: () => void) => {
    const before = run.state;
    act();
    const after = { state: run.state, effects: [], wakeAtMs: undefined };
    const times = { heardMs: run.nowMs, decidedMs: run.nowMs, doneMs: run.nowMs };
    return recorder.watch({ event: { kind: 'timerFired' }, before, after, ...times });
  };
  const move = (from: Decision | undefined, to: Decision, of: Vip = vip1) =>
    recorder.hear({ kind: 'decisionChanged', service: apex, vip: of, from, to });
  return {
    run,
    recorder,
    read,
    step,
    move,
    reconfigure: (hash: string) => {
      config = { ...config, hash };
    },
  };
}

describe('a record', () => {
  it('says how things stand, and since when', () => {
    const { read, run, move } = setUp(settledRun(settings({ checks: [check] })));
    move(hold, owner);
    const at = new Date(startMs + run.nowMs).toISOString();
    expect(read()).toEqual({
      v: 1,
      member: 'lb1',
      writtenAt: at,
      startedAt: '2026-11-21T18:00:01.000Z',
      version: '0.1.0',
      config: { hash: '0123456789ab', loadedAt: '2026-11-21T18:00:00.000Z' },
      session: { timeoutMs: 6_000, belief: 'live' },
      exabgp: { answers: true, isConnected: true, neighbors: { '10.0.0.1': 'up' } },
      health: 'up',
      checks: [{ name: 'exec true', verdict: 'up', detail: 'exit 0', durationMs: 10 }],
      vips: expect.objectContaining({
        [vip1]: {
          owner: 'lb1',
          role: 'owner',
          reason: 'owner',
          sentence: 'announced as owner, because this member owns it',
          since: at,
          route: 'self med 100',
        },
      }),
      moves: [
        {
          at,
          vip: vip1,
          from: 'hold',
          to: 'owner',
          reason: 'owner',
          sentence: 'announced as owner, because this member owns it',
        },
      ],
    });
  });

  it('says what ExaBGP refused, and why the member leaves', () => {
    const run = new CoreRun(settings({ vips: [{ vip: vip1, owner: lb1 }] })).speakerUp().connect();
    run.view();
    run.ack('refused');
    run.drains([lb1]);
    const { vips, leaving } = setUp(run).read();
    expect(vips[vip1]).toMatchObject({ route: 'unknown', refused: 'self med 100' });
    expect(leaving).toBe('drained');
    run.hear({ kind: 'stopRequested', signal: 'SIGTERM' });
    expect(setUp(run).read().leaving).toBe('stopping');
  });

  it('is not ours to write while another living agent has our member id', () => {
    const run = settledRun();
    run.members([], { kind: 'twin', detail: 'pid 7 on host lb9' });
    expect(setUp(run).recorder.compose(run.state, apex)).toBeUndefined();
    expect(setUp(run).recorder.compose(run.state, 'gone' as ServiceName)).toBeUndefined();
  });

  it('has the same content whenever it is written and however long its checks took', () => {
    const { recorder, run, move } = setUp();
    const content = () => recorder.compose(run.state, apex)?.content;
    const before = content();
    run.nowMs += 10_000;
    expect(content()).toBe(before);
    move(hold, owner);
    expect(content()).not.toBe(before);
  });

  it('of a service too large for one znode leaves out sentences, then older moves, then VIPs', () => {
    const many = (count: number) =>
      Array.from({ length: count }, (_, index) => ({
        vip: vip(`10.${index >> 8}.${index & 255}.1`),
        owner: lb2,
      }));
    for (const count of [300, 1_000]) {
      const run = new CoreRun(settings({ vips: many(count) })).speakerUp().connect();
      run.view();
      const { recorder, read, move } = setUp(run);
      for (let index = 0; index < movesMax; index += 2) {
        move(owner, down);
        move(down, owner);
      }
      expect(recorder.compose(run.state, apex)?.data.length).toBeLessThanOrEqual(statusBytesMax);
      const { isCut, vips, moves } = read();
      expect(isCut).toBe(true);
      // Left out when it was written, made anew when it was read.
      expect(recorder.compose(run.state, apex)?.data.toString()).not.toContain('because');
      expect(moves.at(-1)?.sentence).toBe('announced as owner, because this member owns it');
      expect(Object.keys(vips).length).toBeGreaterThanOrEqual(300);
    }
  });
});

describe('moves', () => {
  it('are changes of role alone, the last 50 of them', () => {
    const { read, move } = setUp();
    move(owner, { ...owner, reason: 'leaving' });
    expect(read().moves).toEqual([]);
    for (let index = 0; index < 40; index += 1) {
      move(owner, down);
      move(down, owner);
    }
    const { moves } = read();
    expect(moves).toHaveLength(movesMax);
    expect(moves.at(-1)).toMatchObject({ from: 'none', to: 'owner' });
  });

  it('are of routes: what is left as it is, or was never announced, has not moved', () => {
    const { read, move } = setUp();
    move(undefined, down);
    move(down, hold);
    move(hold, down);
    expect(read().moves).toEqual([]);
    move(down, hold);
    move(hold, owner);
    move(owner, hold);
    move(hold, down);
    expect(read().moves.map(({ from, to }) => `${from} ${to}`)).toEqual([
      'none owner',
      'owner none',
    ]);
  });

  it('name an owner whose claim was seen to go a moment before it did itself', () => {
    const { run, step, move, read } = setUp();
    const sentences = () => read().moves.map(({ sentence }) => sentence);
    const missing = 'announced as backup, because its claim has been missing';
    step(() => run.members([[lb2, undefined]]));
    move(down, backup, vip2);
    expect(step(() => run.members([[lb2, undefined]]))).toEqual([]);
    expect(sentences()).toEqual([missing]);
    run.advance(100);
    expect(step(() => run.members())).toEqual([apex]);
    expect(sentences()).toEqual([`${missing}: lb2 is gone from ZooKeeper`]);
    step(() => run.members([[lb2, undefined]]));
    expect(step(() => run.members())).toEqual([]);
    expect(sentences()).toEqual([`${missing}: lb2 is gone from ZooKeeper`]);
  });

  it('do not name what was known only long after them', () => {
    const { run, step, move, read } = setUp();
    step(() => run.members([[lb2, undefined]]));
    move(down, backup, vip2);
    run.advance(2_001);
    step(() => run.members());
    expect(read().moves.map(({ sentence }) => sentence)).toEqual([
      'announced as backup, because its claim has been missing',
    ]);
  });

  it('of an earlier life come first, and a record that cannot be read has none', () => {
    const { recorder, read, move } = setUp();
    move(undefined, owner);
    const earlier = read();
    const next = setUp();
    next.move(undefined, down);
    next.recorder.earlier(apex, Buffer.from('{"moves":"many"}'));
    next.recorder.earlier(apex, Buffer.from(JSON.stringify(earlier)));
    expect(next.read().moves.map(({ from, to }) => `${from} ${to}`)).toEqual([
      'hold owner',
      'owner none',
    ]);
    expect(recorder).toBeDefined();
  });
});

describe('what is done on purpose', () => {
  const jd = { who: 'jd', why: 'kernel', expiresMs: undefined };

  it('is seen as it comes and goes, with who and why, be they told later', () => {
    const { run, step, read } = setUp();
    step(() => run.advance(10));
    expect(step(() => run.drains([lb2], new Map([[lb2, { ...jd, expiresMs: startMs }]])))).toEqual([
      apex,
    ]);
    step(() => run.drains([]));
    step(() => run.maintenance(true));
    expect(step(() => run.maintenance(true, jd))).toEqual([apex]);
    expect(step(() => run.maintenance(true))).toEqual([]);
    step(() => run.maintenance(false));
    expect(read().acts?.map(({ at: _, ...act }) => act)).toEqual([
      {
        kind: 'drain',
        name: 'lb2',
        action: 'set',
        who: 'jd',
        why: 'kernel',
        expires: '2026-11-21T18:00:00.000Z',
      },
      { kind: 'drain', name: 'lb2', action: 'lifted' },
      { kind: 'maintenance', action: 'set', who: 'jd', why: 'kernel' },
      { kind: 'maintenance', action: 'lifted' },
    ]);
  });

  it('is no news at the first reading, and what an earlier life saw comes first', () => {
    const { run, step, read } = setUp();
    step(() => run.drains([lb2]));
    const earlier = read();
    const next = setUp();
    next.recorder.earlier(apex, Buffer.from(JSON.stringify(earlier)));
    next.step(() => next.run.maintenance(true));
    expect(next.read().acts?.map(({ kind, action }) => `${kind} ${action}`)).toEqual([
      'drain set',
      'maintenance set',
    ]);
    const fresh = new CoreRun(settings()).speakerUp();
    const first = setUp(fresh);
    first.step(() => fresh.connect().view());
    first.step(() => fresh.drains([]));
    expect(first.read()).not.toHaveProperty('acts');
  });

  it.each<[string, (run: CoreRun) => void, Decision, Vip, string]>([
    [
      'the drain of the owner',
      (run) => run.drains([lb2], new Map([[lb2, jd]])),
      { kind: 'announce', role: 'backup', reason: 'claimMissing' },
      vip2,
      ': lb2 is drained by jd (kernel)',
    ],
    [
      'its own drain',
      (run) => run.drains([lb1]),
      { kind: 'withdraw', reason: 'drained' },
      vip1,
      ': lb1 is drained',
    ],
    [
      'the drain of the VIP',
      (run) => run.drains([vip1], new Map([[vip1, jd]])),
      { kind: 'withdraw', reason: 'drained' },
      vip1,
      ': 10.20.255.1/32 is drained by jd (kernel)',
    ],
    [
      'the death of the owner',
      (run) => run.members([]),
      { kind: 'announce', role: 'backup', reason: 'claimMissing' },
      vip2,
      ': lb2 is gone from ZooKeeper',
    ],
    [
      'the sickness of the owner',
      (run) => run.members([[lb2, { health: 'down', announces: [], isLeaving: true }]]),
      { kind: 'announce', role: 'backup', reason: 'claimMissing' },
      vip2,
      ': lb2 is unhealthy',
    ],
    [
      'the leave of the owner',
      (run) => run.members([[lb2, { health: 'up', announces: [], isLeaving: true }]]),
      { kind: 'announce', role: 'backup', reason: 'claimMissing' },
      vip2,
      ': lb2 is leaving',
    ],
    [
      'nothing that is not known',
      (run) => run.members([[lb2, undefined]]),
      { kind: 'announce', role: 'backup', reason: 'claimMissing' },
      vip2,
      'because its claim has been missing',
    ],
    ['nothing more than its reason', () => undefined, down, vip1, 'because its health is down'],
  ])('a move names %s', (_, act, decision, of, end) => {
    const { run, recorder, read } = setUp();
    act(run);
    const from = decision.kind === 'announce' ? down : owner;
    recorder.hear(
      { kind: 'decisionChanged', service: apex, vip: of, from, to: decision },
      run.state,
    );
    expect(read().moves.at(-1)?.sentence).toSatisfy((text: string) => text.endsWith(end));
  });
});

describe('what is to be written', () => {
  it('is everything at first, and then what has news', () => {
    const { run, step, reconfigure } = setUp(settledRun(settings({ checks: [check] })));
    expect(step(() => run.advance(10))).toEqual([apex]);
    expect(step(() => run.advance(1_000))).toEqual([]);
    expect(step(() => run.verdict(false))).toEqual([apex]);
    expect(step(() => run.neighbor(false))).toEqual([apex]);
    reconfigure('ba9876543210');
    expect(step(() => run.advance(10))).toEqual([apex]);
  });
});

describe('the name of a check', () => {
  const http = { kind: 'http', method: 'GET', headers: {}, status: [] } as const;
  it.each([
    [{ kind: 'exec', command: 'curl -H "Authorization: secret" http://x/' }, 'exec curl'],
    [{ kind: 'exec', command: 'TOKEN=secret curl x' }, 'exec'],
    [
      { ...http, url: 'https://user:secret@web.example:8443/a?token=secret' },
      'http web.example:8443',
    ],
    [{ kind: 'tcp', host: '192.0.2.1', port: 25 }, 'tcp 192.0.2.1:25'],
    [
      { kind: 'dns', server: '192.0.2.1', name: 'a.example', type: 'A', answers: [] },
      'dns a.example A',
    ],
    [{ kind: 'file', path: '/run/up', mustExist: true }, 'file /run/up'],
    [{ kind: 'always', passes: true }, 'always'],
    [{ kind: 'ipvs', service: { mark: 7 }, drop: 1, restore: 2, table: '' }, 'ipvs mark 7'],
  ] as const)('of %j is %s, without secrets', (probe, name) => {
    expect(checkName(probe)).toBe(name);
  });
});
