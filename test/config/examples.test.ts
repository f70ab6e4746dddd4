import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { load, problems, valid } from './load.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (file: string) => readFileSync(join(root, file), 'utf8');
/** Not a dependency of ours: the integration tests install it. */
const exabgp = 'exabgp';
const hasExabgp = spawnSync(exabgp, ['--version']).status === 0;

it.each(['lb1', 'lb2', 'lb3'])('gives %s its own VIP by the shipped configuration', (hostname) => {
  const { config, warnings } = valid(load(read('deploy/exabgp/vipkeeper.yaml'), { hostname }));
  const { member, services } = config.settings;
  const own = services[0]?.vips.filter(({ owner }) => owner === member);
  expect(own?.map(({ vip }) => vip)).toEqual([`10.20.255.${hostname.slice(2)}/32`]);
  expect(warnings).toEqual([]);
});

it('gives each node the metrics of its column by the shipped standalone configuration', () => {
  const text = read('deploy/exabgp/standalone.yaml');
  const columns = ['0', '1', '2'].map((index) => {
    const { config, warnings } = valid(load(text, { environment: { START_INDEX: index } }));
    expect([config.settings.isStandalone, warnings]).toEqual([true, []]);
    return config.settings.services[0]?.vips.map(({ vip }) => vip.slice(-5, -4));
  });
  expect(columns).toEqual([
    ['1', '2', '3'],
    ['2', '3', '1'],
    ['3', '1', '2'],
  ]);
});

it.each([
  ['the first', '0', '2'],
  ['the second', '2', '0'],
])('prepends at %s of two sites by the shipped configuration', (_, site1, site2) => {
  const environment = { SITE_1_PREPEND: site1, SITE_2_PREPEND: site2 };
  const text = read('deploy/exabgp/two-sites.yaml');
  const { config, warnings } = valid(load(text, { hostname: 'lvs1', environment }));
  const prepends = config.settings.services.map(
    ({ announce }) => announce.owner.asPathPrepend ?? 0,
  );
  expect(prepends.map(String)).toEqual([site1, site2, site1, site2]);
  expect(warnings).toEqual([]);
});

const guides = ['', 'labs/'].flatMap((folder) =>
  readdirSync(join(root, 'docs', folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `${folder}${name}`),
);

it('has no mistake in any configuration of the docs', () => {
  const files = guides
    .flatMap((name) => [...read(`docs/${name}`).matchAll(/```yaml\n(.*?)```/gs)])
    .map(([, text]) => text ?? '')
    .filter((text) => /^services:/m.test(text));
  expect(files).not.toHaveLength(0);
  const secrets = { '/run/secrets/zookeeper': 'lb:word' };
  for (const text of files) expect(valid(load(text, { files: secrets })).warnings).toEqual([]);
});

it.each(guides)('knows every key that docs/%s names', (name) => {
  const sections =
    /`((?:zookeeper|exabgp|bgp|log|announce|takeover|drain|paths)(?:\.[A-Za-z]+)+)`/g;
  const keys = new Set([...read(`docs/${name}`).matchAll(sections)].map(([, key]) => key ?? ''));
  const ours = [...keys].filter((key) => !isOfExabgp.test(key));
  expect(ours.filter((key) => !isKnown(key))).toEqual([]);
});

/** ExaBGP has settings, a file of them and a unit, whose names begin as ours do. */
const isOfExabgp = /^exabgp\.(api\.|daemon\.|log\.|reactor\.|env$|conf$|service$)/;

/** Whether a key means something, be it at the top level or in a service. */
function isKnown(key: string): boolean {
  const written = key.split('.').reduceRight<unknown>((value, name) => ({ [name]: value }), '?');
  return [written, { services: { apex: written } }].some((file) => {
    const loaded = load(JSON.stringify(file));
    return loaded.kind === 'valid' || !problems(loaded).some(isUnknown);
  });
}

function isUnknown({ code }: { readonly code: string }): boolean {
  return code === 'CONFIG_UNKNOWN_KEY';
}

/** What ExaBGP says of a configuration, and how that ends. ExaBGP looks for the program, which is not installed here. */
function exabgpOf(text: string) {
  const folder = mkdtempSync(join(tmpdir(), 'vipkeeper-'));
  try {
    const file = join(folder, 'exabgp.conf');
    const program = (path: string) => join(root, 'bin', basename(path, '.py'));
    writeFileSync(file, text.replace(/(?<=run )\S+/, program));
    const env = { ...process.env, 'exabgp.api.cli': 'false', 'exabgp.log.level': 'ERR' };
    const { status, stdout } = spawnSync(exabgp, ['--test', file], { env, encoding: 'utf8' });
    return { status, stdout };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe.skipIf(!hasExabgp)('ExaBGP', () => {
  it.each(['exabgp.conf', 'exazk.conf'])('accepts the shipped %s', (name) => {
    expect(exabgpOf(read(`deploy/exabgp/${name}`))).toEqual({ status: 0, stdout: '' });
  });

  it("refuses ExaZK's configuration of 3.4, as the guide says", () => {
    const [, text = ''] = /```\n(group neighbors \{.*?)```/s.exec(read('docs/exabgp.md')) ?? [];
    const { status, stdout } = exabgpOf(text);
    expect(status).toBe(1);
    expect(stdout).toContain('section group is invalid in root');
  });
});
