import { describe, expect, it } from 'vitest';
import { fleet, load, outline, problems, valid } from './load.ts';

/** An error's code, or the warnings about roles. */
function verdict(announce: string, drain = ''): string | readonly string[] {
  const top = 'bgp: { localAs: 65001 }';
  const checks = 'checks: [{ exec: "true" }]';
  const loaded = load(fleet({ top, service: `${checks}\nannounce: ${announce}\n${drain}` }));
  return loaded.kind === 'valid' ? loaded.warnings : outline(loaded).join();
}

const refused = 'services.apex.announce.standby: CONFIG_CONTRADICTION';
const alone = [
  'services.apex.announce.standby: worse than owner by MED or local preference alone, ' +
    'which are lost between ASes; asPathPrepend holds everywhere',
];

describe('a standby', () => {
  it.each<[string, string, string | readonly string[]]>([
    ['nothing', '{ standby: {} }', refused],
    ['the MED of the owner', '{ standby: { med: 100 } }', refused],
    ['a better MED', '{ standby: { med: 99 } }', refused],
    ['a prepend of none', '{ standby: { asPathPrepend: 0 } }', refused],
    ['a prepend for others only', '{ standby: { prependPerRank: 2 } }', refused],
    ['as long a path', '{ owner: { asPathPrepend: 2 }, standby: { asPathPrepend: 2 } }', refused],
    [
      'a shorter path than the owner',
      '{ owner: { asPath: [1, 2, 3] }, standby: { asPath: [1, 2] } }',
      refused,
    ],
    [
      'a long path that a local preference outweighs',
      '{ standby: { asPathPrepend: 3, localPreference: 200 } }',
      refused,
    ],
    [
      'a MED that is better from the second VIP on',
      '{ owner: { medPerVip: 200 }, standby: { med: 200 } }',
      refused,
    ],
    [
      'only the communities of the owner',
      '{ owner: { communities: ["1:1"] }, standby: { communities: ["1:1"] } }',
      refused,
    ],
    ['a MED alone', '{ standby: { med: 300 } }', alone],
    ['a local preference alone', '{ standby: { localPreference: 99 } }', alone],
    ['a prepend', '{ standby: { asPathPrepend: 1 } }', []],
    ['a longer path', '{ standby: { asPath: [1, 2] } }', []],
    ['a community', '{ standby: { communities: ["65000:20"] } }', []],
    ['a large community', '{ standby: { largeCommunities: ["65000:20:1"] } }', []],
    ['a prepend and a better MED', '{ standby: { asPathPrepend: 1, med: 0 } }', []],
  ])('with %s', (_, announce, expected) => {
    expect(verdict(announce)).toEqual(expected);
  });

  it('is worse by its MED as well, unless that is set', () => {
    const service = 'announce: { standby: { asPathPrepend: 3 } }';
    const [apex] = valid(load(fleet({ service }))).config.settings.services;
    expect(apex?.announce.standby).toEqual({ nextHop: 'self', med: 200, asPathPrepend: 3 });
  });

  it('is told how to be worse', () => {
    const [problem] = problems(load(fleet({ service: 'announce: { standby: {} }' })));
    expect(problem).toMatchObject({
      expected: 'attributes that make routers prefer the owner',
      found: 'none',
      fix: expect.stringContaining('asPathPrepend: 3'),
    });
  });
});

describe('a warning', () => {
  it.each([
    ['backup', '{ backup: { med: 99 } }', ''],
    ['backup', '{ owner: { asPathPrepend: 1 } }', ''],
    ['down', '{ down: {} }', ''],
    ['disabled', '{ disabled: { localPreference: 101 } }', ''],
  ])('tells of a %s that wins over the owner: %s', (role, announce, drain) => {
    expect(verdict(announce, drain)).toEqual([
      `services.apex.announce.${role}: routers prefer it to owner`,
    ]);
  });

  it('tells of a drain that makes a route better', () => {
    const drain = 'drain: { localPreference: 200 }';
    expect(verdict('{}', drain)).toEqual(['services.apex.drain: routers prefer it to owner']);
  });

  it('tells of a standby that is better than a backup', () => {
    const announce = '{ backup: { asPathPrepend: 4 }, standby: { asPathPrepend: 3 } }';
    expect(verdict(announce)).toEqual([
      'services.apex.announce.standby: routers prefer it to backup',
    ]);
  });

  it.each(['{ med: 150 }', '{ communities: ["65000:1"] }'])(
    'tells of a drain that moves no router: %s',
    (drain) => {
      const announce = '{ owner: { communities: ["65000:1"] } }';
      expect(verdict(announce, `drain: ${drain}`)).toEqual([
        'services.apex.drain: routers prefer it to backup, so they do not move before it ends',
      ]);
    },
  );

  it('is not needed for equal routes: routers spread the load', () => {
    expect(verdict('{ backup: { med: 100 } }', 'drain: { communities: ["65535:0"] }')).toEqual([]);
  });
});

it('gives a drain what the owner has, except for what it changes', () => {
  const service = `announce: { owner: { med: 50, communities: ["65000:1"], nextHop: 10.0.0.9 } }
drain: { timeout: 10s, communities: [], asPathPrepend: 2 }`;
  const [apex] = valid(load(fleet({ service }))).config.settings.services;
  expect(apex?.announce.drain).toEqual({
    nextHop: '10.0.0.9',
    med: 50,
    communities: [],
    asPathPrepend: 2,
  });
  expect(apex?.drainTimeoutMs).toBe(10_000);
});
