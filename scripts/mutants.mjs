// Shows that the simulation's checkers bite: breaks the core on purpose, one way at a time, and lets the simulation look
// for it. The core's own invariants are switched off meanwhile, since they would end the agent before a checker sees it.
// Prints a table for docs/verification.md; exit code 1 when a mutant survives. Usage: node scripts/mutants.mjs [SEEDS] [NAME]

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const [seedsMax = '200', wanted = ''] = process.argv.slice(2);
const mutants = JSON.parse(readFileSync(join(root, 'test/simulation/mutants.json'), 'utf8'));
const directory = mkdtempSync(join(tmpdir(), 'vipkeeper-mutants-'));
// Also when a mutant no longer finds its text.
process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
let survivors = 0;

process.stdout.write(
  '| the core is made to | caught by | seed | seeds until then |\n| --- | --- | --- | --- |\n',
);
for (const [index, mutant] of mutants.entries()) {
  if (!mutant.name.includes(wanted)) continue;
  const file = join(directory, `mutant${index}.mjs`);
  await bundle(file, mutant);
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [file, '--brief', '--seeds', seedsMax, '--seconds', '3600', '--workers', '1'],
    { encoding: 'utf8' },
  );
  const found = /seed (\d+) broke "([^"]+)"/.exec(stdout);
  const seeds = /sim: (\d+) seeds/.exec(stdout)?.[1] ?? stderr.split('\n')[0];
  if (found === null) survivors += 1;
  process.stdout.write(
    `| ${mutant.name} | ${found?.[2] ?? '**nobody**'} | ${found?.[1] ?? '-'} | ${seeds} |\n`,
  );
}
process.exitCode = survivors === 0 ? 0 : 1;

function bundle(outfile, mutant) {
  return build({
    entryPoints: [join(root, 'test/simulation/main.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    banner: {
      js: "import { createRequire as __vkRequire } from 'node:module'; const require = __vkRequire(import.meta.url);",
    },
    plugins: [
      {
        name: 'mutant',
        setup: (plugin) => plugin.onLoad({ filter: /src\/core\/.*\.ts$/ }, mutate),
      },
    ],
    logLevel: 'warning',
  });

  function mutate({ path }) {
    const name = relative(root, path);
    let contents = readFileSync(path, 'utf8');
    if (name === mutant.file) {
      if (contents.split(mutant.from).length !== 2) {
        throw new Error(`${mutant.name}: its text is not found once in ${name}`);
      }
      contents = contents.replace(mutant.from, mutant.to);
    }
    if (name === 'src/core/invariants.ts') {
      contents = contents.replace('  return broken;\n}', '  return [];\n}');
    }
    return { contents, loader: 'ts' };
  }
}
