// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references are written like this

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { formatDuration, parseDuration } from '../../src/config/duration.ts';
import { maskReferences } from '../../src/config/reference.ts';
import { keysAt } from '../../src/config/schema.ts';
import { fleet, load } from './load.ts';

/** Pieces of configurations, so that random texts get past the first line of the parser. */
const pieces = fc.oneof(
  fc.constantFrom(
    ...['\n', '  ', '    ', ': ', '- ', '{ ', ' }', '[', ']', ', ', '"', "'", '#', '&a ', '*a'],
    ...['${', '}', '${A}', '${file:/x}', '$${', '!!int ', '|\n', '? ', '<<: ', '---\n', '\u0000'],
    ...['10.0.0.1', '::1', 'lb1', '5', '5s', 'null', '__proto__', 'constructor', 'toString'],
  ),
  fc.constantFrom(...keysAt([]), ...keysAt(['zookeeper']), ...keysAt(['services', 'a'])),
  fc.string({ unit: 'binary', maxLength: 5 }),
);
const texts = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.array(pieces, { maxLength: 60 }).map((parts) => parts.join('')),
);

it('never throws, and has a place and a reason for every problem', () => {
  fc.assert(
    fc.property(texts, (text) => {
      const loaded = load(text);
      if (loaded.kind === 'valid') return;
      expect(loaded.problems).not.toHaveLength(0);
      for (const { expected, found, fix } of loaded.problems) {
        expect([expected, found, fix]).not.toContain('');
      }
    }),
    { numRuns: 3_000 },
  );
});

it('never throws on any value in any place', () => {
  const paths = [
    ...keysAt([]).map((key) => [key]),
    ...['zookeeper', 'exabgp', 'bgp', 'log', 'shutdown', 'host', 'hooks'].flatMap((top) =>
      keysAt([top]).map((key) => [top, key]),
    ),
    ...keysAt(['zookeeper', 'tls']).map((key) => ['zookeeper', 'tls', key]),
    ...keysAt(['services', 'a']).map((key) => ['services', 'a', key]),
    ['services', 'a', 'checks', 'exec'],
    ...[
      ['takeover'],
      ['takeover', 'damping'],
      ['drain'],
      ['announce'],
      ['announce', 'owner'],
    ].flatMap((part) =>
      keysAt(['services', 'a', ...part]).map((key) => ['services', 'a', ...part, key]),
    ),
  ];
  const values = fc.anything({ maxDepth: 3, values: [fc.string(), fc.integer(), fc.boolean()] });
  fc.assert(
    fc.property(fc.constantFrom(...paths), values, (path, value) => {
      const nested = path.reduceRight<unknown>((inner, key) => ({ [key]: inner }), value ?? null);
      expect(() => load(JSON.stringify(nested) ?? '')).not.toThrow();
    }),
    { numRuns: 2_000 },
  );
});

it('lets nothing into a route but numbers, addresses and words that ExaBGP knows for values', () => {
  const places = fc.constantFrom(
    ...([
      ['owner', 'nextHop', '10.0.0.9'],
      ['owner', 'nextHop', { ipv4: 'self' }],
      ['owner', 'med', '100'],
      ['owner', 'localPreference', '100'],
      ['owner', 'pathInformation', '0.0.0.7'],
      ['owner', 'asPath', ['65000']],
      ['owner', 'communities', ['65000:1']],
      ['owner', 'communities', ['no-export']],
      ['owner', 'largeCommunities', ['65000:1:2']],
      ['owner', 'extendedCommunities', ['target:65000:1']],
      ['owner', 'extendedCommunities', ['0x0002fde800000001']],
      ['neighbors', undefined, ['10.0.0.1']],
    ] as const),
  );
  const additions = fc.constantFrom(
    ...[
      '',
      '0',
      ':1',
      '-',
      'L',
      '\n',
      '\r',
      ' ',
      '\t',
      ';',
      ' ]',
      '\u0000',
      '\u0131',
      '\nshutdown',
    ],
  );
  let validCount = 0;
  fc.assert(
    fc.property(places, additions, fc.nat({ max: 20 }), ([role, key, good], addition, at) => {
      const value = JSON.stringify(good).replace(/[^"[\]{}:]+(?="[\]}]*$)/, (text) =>
        JSON.stringify(text.slice(0, at) + addition + text.slice(at)).slice(1, -1),
      );
      const announce = key === undefined ? value : `{ ${key}: ${value} }`;
      const loaded = load(fleet({ service: `announce: { ${role}: ${announce} }` }));
      if (loaded.kind === 'wrong') return;
      validCount += 1;
      const owner = loaded.config.settings.services[0]?.announce.owner ?? {};
      const leaves = Object.values(owner).flatMap((leaf) =>
        leaf instanceof Object ? Object.values(leaf) : [leaf],
      );
      for (const leaf of leaves) expect(String(leaf)).toMatch(/^[0-9a-z.:-]+$/);
    }),
    { numRuns: 1_000 },
  );
  expect(validCount).toBeGreaterThan(100);
});

it('survives one changed character of a valid file', () => {
  const text = fleet({ service: 'checks: [{ exec: "true" }]', top: 'allowed: [10.0.0.0/8]' });
  fc.assert(
    fc.property(fc.nat(text.length - 1), fc.string({ maxLength: 2 }), (index, piece) => {
      const changed = text.slice(0, index) + piece + text.slice(index + 1);
      expect(() => load(changed)).not.toThrow();
    }),
  );
});

it('reads back every duration it writes', () => {
  fc.assert(
    fc.property(fc.nat(1_000_000_000), (durationMs) => {
      expect(parseDuration(formatDuration(durationMs))).toBe(durationMs);
    }),
  );
});

it('unmasks every text it masks', () => {
  fc.assert(
    fc.property(texts, (text) => {
      const mask = maskReferences(text);
      expect(mask.text).toHaveLength(text.length);
      expect(mask.unmask(mask.text)).toBe(text);
    }),
  );
});
