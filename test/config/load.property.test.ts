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
    ...['zookeeper', 'exabgp', 'bgp', 'log'].flatMap((top) =>
      keysAt([top]).map((key) => [top, key]),
    ),
    ...keysAt(['zookeeper', 'tls']).map((key) => ['zookeeper', 'tls', key]),
    ...keysAt(['services', 'a']).map((key) => ['services', 'a', key]),
    ['services', 'a', 'checks', 'exec'],
    ['services', 'a', 'announce', 'owner'],
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
