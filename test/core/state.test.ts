import { describe, expect, it } from 'vitest';
import { initialState } from '../../src/core/initial-state.ts';
import { mapServices, mapVips, withServices } from '../../src/core/state.ts';
import { apex, settings, vip1, vip2, vip6 } from '../helpers/core-run.ts';

describe('a changed state', () => {
  const state = initialState(settings(), 0);

  it('is another one; the one before keeps its content', () => {
    const service = state.services.get(apex);
    if (service === undefined) throw new Error('apex is gone');
    const down = withServices(state, [{ ...service, health: 'down' }]);
    expect(down.services.get(apex)?.health).toBe('down');
    expect(state.services.get(apex)?.health).toBe('up');
  });

  it('keeps the configured order', () => {
    const mapped = mapServices(state, (service) =>
      mapVips(service, (vip) => ({ ...vip, isOwner: !vip.isOwner })),
    );
    expect([...(mapped.services.get(apex)?.vips.keys() ?? [])]).toEqual([vip1, vip2, vip6]);
  });
});
