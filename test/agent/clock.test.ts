import { describe, expect, it, vi } from 'vitest';
import { createClock } from '../../src/agent/clock.ts';

describe('clock', () => {
  it('does not move when the wall clock jumps, in either direction', () => {
    const clock = createClock();
    const before = clock.nowMs();
    const wall = vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 3_600_000);
    expect(clock.nowMs() - before).toBeLessThan(1_000);
    wall.mockReturnValue(0);
    expect(clock.nowMs() - before).toBeGreaterThanOrEqual(0);
    expect(clock.nowMs() - before).toBeLessThan(1_000);
    wall.mockRestore();
  });

  it('counts the time that the machine was suspended, which the monotonic clock leaves out', async () => {
    const uptime = vi.fn(() => 1_000 + performance.now() / 1_000);
    vi.resetModules();
    vi.doMock('node:os', () => ({ uptime }));
    const fresh = (await import('../../src/agent/clock.ts')).createClock();
    const before = fresh.nowMs();
    const now = vi.spyOn(performance, 'now').mockReturnValue(performance.now() + 2_000);
    uptime.mockReturnValue(1_000 + performance.now() / 1_000 + 60);
    expect(fresh.nowMs() - before).toBeGreaterThan(61_000);
    now.mockRestore();
    vi.doUnmock('node:os');
  });

  it('cancels a timer, twice without harm', async () => {
    const clock = createClock();
    const fired = vi.fn();
    const cancel = clock.setTimer(1, fired);
    cancel();
    cancel();
    await new Promise<void>((resolve) => clock.setTimer(5, resolve));
    expect(fired).not.toHaveBeenCalled();
  });
});
