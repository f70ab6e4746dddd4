import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { temporaryDirectory } from '../helpers/temporary-directory.ts';

const root = resolve(import.meta.dirname, '../..');

function build(directory: string): void {
  const environment = { ...process.env, VIPKEEPER_COMMIT: '0123456789ab' };
  execFileSync(process.execPath, ['scripts/build.mjs', directory], { cwd: root, env: environment });
}

/** Every file below, and the sum of its bytes. */
function sums(directory: string): Record<string, string> {
  const names = readdirSync(directory, { recursive: true, encoding: 'utf8' }).sort();
  const files = names.filter((name) => statSync(join(directory, name)).isFile());
  const sumOf = (name: string) =>
    createHash('sha256')
      .update(readFileSync(join(directory, name)))
      .digest('hex');
  return Object.fromEntries(files.map((name) => [name, sumOf(name)]));
}

describe('a release', () => {
  let directory: string;

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'vipkeeper-release-'));
    build(directory);
  }, 60_000);
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  it('is the same, byte by byte, when it is built again', { timeout: 60_000 }, () => {
    const again = temporaryDirectory();
    build(again);
    expect(Object.keys(sums(directory))).toContain('vipkeeper.js');
    expect(sums(again)).toEqual(sums(directory));
  });

  it('says its version and commit', () => {
    const asModule = '--experimental-default-type=module';
    const args = [asModule, join(directory, 'vipkeeper.js'), '--version'];
    expect(execFileSync(process.execPath, args, { encoding: 'utf8' })).toBe(
      `${packageJson.version} (0123456789ab)\n`,
    );
  });

  it('lists the license of every package that is part of it', () => {
    const text = readFileSync(join(directory, 'licenses.txt'), 'utf8');
    const listed = [...text.matchAll(/^== (\S+) \S+: (.+)$/gm)];
    const names = listed.map(([, name]) => name);
    expect(names).toEqual(expect.arrayContaining(Object.keys(packageJson.dependencies)));
    expect(names).toContain('preact');
    // Others want a look by a person first.
    const known = /^\(?(MIT|ISC|Apache-2\.0|BSD-[23]-Clause|Unlicense|0BSD)\)?$/;
    expect(listed.filter(([, , license]) => !known.test(license ?? ''))).toEqual([]);
  });

  it('holds what it takes to run, and nothing else', { timeout: 60_000 }, () => {
    const args = ['pack', '--dry-run', '--json', '--ignore-scripts'];
    const output = execFileSync('npm', args, {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const [{ files }] = JSON.parse(output) as [{ files: readonly { readonly path: string }[] }];
    const paths = files.map(({ path }) => path);
    const folders = /^(bin|docs|schema|dist\/dashboard)\//;
    expect(paths.filter((path) => !folders.test(path)).sort()).toEqual([
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'dist/exazk.js',
      'dist/licenses.txt',
      'dist/vipkeeper.js',
      'package.json',
    ]);
    expect(paths.filter((path) => path.startsWith('bin/')).sort()).toEqual([
      'bin/exazk',
      'bin/vipkeeper',
    ]);
  });
});
