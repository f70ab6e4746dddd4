import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { comesBefore, rankAmong } from '../../src/core/rendezvous.ts';
import type { MemberId, ServiceName } from '../../src/core/settings.ts';
import type { Vip } from '../../src/core/vip.ts';
import { apex, vip } from '../helpers/core-run.ts';

const anyName = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,20}$/);
const anyMembers = fc
  .uniqueArray(anyName, { minLength: 2, maxLength: 12 })
  .map((names) => names as MemberId[]);
const anyService = anyName.map((name) => name as ServiceName);
const anyVip = fc.nat({ max: 0xffff }).map((host) => vip(`10.20.${host >> 8}.${host & 0xff}`));

function order(service: ServiceName, of: Vip, members: readonly MemberId[]): readonly MemberId[] {
  const rank = (member: MemberId) =>
    rankAmong(
      service,
      of,
      member,
      members.filter((other) => other !== member),
    );
  return [...members].sort((one, other) => rank(one) - rank(other));
}

describe('the order of members', () => {
  it('gives each rank once, and is the same for every member, in whatever order it knows the others', () => {
    fc.assert(
      fc.property(anyService, anyVip, anyMembers, (service, of, members) => {
        const ranks = members.map((member) =>
          rankAmong(
            service,
            of,
            member,
            members.filter((other) => other !== member),
          ),
        );
        expect([...ranks].sort((one, other) => one - other)).toEqual([...members.keys()]);
        expect(order(service, of, [...members].reverse())).toEqual(order(service, of, members));
      }),
    );
  });

  it('moves nobody else when a member goes', () => {
    fc.assert(
      fc.property(anyService, anyVip, anyMembers, fc.nat(), (service, of, members, which) => {
        const gone = members[which % members.length];
        const left = members.filter((member) => member !== gone);
        expect(order(service, of, left)).toEqual(
          order(service, of, members).filter((member) => member !== gone),
        );
      }),
    );
  });

  it('is total: of two members exactly one comes before the other', () => {
    fc.assert(
      fc.property(anyService, anyVip, anyMembers, (service, of, [one, other]) => {
        if (one === undefined || other === undefined) throw new Error('two at least');
        expect(comesBefore(service, of, one, other)).toBe(!comesBefore(service, of, other, one));
        expect(comesBefore(service, of, one, one)).toBe(false);
      }),
    );
  });

  it.each([2, 3, 5, 8])('spreads VIPs equally over %i members, in every rank', (count) => {
    const members = Array.from({ length: count }, (_, index) => `lb${index + 1}` as MemberId);
    const share = 8_000 / count;
    const first = new Map<MemberId, number>();
    const second = new Map<MemberId, number>();
    for (let host = 0; host < 8_000; host += 1) {
      const of = vip(`10.${20 + (host >> 8)}.0.${host & 0xff}`);
      const [one, other] = order(apex, of, members);
      if (one === undefined || other === undefined) throw new Error('two at least');
      first.set(one, (first.get(one) ?? 0) + 1);
      second.set(other, (second.get(other) ?? 0) + 1);
    }
    // Six standard deviations of a fair draw.
    const tolerance = 6 * Math.sqrt(share * (1 - 1 / count));
    for (const counts of [first, second])
      for (const member of members)
        expect(Math.abs((counts.get(member) ?? 0) - share)).toBeLessThan(tolerance);
  });

  it('stays as it is from one version to the next, because versions meet in one fleet', () => {
    const members = ['lb1', 'lb2', 'lb3', 'lb4'] as unknown as readonly MemberId[];
    expect(order(apex, vip('10.20.255.1'), members)).toEqual(['lb4', 'lb3', 'lb2', 'lb1']);
    expect(order(apex, vip('2001:db8:30::1'), members)).toEqual(['lb1', 'lb3', 'lb2', 'lb4']);
  });
});
