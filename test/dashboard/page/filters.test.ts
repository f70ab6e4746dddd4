import { describe, expect, it } from 'vitest';
import { addressOf, isSamePlace, searchOf } from '../../../src/dashboard/page/address.ts';
import {
  actsShown,
  extractOf,
  filtersOf,
  movesShown,
  noFilters,
  sectionsDrawn,
  servicesShown,
} from '../../../src/dashboard/page/filters.ts';
import {
  applyMessage,
  emptyModel,
  type ServiceAct,
  type ServiceModel,
} from '../../../src/dashboard/page/model.ts';
import type { FleetView } from '../../../src/observe/fleet-view.ts';
import { messageOf } from '../../helpers/fleet-messages.ts';
import { failOver, generateFleet, generateService } from '../../helpers/generated-fleet.ts';

const sick = failOver(generateService({ members: 5, vips: 10 }), 'lb2', '2026-11-21T18:30:00.000Z');
const view: FleetView = {
  ...generateFleet(),
  services: [sick, generateService({ service: 'web', members: 2, vips: 2 })],
};
const model = applyMessage(emptyModel, messageOf(view));
const apex = model.services.get('apex') as ServiceModel;

describe('the address', () => {
  it.each([
    ['', ''],
    ['?service=apex', '?service=apex'],
    ['?vip=255.1&member=lb&problems=1', '?member=lb&vip=255.1&problems=1'],
    ['?at=apex&at=10.20.255.1%2F32&at=lb1', '?at=apex&at=10.20.255.1%2F32&at=lb1'],
    ['?at=apex&at=&at=lb1', '?at=apex&at=&at=lb1'],
    ['?problems=yes&unknown=1', ''],
  ])('%s is kept as %s', (given, kept) => {
    expect(searchOf(addressOf(given))).toBe(kept);
  });

  it('carries any name unharmed', () => {
    const place = { service: 'a&b=c', vip: '"><script>', member: '\u00fc#' };
    const { place: read } = addressOf(searchOf({ filters: noFilters, place }));
    expect(isSamePlace(read, place)).toBe(true);
  });
});

describe('extractOf', () => {
  it('shows everything without filters', () => {
    const { vips, members } = extractOf(apex, noFilters);
    expect([vips.length, members.length]).toEqual([10, 5]);
  });

  it('goes by parts of names, in any case', () => {
    const filters = { ...noFilters, vip: ' 255.1', member: 'LB3' };
    expect(extractOf(apex, filters)).toEqual({
      vips: ['10.20.255.1/32', '10.20.255.10/32'],
      members: ['lb3'],
    });
  });

  it('shows, of problems alone, the VIPs that are not carried as planned and who has to do with them', () => {
    const filters = { ...noFilters, hasProblemsOnly: true };
    expect(extractOf(apex, filters)).toEqual({
      vips: ['10.20.255.2/32', '10.20.255.7/32'],
      members: ['lb2', 'lb3', 'lb4'],
    });
  });
});

describe('servicesShown', () => {
  it('leaves out what is well when problems alone are asked for', () => {
    const shown = servicesShown(model, filtersOf(new URLSearchParams('problems=1')));
    expect(shown.map(({ service }) => service)).toEqual(['apex']);
  });

  it('shows the one service that is asked for', () => {
    const shown = servicesShown(model, { ...noFilters, service: 'web' });
    expect(shown.map(({ service }) => service)).toEqual(['web']);
  });
});

describe('sectionsDrawn', () => {
  it('draws the first services, and the one that somebody looks at', () => {
    const shapes = ['a', 'b', 'c', 'd'].map((service) => ({ service, members: 1, vips: 1 }));
    const { services } = applyMessage(emptyModel, messageOf(generateFleet(...shapes)));
    const drawn = (count: number, service: string) =>
      sectionsDrawn([...services.values()], count, { service }).map((one) => one.service);
    expect(drawn(2, 'nowhere')).toEqual(['a', 'b']);
    expect(drawn(2, 'd')).toEqual(['a', 'b', 'd']);
    expect(drawn(2, 'a')).toEqual(['a', 'b']);
    expect(drawn(9, 'a')).toEqual(['a', 'b', 'c', 'd']);
  });
});

describe('actsShown', () => {
  const acts = [undefined, 'lb3', 'lb1', '10.20.255.7/32'].map(
    (name, index): ServiceAct => ({
      service: 'apex',
      at: '2026-11-21T18:30:00.000Z',
      kind: name === undefined ? 'maintenance' : 'drain',
      ...(name !== undefined && { name }),
      action: 'set',
      key: String(index),
    }),
  );
  it.each([
    [{}, ['10.20.255.7/32', 'lb1', 'lb3', undefined]],
    [{ member: 'lb3' }, ['10.20.255.7/32', 'lb3', undefined]],
    [{ vip: '.1/' }, ['lb1', 'lb3', undefined]],
    [{ service: 'web' }, []],
  ])('follows %j; a maintenance is about everything', (filters, names) => {
    expect(actsShown(acts, { ...noFilters, ...filters }).map(({ name }) => name)).toEqual(names);
  });
});

describe('movesShown', () => {
  it('follows the filters', () => {
    const moves = movesShown(model.moves, { ...noFilters, member: 'lb3', vip: '.7/' });
    expect(moves.map(({ vip, member }) => [vip, member])).toEqual([['10.20.255.7/32', 'lb3']]);
    expect(movesShown(model.moves, { ...noFilters, service: 'web' })).toEqual([]);
  });
});
