import { describe, expect, it } from 'vitest';
import { detailsOf, type Place } from '../../src/dashboard/why.ts';
import type { FleetView } from '../../src/observe/fleet-view.ts';
import { failOver, generateFleet, generateService } from '../helpers/generated-fleet.ts';

const service = failOver(
  generateService({ members: 3, vips: 4 }),
  'lb1',
  '2026-11-21T18:30:00.000Z',
);
const view: FleetView = { ...generateFleet(), services: [service] };
const vip = '10.20.255.1/32';

describe('detailsOf', () => {
  it('of a cell says why, from the member itself', () => {
    const details = detailsOf(view, { service: 'apex', vip, member: 'lb2' });
    expect(details).toMatchObject({
      cell: {
        role: 'backup',
        isOwner: false,
        holdsClaim: false,
        record: { rank: 1 },
        rule: { number: 5, text: expect.stringContaining('announce as backup') },
      },
      ofVip: { owner: 'lb1', carriers: ['lb2', 'lb3'] },
      ofMember: { presence: 'present', status: { session: { belief: 'live' } } },
      problems: [],
    });
    expect(details?.moves.map(({ member }) => member)).toEqual(['lb2']);
  });

  it('of a member that is gone tells what it said last, and does not count on it', () => {
    const details = detailsOf(view, { service: 'apex', vip, member: 'lb1' });
    expect(details).toMatchObject({
      cell: { role: 'gone', isOwner: true, record: { role: 'owner' } },
      problems: [{ kind: 'gone', subject: 'lb1' }],
    });
  });

  it('of a member leaves out what a large fleet would make long', () => {
    const details = detailsOf(view, { service: 'apex', member: 'lb2' });
    expect(details?.ofMember?.status).not.toHaveProperty('vips');
    expect(details?.ofMember?.status).not.toHaveProperty('moves');
    expect(details?.cell).toBeUndefined();
    expect(details?.moves).toHaveLength(2);
  });

  it('of a VIP tells who announces it, and its moves at every member, the latest first', () => {
    const later = { ...service, moves: [...service.moves, ...service.moves] };
    const details = detailsOf({ ...view, services: [later] }, { service: 'apex', vip });
    expect(details?.ofVip?.announcers.map(({ member }) => member)).toEqual(['lb2', 'lb3']);
    expect(details?.moves.map(({ member }) => member)).toEqual(['lb3', 'lb2', 'lb3', 'lb2']);
  });

  it.each<Place>([
    { service: 'web' },
    { service: 'apex', vip: '10.9.9.9/32' },
    { service: 'apex', vip, member: 'lb9' },
    { service: 'constructor' },
  ])('is nothing for %j', (place) => {
    expect(detailsOf(view, place)).toBeUndefined();
  });

  it('is nothing before anything was read', () => {
    expect(detailsOf(undefined, { service: 'apex' })).toBeUndefined();
  });
});
