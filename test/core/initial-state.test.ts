import { describe, expect, it } from 'vitest';
import { initialState } from '../../src/core/initial-state.ts';
import { apex, check, settings, vip1, vip2, vip6 } from '../helpers/core-run.ts';

describe('the initial state', () => {
  const state = initialState(settings({ checks: [check, check] }), 5_000);
  const service = state.services.get(apex);

  it('knows nothing of ZooKeeper, of ExaBGP, nor of health', () => {
    expect(state.session.belief).toBe('none');
    expect(state.speaker).toMatchObject({ phase: 'unidentified', isConnected: undefined });
    expect(service?.health).toBe('unknown');
    expect(service?.mustSettle).toBe('start');
  });

  it('holds every VIP, in configured order, and knows which are its own', () => {
    const vips = [...(service?.vips.values() ?? [])];
    expect(vips.map(({ vip, isOwner }) => [vip, isOwner])).toEqual([
      [vip1, true],
      [vip2, false],
      [vip6, false],
    ]);
    expect(vips.map(({ decision }) => decision)).toEqual(
      vips.map(() => ({ kind: 'hold', reason: 'noView' })),
    );
  });

  it('has every check due soon, and no idea of what the speaker has', () => {
    for (const { nextRunMs } of service?.checks ?? []) {
      expect(nextRunMs).toBeGreaterThanOrEqual(5_000);
      expect(nextRunMs).toBeLessThan(5_010);
    }
    expect(service?.vips.get(vip1)?.route.acked).toBe('unknown');
    expect(state.speaker.flush).toBe('needed');
  });
});
