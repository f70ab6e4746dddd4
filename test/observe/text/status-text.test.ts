import { describe, expect, it } from 'vitest';
import { buildFleetView } from '../../../src/observe/build-fleet-view.ts';
import { statusLines } from '../../../src/observe/text/status-text.ts';
import { colored, plain } from '../../../src/observe/text/style.ts';
import { beganMs, fleetReading, type ServiceParts } from '../../helpers/fleet-reading.ts';

const [one, two, three] = ['10.20.255.1', '10.20.255.2', '10.20.255.3'] as const;
const failedOver: ServiceParts = {
  members: {
    lb1: { vips: { [one]: 'owner', [two]: 'standby', [three]: 'backup' } },
    lb2: {
      vips: { [one]: 'standby', [two]: 'owner', [three]: 'backup' },
      record: {
        version: '0.2.0',
        exabgp: {
          version: '5.0.0',
          answers: true,
          isConnected: true,
          neighbors: { '10.0.0.1': 'up', '10.0.0.2': 'down' },
        },
      },
    },
    lb3: { vips: { [one]: 'none', [two]: 'none', [three]: 'owner' }, isGone: true },
  },
  claims: { [one]: 'lb1', [two]: 'lb2' },
  drains: { lb2: { who: 'jd', why: 'disk swap' } },
};

function textOf(parts: ServiceParts, isWhole = false): readonly string[] {
  return statusLines(buildFleetView(fleetReading(parts)), { style: plain, isWhole });
}

/** On a machine that has much else to do. */
const patience = { timeout: 60_000 };

describe('the text of a status', () => {
  it('begins with what is wrong, and fits a terminal of 80 columns', () => {
    expect(`\n${textOf(failedOver).join('\n')}\n`).toMatchSnapshot();
  });

  it('says of ExaZK, maintenance and what nobody announces what is known, and no more', () => {
    const parts = {
      members: { lb1: { vips: { [one]: 'none', [two]: 'none' }, record: undefined } },
      claims: { [one]: 'lb1', [two]: 'exazk' },
      maintenance: { who: 'jd', why: 'firmware' },
    };
    expect(`\n${textOf(parts).join('\n')}\n`).toMatchSnapshot();
  });

  const addresses = Array.from({ length: 200 }, (_, index) => `10.20.255.${index}`);
  const ownerOf = (index: number) => `lb${String(index % 25).padStart(2, '0')}`;
  const names = Array.from({ length: 25 }, (_, index) => ownerOf(index));
  const large: ServiceParts = {
    members: Object.fromEntries(
      names.map((name) => [
        name,
        {
          vips: Object.fromEntries(
            addresses.map((address, index) => [
              address,
              ownerOf(index) === name ? 'owner' : 'standby',
            ]),
          ),
          ...(name === 'lb12' && { isGone: true }),
        },
      ]),
    ),
    owners: Object.fromEntries(addresses.map((address, index) => [address, ownerOf(index)])),
    claims: Object.fromEntries(
      addresses
        .map((address, index) => [address, ownerOf(index)] as const)
        .filter(([, owner]) => owner !== 'lb12'),
    ),
  };

  it('shows of a large fleet what is out of the ordinary, and counts the rest', patience, () => {
    expect(`\n${textOf(large).join('\n')}\n`).toMatchSnapshot();
  });

  it('shows all of a large fleet when asked to', patience, () => {
    const lines = textOf(large, true);
    expect(lines.filter((line) => line.startsWith('10.20.'))).toHaveLength(200);
    expect(lines.filter((line) => line.startsWith('lb'))).toHaveLength(25);
  });

  it('is the same in colour, but for the colour', () => {
    const view = buildFleetView(fleetReading(failedOver));
    const lines = statusLines(view, { style: colored, isWhole: false });
    const esc = String.fromCodePoint(27);
    const bare = lines.map((line) => line.replaceAll(new RegExp(`${esc}\\[[\\d;]*m`, 'g'), ''));
    expect(bare.map((line) => line.trimEnd())).toEqual(textOf(failedOver));
    expect(lines.join('')).toContain(`${esc}[33mdrained`);
  });

  it('says of drains which are in effect, and how the others are removed', () => {
    const lb1 = { vips: { [one]: 'none' } };
    const lines = textOf({
      members: { lb1 },
      drains: {
        [one]: { who: 'jd', why: 'abuse' },
        lb2: { why: 'disk', expiresMs: beganMs },
        'lb 3': {},
      },
    });
    expect(lines.filter((line) => /^(DRAINED|drain of)/.test(line))).toEqual([
      'DRAINED: VIP 10.20.255.1/32 for 1h by jd (abuse)',
      'drain of member lb2 for 1h (disk), until 2026-11-21 17:00:00 UTC (expired, not in effect): vipkeeper undrain apex lb2 removes it',
      'drain of lb 3 for 1h (not in effect)',
    ]);
    expect(lines.find((line) => line.startsWith(one))).toMatch(
      /nobody +- +it is drained by jd \(abuse\)$/,
    );
  });

  it('says where nothing is', () => {
    expect(textOf({ members: {} })).toEqual(['no service in /exabgp']);
  });

  it('says what could not be read', () => {
    const reading = { ...fleetReading(), refusals: [{ path: '/exabgp/drain', why: 'NO_AUTH' }] };
    const [line] = statusLines(buildFleetView(reading), { style: plain, isWhole: false });
    expect(line).toBe('? /exabgp/drain could not be read: NO_AUTH');
  });
});
