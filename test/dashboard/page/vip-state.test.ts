import { describe, expect, it } from 'vitest';
import type { ServiceModel } from '../../../src/dashboard/page/model.ts';
import { isVipTroubled, vipStateOf, vipWords } from '../../../src/dashboard/page/vip-state.ts';
import type { MemberPart, ServicePart, Trouble, VipPart } from '../../../src/dashboard/wire.ts';

const calm: ServicePart = { drains: [], problemCounts: { error: 0, warning: 0, info: 0 } };

function serviceOf(about: ServicePart): ServiceModel {
  return {
    service: 'apex',
    about,
    problems: [],
    order: { members: ['lb1', 'lb2', 'lb3'], vips: ['10.0.0.1/32'] },
    members: new Map(),
    vips: new Map(),
  };
}

describe('vipStateOf', () => {
  it.each<readonly [string, Partial<VipPart>, ServicePart, string, string, boolean]>([
    ['O..', {}, calm, 'owner', 'lb1', false],
    ['OSS', {}, calm, 'owner', 'lb1', false],
    ['.BB', {}, calm, 'backup', 'backup: lb2, lb3', true],
    ['OB.', {}, calm, 'both', 'lb1, lb2, handing over', true],
    ['...', {}, calm, 'nobody', 'nobody', true],
    ['.S.', {}, calm, 'nobody', 'nobody', true],
    ['..?', {}, calm, 'unknown', 'not known', true],
    ['...', { isDrained: true }, calm, 'drained', 'nobody (drained)', false],
    ['...', {}, { ...calm, maintenance: {} }, 'maintenance', 'nobody (maintenance)', false],
    ['?E?', {}, calm, 'owner', 'lb2', false],
  ])('%s %j is told', (row, more, about, kind, words, isTroubled) => {
    const part: VipPart = { owner: 'lb1', isDrained: false, row, ...more };
    const state = vipStateOf(serviceOf(about), part);
    expect([state.kind, vipWords(state)]).toEqual([kind, words]);
    expect(isVipTroubled(serviceOf(about), part)).toBe(isTroubled);
  });

  it('does not count on a member that is gone, whatever it did last', () => {
    const gone: MemberPart = {
      kind: 'vipkeeper',
      presence: 'gone',
      health: 'up',
      isLeaving: false,
      isDrained: false,
    };
    const service = { ...serviceOf(calm), members: new Map([['lb1', gone]]) };
    const state = vipStateOf(service, { owner: 'lb1', isDrained: false, row: 'OB.' });
    expect(vipWords(state)).toBe('backup: lb2');
  });

  it('does not call anybody a backup while no owner is known', () => {
    const state = vipStateOf(serviceOf(calm), { isDrained: false, row: '.O.' });
    expect(vipWords(state)).toBe('lb2, owner not known');
  });

  it.each<Trouble>(['error', 'warning'])('is troubled by an %s that names it', (trouble) => {
    const part: VipPart = { owner: 'lb1', isDrained: false, row: 'O..', trouble };
    expect(isVipTroubled(serviceOf(calm), part)).toBe(true);
  });

  it('does not call it a hand-over when two carry it in error', () => {
    const state = vipStateOf(serviceOf(calm), { owner: 'lb1', isDrained: false, row: 'OB.' });
    expect(vipWords(state, 'error')).toBe('lb1, lb2 at once');
  });
});
