import { describe, expect, it } from 'vitest';
import { initialState } from '../../src/core/initial-state.ts';
import { Services } from '../../src/core/services.ts';
import type { ServiceName } from '../../src/core/settings.ts';
import type { ServiceState } from '../../src/core/state.ts';
import { serviceSettings, settings } from '../helpers/core-run.ts';

const names = ['one', 'two', 'three'].map((name) => name as ServiceName);
const services = initialState(
  settings({}, { services: names.map((name) => serviceSettings({ name })) }),
  0,
).services;
const two = services.list[1] as ServiceState;
const stranger: ServiceState = {
  ...two,
  settings: serviceSettings({ name: 'edge' as ServiceName }),
};

describe('the services', () => {
  it('are found by name', () => {
    expect(services.get('two' as ServiceName)).toBe(two);
    expect(services.get('edge' as ServiceName)).toBeUndefined();
  });

  it('keep their order when one is replaced, and are left as they were', () => {
    const down: ServiceState = { ...two, health: 'down' };
    const changed = services.replace([down, stranger]);
    expect(changed.list.map(({ settings: { name } }) => name)).toEqual(names);
    expect(changed.get('two' as ServiceName)).toBe(down);
    expect(services.get('two' as ServiceName)).toBe(two);
    expect(changed.changedSince(services)).toEqual([down]);
  });

  it('are the same object when nothing changes', () => {
    expect(services.replace([two])).toBe(services);
    expect(services.map((service) => service)).toBe(services);
    expect(services.changedSince(services)).toEqual([]);
  });

  it('have all changed when they are other services', () => {
    expect(services.changedSince(new Services([two]))).toBe(services.list);
  });
});
