import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import Ajv from 'ajv';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { configJsonSchema, type JsonSchema } from '../../src/config/json-schema.ts';
import { load } from './load.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (file: string) => readFileSync(join(root, file), 'utf8');
const shipped = join(root, 'schema/vipkeeper.schema.json');
const guides = ['docs/configuration.md', 'docs/checks.md'].map(read);
const schema = configJsonSchema(guides);
/** Somebody else's reading of the schema, as an editor's is. */
const isValid = new Ajv({ allErrors: true }).compile(schema);

function mistakes(text: string): readonly string[] {
  return isValid(parse(text)) ? [] : (isValid.errors ?? []).map(({ dataPath }) => dataPath);
}

/** Configurations that are shipped as files of their own. */
const examples = readdirSync(join(root, 'deploy'), { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.ya?ml$/.test(name))
  .map((name) => `deploy/${name}`)
  .filter((file) => /^services:/m.test(read(file)) && /^zookeeper:/m.test(read(file)));

const inDocs = readdirSync(join(root, 'docs'))
  .filter((name) => name.endsWith('.md'))
  .flatMap((name) => [...read(`docs/${name}`).matchAll(/```yaml\n(.*?)```/gs)])
  .map(([, text]) => text ?? '')
  .filter((text) => /^services:/m.test(text));

describe('the JSON Schema', () => {
  it('is shipped as the configuration and its guides are today (if not: npm run schema)', () => {
    expect(JSON.parse(readFileSync(shipped, 'utf8'))).toEqual(JSON.parse(JSON.stringify(schema)));
  });

  it('accepts every configuration that is shipped or documented', () => {
    expect(examples).not.toHaveLength(0);
    expect(inDocs).not.toHaveLength(0);
    for (const text of [...examples.map(read), ...inDocs]) expect(mistakes(text)).toEqual([]);
  });

  it.each(examples)('is named in the first line of %s', (file) => {
    const [, path = ''] = /^# yaml-language-server: \$schema=(\S+)\n/.exec(read(file)) ?? [];
    expect(resolve(root, dirname(file), path)).toBe(shipped);
  });

  it('tells the meaning of every key that the guides have in a table', () => {
    const missing = undescribed(schema, []).filter((key) => !withoutRow.test(key));
    expect(missing).toEqual([]);
  });
});

/** Explained in the text of their sections. */
const withoutRow = /\.nextHop\.ipv[46]$|\.atLeast$|\.checks\.\[\]\.(exec|always|file\.\w+)$/;

function undescribed(part: JsonSchema, path: readonly string[]): readonly string[] {
  const nested = Object.entries(part.properties ?? {}).flatMap(([key, value]) => [
    ...(isLeaf(value) && value.description === undefined ? [[...path, key].join('.')] : []),
    ...undescribed(value, [...path, key]),
  ]);
  const { additionalProperties: more, items } = part;
  return [
    ...nested,
    ...(part.anyOf ?? []).flatMap((form) => undescribed(form, path)),
    ...(typeof more === 'object' ? undescribed(more, [...path, '*']) : []),
    ...(items === undefined ? [] : undescribed(items, [...path, '[]'])),
  ];
}

function isLeaf({ properties, anyOf }: JsonSchema): boolean {
  return properties === undefined && anyOf?.some((form) => form.properties !== undefined) !== true;
}

const good = `
zookeeper: { hosts: [zk1] }
services:
  apex:
    vips: { 10.20.255.1: lb1 }
    checks: [{ tcp: 127.0.0.1:80 }]
`;
const change = (from: string, to: string) => good.replace(from, to);

/** Each is refused by the agent as well, and accepted once the mistake is gone. */
describe('a mistake', () => {
  it('is not in the file that all of them are planted into', () => {
    expect(mistakes(good)).toEqual([]);
    expect(load(good).kind).toBe('valid');
  });

  it.each([
    ['a key that means nothing', change('services:', 'servises:'), ''],
    ['a section left empty', change('zookeeper: { hosts: [zk1] }', 'zookeeper:'), '.zookeeper'],
    ['no hosts', change('{ hosts: [zk1] }', '{}'), '.zookeeper'],
    ['an empty list of hosts', change('[zk1]', '[]'), '.zookeeper.hosts'],
    [
      'a number without unit',
      change('hosts: [zk1]', 'hosts: [zk1], sessionTimeout: 6'),
      '.zookeeper.sessionTimeout',
    ],
    [
      'a duration without number',
      change('hosts: [zk1]', 'hosts: [zk1], sessionTimeout: s'),
      '.zookeeper.sessionTimeout',
    ],
    [
      'an unknown policy',
      change('hosts: [zk1]', 'hosts: [zk1], onCoordinationLoss: hope'),
      '.zookeeper.onCoordinationLoss',
    ],
    ['a count out of range', change('127.0.0.1:80 }', '127.0.0.1:80, rise: 0 }'), '.services'],
    [
      'a MED that is too large',
      change('    checks', '    announce: { owner: { med: 4294967296 } }\n    checks'),
      '.services',
    ],
    [
      'a community that is none',
      change('    checks', '    announce: { owner: { communities: [fast] } }\n    checks'),
      '.services',
    ],
    [
      'a list where a mapping belongs',
      change('{ 10.20.255.1: lb1 }', '[10.20.255.1]'),
      '.services',
    ],
    ['a misspelt kind of check', change('tcp:', 'tpc:'), '.services'],
    ['a key without value', change('services:', 'host:\nservices:'), '.host'],
  ])('is marked where it is: %s', (_, text, place) => {
    expect(load(text).kind).toBe('wrong');
    expect(mistakes(text).some((path) => path.startsWith(place))).toBe(true);
  });
});

it.each([
  ['numbers in quotes', change('127.0.0.1:80', '127.0.0.1:80, rise: "2"')],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: as it is written in the file
  ['a reference', change('127.0.0.1:80', '127.0.0.1:80, rise: "${RISE:-2}"')],
  ['zero without a unit', change('    checks', '    takeover: { delay: 0 }\n    checks')],
  ['a version that is a number', change('services:', 'exabgp: { api: 4 }\nservices:')],
  ['a word or a mapping', change('    checks', '    takeover: { damping: off }\n    checks')],
  ['true without quotes', change('services:', 'log: { silent: true, syslog: daemon }\nservices:')],
  ['a connect string', change('[zk1]', '"zk1:2181,zk2:2181/chroot"')],
])('takes what the agent takes: %s', (_, text) => {
  expect(load(text).kind).toBe('valid');
  expect(mistakes(text)).toEqual([]);
});
