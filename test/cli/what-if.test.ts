import { describe, expect, it } from 'vitest';
import { serviceAmong, subjectsOf, unknownSubjects, whatIf } from '../../src/cli/fleet/what-if.ts';
import { type Config, loadConfig } from '../../src/config/config.ts';
import { buildFleetView } from '../../src/observe/build-fleet-view.ts';
import { plain } from '../../src/observe/text/style.ts';
import { whatIfLines } from '../../src/observe/text/what-if-text.ts';
import { fleetReading, type ServiceParts } from '../helpers/fleet-reading.ts';

const [one, two, three] = ['10.20.255.1', '10.20.255.2', '10.20.255.3'] as const;
const members = {
  lb1: { vips: { [one]: 'owner', [two]: 'none', [three]: 'none' } },
  lb2: { vips: { [one]: 'none', [two]: 'owner', [three]: 'none' } },
  lb3: { vips: { [one]: 'none', [two]: 'none', [three]: 'owner' } },
};
const well: ServiceParts = { members, claims: { [one]: 'lb1', [two]: 'lb2', [three]: 'lb3' } };

interface Asked {
  readonly down?: readonly string[];
  readonly drain?: readonly string[];
  readonly isMaintenance?: boolean;
  readonly config?: Config;
}

function answerTo(parts: ServiceParts, asked: Asked) {
  const { down = [], drain = [], isMaintenance = false, config } = asked;
  const question = {
    down: subjectsOf(down),
    drain: subjectsOf(drain),
    isMaintenance,
    config,
  };
  const [answer] = whatIf(buildFleetView(fleetReading(parts)), question);
  if (answer === undefined) throw new Error('no answer');
  return answer;
}

/** By VIP who would announce it, of what changes. */
function changesOf(parts: ServiceParts, asked: Asked): Readonly<Record<string, string>> {
  const changed = answerTo(parts, asked).vips.filter(({ isChanged }) => isChanged);
  return Object.fromEntries(
    changed.map(({ vip, then }) => [
      vip.split('/')[0],
      then.map(({ member, role }) => `${member} ${role}`).join(', '),
    ]),
  );
}

function configOf(service: string): Config {
  const text = `
member: lb1
zookeeper: { hosts: [zk1:2181] }
bgp: { localAs: 65001 }
services:
  apex:
${service}`;
  const loaded = loadConfig(text, {
    file: 'new.yaml',
    environment: {},
    hostname: 'lb1',
    readFile: () => '',
  });
  if (loaded.kind === 'wrong') throw new Error(JSON.stringify(loaded.problems));
  return loaded.config;
}

const vips = `    vips: { ${one}: lb1, ${two}: lb2, ${three}: lb3 }`;

