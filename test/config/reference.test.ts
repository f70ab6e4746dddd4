// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references are written like this

import { expect, it } from 'vitest';
import { maskReferences, substitute } from '../../src/config/reference.ts';
import { context, fleet, load, outline, problems, valid } from './load.ts';

const source = context({
  environment: { A: 'one', EMPTY: '' },
  files: { '/run/secret': 'user:word\n' },
});

it.each([
  ['${A}', 'one'],
  ['x${A}-${A}y', 'xone-oney'],
  ['${B:-two}', 'two'],
  ['${EMPTY:-two}', 'two'],
  ['${EMPTY}', ''],
  ['${A:-two}', 'one'],
  ['${B:-}', ''],
  ['${file:/run/secret}', 'user:word'],
  ['${HOSTNAME}', 'lb1'],
  ['$${A}', '${A}'],
  ['$A {A}', '$A {A}'],
])('replaces %s', (text, replaced) => {
  expect(substitute(text, source)).toMatchObject({ text: replaced, complaints: [] });
});

it.each([
  ['${B}', 'the environment variable B'],
  ['${file:/none}', 'a readable file /none'],
  ['${file:none}', 'an absolute path in ${file:/path}'],
  ['${}', '${NAME}, ${NAME:-default} or ${file:/path}'],
  ['${A-x}', '${NAME}, ${NAME:-default} or ${file:/path}'],
  ['${constructor}', 'the environment variable constructor'],
])('complains about %s', (text, expected) => {
  const { complaints } = substitute(text, source);
  expect(complaints).toMatchObject([{ code: 'CONFIG_REFERENCE', expected }]);
});

it('prefers an exported HOSTNAME to the host name', () => {
  const exported = context({ environment: { HOSTNAME: 'lb9' } });
  expect(substitute('${HOSTNAME}', exported).text).toBe('lb9');
});

it('hides references from the YAML parser without moving anything', () => {
  const text = 'a: { b: ${A}, c: ${file:/x} }';
  const mask = maskReferences(text);
  expect(mask.text).toHaveLength(text.length);
  expect(mask.text).not.toContain('${');
  expect(mask.unmask(mask.text)).toBe(text);
});

it('reads a secret from a file inside of a flow mapping', () => {
  const text = fleet({ zookeeper: 'auth: { digest: ${file:/run/secret} }' });
  const { config } = valid(load(text, { files: { '/run/secret': 'user:word\n' } }));
  expect(config.zookeeper.auth).toEqual({ scheme: 'digest', credential: 'user:word' });
});

it('names every variable and file that is missing, once, at its place', () => {
  const text = fleet({
    top: 'log: { level: ${LEVEL} }',
    zookeeper: 'root: ${ROOT}\nauth: { digest: "${file:/run/none}" }',
  });
  expect(problems(load(text)).map(({ path, found, line }) => [path, found, line])).toEqual([
    ['zookeeper.root', 'no such variable', 3],
    ['zookeeper.auth.digest', 'an error on reading it (ENOENT)', 4],
    ['log.level', 'no such variable', 8],
  ]);
});

it('leaves a check to the shell, which has the same spelling', () => {
  const text = fleet({ service: 'checks: [{ exec: "curl ${URL:-localhost} ${x%%.*}" }]' });
  const [service] = valid(load(text)).config.settings.services;
  expect(service?.checks[0]?.probe).toEqual({
    kind: 'exec',
    command: 'curl ${URL:-localhost} ${x%%.*}',
  });
});

it('never shows what came from a file, nor what stands under auth', () => {
  const files = { '/run/secret': 'hunter2' };
  const text = fleet({
    top: 'log: { level: "${file:/run/secret}" }',
    zookeeper: 'auth: { digest: ${file:/run/secret}, hunter2 }\nroot: ${file:/run/secret}',
  });
  const loaded = load(text, { files });
  expect(outline(loaded)).toEqual([
    'zookeeper.auth: CONFIG_UNKNOWN_KEY',
    'zookeeper.auth.digest: CONFIG_WRONG_VALUE',
    'zookeeper.root: CONFIG_WRONG_VALUE',
    'log.level: CONFIG_WRONG_VALUE',
  ]);
  expect(JSON.stringify(loaded)).not.toContain('hunter2');
});

it.each([
  'zookeeper: { auth: hunter2',
  'zookeeper:\n  auth: "hunter2" "hunter2"',
  'zookeeper:\n  auth: "hunter2\\q"',
  'zookeeper: { auth: { digest: [hunter2] }, hosts: a }',
  'zookeeper: { auth: hunter2, hosts: a }',
])('does not quote a broken file: %j', (text) => {
  expect(JSON.stringify(problems(load(text)))).not.toContain('hunter2');
});

it('asks of another host than the agent’s no more than the fleet needs', () => {
  const text = `
member: \${LB_NAME}
bgp: { localAs: "\${LB_AS}" }
allowed: [10.20.255.0/24, "\${NET}"]
log: { level: "\${file:/run/level}" }
zookeeper: { hosts: zk1 }
services:
  apex:
    vips: { 10.20.255.1: lb1 }
    checks: [{ http: "http://\${LB_ADDRESS}/" }]
`;
  expect(outline(load(text))).toHaveLength(5);
  const { config, leftOut } = valid(load(text, {}, 'fleet'));
  expect(leftOut?.map(({ path, found }) => `${path}: ${found}`)).toEqual([
    'member: no such variable',
    'bgp.localAs: no such variable',
    'allowed.1: no such variable',
    'log.level: an error on reading it (ENOENT)',
    'services.apex.checks.0.http: no such variable',
  ]);
  const [service] = config.settings.services;
  expect(service?.vips).toMatchObject([{ owner: 'lb1' }]);
  expect(service?.checks).toEqual([]);
  expect(config.settings).toMatchObject({ member: 'lb1', neighbors: { localAs: undefined } });
  expect(config.log.level).toBe('info');
});

it('asks wherever it is what the fleet does need', () => {
  const text = fleet({ zookeeper: 'chroot: ${SITE}', top: 'member: ${LB_NAME}' });
  expect(outline(load(text, {}, 'fleet'))).toEqual(['zookeeper.chroot: CONFIG_REFERENCE']);
  expect(valid(load(fleet({}), {}, 'fleet'))).not.toHaveProperty('leftOut');
});
