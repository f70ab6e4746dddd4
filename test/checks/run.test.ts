import { describe, expect, it } from 'vitest';
import { createClock } from '../../src/agent/clock.ts';
import { type BeginLook, describeFailure, startLooks, type Verdict } from '../../src/checks/run.ts';
import { lookOnce } from './look.ts';

/** One run of a look, with what was heard of it in order. */
function run(begin: BeginLook, timeoutMs = 5_000) {
  const heard: (Verdict | 'ended' | 'let go')[] = [];
  let tell = () => {};
  const judged = new Promise<void>((resolve) => {
    tell = resolve;
  });
  const start = startLooks((look, ms) => {
    const letGo = begin(look, ms);
    return () => {
      heard.push('let go');
      letGo();
    };
  }, createClock());
  const { kill } = start(timeoutMs, {
    judged: (verdict) => {
      heard.push(verdict);
      tell();
    },
    ended: () => heard.push('ended'),
  });
  return { heard, judged, kill };
}

const nothing = () => undefined;

describe('a look', () => {
  it('lets go of everything before its verdict, and is never judged during its start', async () => {
    const { heard, judged } = run((look) => {
      look.judge(true, 'well');
      look.judge(false, 'too late');
      return nothing;
    });
    expect(heard).toEqual([]);
    await judged;
    expect(heard).toContain('let go');
    expect(heard.filter((entry) => typeof entry === 'object')).toEqual([
      { passed: true, detail: 'well' },
    ]);
    expect(heard.filter((entry) => entry === 'ended')).toHaveLength(1);
  });

  it('is ended at its timeout, and says what it waited for', async () => {
    const { heard, judged } = run((look) => {
      look.waitsFor('Godot');
      return nothing;
    }, 20);
    await judged;
    expect(heard).toEqual([
      'let go',
      'ended',
      { passed: false, detail: 'timed out after 20 ms, waiting for Godot' },
    ]);
  });

  it.each(['before it began', 'while it goes on'])(
    'that is killed %s is not judged',
    async (when) => {
      let late = () => {};
      const { heard, kill } = run((look) => {
        late = () => look.judge(true, 'late');
        return nothing;
      }, 20);
      if (when === 'while it goes on') await new Promise((resolve) => setImmediate(resolve));
      kill();
      kill();
      late();
      await new Promise((resolve) => setTimeout(resolve, 40));
      expect(heard).toEqual(when === 'while it goes on' ? ['let go', 'ended'] : ['ended']);
    },
  );

  it('has a detail that is one short line of ASCII', async () => {
    const { heard, judged } = run((look) => {
      look.judge(false, `\u001b[31m\n${'x'.repeat(300)}`);
      return nothing;
    });
    await judged;
    const verdict = heard.find((entry) => typeof entry === 'object');
    expect(verdict?.detail).toMatch(/^\?\[31m\?x+$/);
    expect(verdict?.detail).toHaveLength(200);
  });
});

it('names what happened on each address that was tried', () => {
  expect(describeFailure(new Error('one'))).toBe('one');
  expect(describeFailure(new AggregateError([new Error('one'), new Error('two'), 3]))).toBe(
    'one, two, ',
  );
});

it.each([true, false])('always comes to what it is told: %s', async (passes) => {
  expect(await lookOnce({ kind: 'always', passes })).toEqual({
    passed: passes,
    detail: `always ${passes ? 'up' : 'down'}`,
  });
});