describe('what if', () => {
  it.each<[string, ServiceParts, Asked, Readonly<Record<string, string>>]>([
    ['nothing happens, nothing changes', well, {}, {}],
    [
      'a member is down, the others back it up',
      well,
      { down: ['lb3'] },
      { [three]: 'lb1 backup, lb2 backup' },
    ],
    [
      'two are down, the third carries all',
      well,
      { down: ['lb2', 'lb3'] },
      { [two]: 'lb1 backup', [three]: 'lb1 backup' },
    ],
    ['a member is drained', well, { drain: ['lb2'] }, { [two]: 'lb1 backup, lb3 backup' }],
    ['a VIP is drained, nobody has it', well, { drain: [two] }, { [two]: '' }],
    ['maintenance begins', well, { isMaintenance: true }, { [one]: '', [two]: '', [three]: '' }],
    [
      'the one healthy member goes, a sick one does not take over',
      {
        ...well,
        members: {
          ...members,
          lb2: { vips: members.lb2.vips, report: { health: 'down' } },
          lb3: { ...members.lb3, isGone: true },
        },
      },
      { down: ['lb1'] },
      { [one]: '', [two]: '' },
    ],
    [
      'one backup is configured, one takes over',
      well,
      { down: ['lb3'], config: configOf(`${vips}\n    takeover: { backups: 1 }`) },
      { [three]: 'lb2 backup' },
    ],
    [
      'the new configuration has another owner, a VIP more, and one less',
      well,
      { config: configOf(`    vips: { ${one}: lb2, ${two}: lb2, 10.20.255.4: lb1 }`) },
      { [one]: 'lb2 owner', [three]: '', '10.20.255.4': 'lb1 owner' },
    ],
    [
      'ExaZK keeps its claim, and loses it when it is down',
      {
        members: { lb1: { vips: { [one]: 'owner', [two]: 'none' } } },
        claims: { [one]: 'lb1', [two]: 'exazk' },
      },
      { down: [two] },
      { [two]: 'lb1 backup' },
    ],
  ])('%s', (_, parts, asked, expected) => {
    expect(changesOf(parts, asked)).toEqual(expected);
  });

  it('standbys are told, and are no change by themselves', () => {
    const config = configOf(`${vips}\n    announce: { standby: { asPathPrepend: 3 } }`);
    const { vips: answers } = answerTo(well, { config });
    expect(answers.filter(({ isChanged }) => isChanged)).toEqual([]);
    expect(answers[0]?.then.map(({ member, role }) => `${member} ${role}`)).toEqual([
      'lb1 owner',
      'lb2 standby',
      'lb3 standby',
    ]);
  });

  it('only what nobody asked for is lost', () => {
    const lost = (asked: Asked) => answerTo(well, asked).vips.filter(({ isLost }) => isLost).length;
    expect(lost({ down: ['lb1', 'lb2', 'lb3'] })).toBe(3);
    expect(lost({ isMaintenance: true })).toBe(0);
    expect(lost({ drain: [two] })).toBe(0);
  });

  it('nobody can answer for members and VIPs that there are not', () => {
    const view = buildFleetView(fleetReading(well));
    const question = { isMaintenance: false, config: undefined };
    const asked = { down: new Set(['lb3', 'lb9']), drain: new Set(['10.0.0.9/32', `${one}/32`]) };
    expect(unknownSubjects(view, { ...question, ...asked })).toEqual([
      'no member lb9 in apex; there are lb1, lb2, lb3',
      'no VIP 10.0.0.9/32 in apex; there are 10.20.255.1/32, 10.20.255.2/32, 10.20.255.3/32',
    ]);
    const nothing = { root: '/exabgp', readAt: '', services: [], refusals: [] };
    const drain = new Set(['lb1']);
    expect(unknownSubjects(nothing, { ...question, down: new Set(), drain })).toEqual([
      'no member lb1 in /exabgp; there is none',
    ]);
  });

  it('names stand behind one flag, several, or commas, and the service may be the last of them', () => {
    expect([...subjectsOf(['lb1,lb2', 'lb3', '10.20.255.1,'])]).toEqual([
      'lb1',
      'lb2',
      'lb3',
      '10.20.255.1/32',
    ]);
    const view = buildFleetView(fleetReading(well));
    expect(serviceAmong(view, ['lb1', 'apex'])).toBe('apex');
    expect(serviceAmong(view, ['lb1', 'web'])).toBeUndefined();
    const apex = { ...well, members: { ...members, apex: { vips: {} } } };
    expect(serviceAmong(buildFleetView(fleetReading(apex)), ['apex'])).toBeUndefined();
  });

  it('nothing changes in maintenance, which is told', () => {
    const { vips: answers, assumptions } = answerTo(
      { members: { lb1: { vips: { [one]: 'none' } } }, maintenance: {} },
      { down: ['lb1'] },
    );
    expect(answers.filter(({ isChanged }) => isChanged)).toEqual([]);
    expect(assumptions).toContain('apex stays in maintenance, so nobody announces anything');
  });

  it('a VIP whose owner nobody knows is told, unless a configuration knows', () => {
    const told = 'only backups carry them: 10.20.255.1/32, 10.20.255.2/32, 10.20.255.3/32';
    const parts = { ...well, owners: {} };
    const { assumptions } = answerTo(parts, {});
    expect(assumptions).toContainEqual(expect.stringContaining(told));
    expect(answerTo(parts, { config: configOf(vips) }).assumptions).toHaveLength(2);
  });

  it('is told as the difference, with what it assumes', () => {
    const gone = { ...well, members: { ...members, lb2: { ...members.lb2, isGone: true } } };
    const lines = whatIfLines(answerTo(gone, { down: ['lb1', 'lb3'] }), plain);
    expect(`\n${lines.join('\n')}\n`).toMatchSnapshot();
  });

  it('is answered for a large service in seconds', { timeout: 60_000 }, () => {
    const addresses = Array.from({ length: 120 }, (_, index) => `10.20.255.${index}`);
    const ownerOf = (index: number) => `lb${index % 40}`;
    const parts: ServiceParts = {
      members: Object.fromEntries(
        Array.from({ length: 40 }, (_, index) => [
          `lb${index}`,
          {
            vips: Object.fromEntries(
              addresses.map((address, at) => [address, at % 40 === index ? 'owner' : 'none']),
            ),
          },
        ]),
      ),
      owners: Object.fromEntries(addresses.map((address, index) => [address, ownerOf(index)])),
      claims: Object.fromEntries(addresses.map((address, index) => [address, ownerOf(index)])),
    };
    const startMs = performance.now();
    expect(Object.keys(changesOf(parts, { down: ['lb12'] }))).toHaveLength(3);
    expect(performance.now() - startMs).toBeLessThan(20_000);
  });
});
