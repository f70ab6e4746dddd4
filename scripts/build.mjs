// build.mjs [DIRECTORY]: bundles every launcher into one file each, below dist/ or there; the same tree gives the same bytes.
// One file, because loading the same code unbundled takes twice the time and half again the memory.

import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { build } from 'esbuild';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));

const directory = process.argv[2] ?? 'dist';
const launchers = {
  vipkeeper: 'src/cli/main.ts',
  exazk: 'src/cli/exazk.ts',
  lab: 'deploy/lab/main.ts',
  bench: 'bench/main.ts',
  sim: 'test/simulation/main.ts',
};
const entryPoints = Object.fromEntries(
  Object.entries(launchers).filter(([, file]) => existsSync(file)),
);

const programs = await build({
  entryPoints,
  outdir: directory,
  metafile: true,
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  minifySyntax: true,
  // Function names stay, so that a stack in a bug's log line can be read; the source text is kept in memory.
  minifyWhitespace: true,
  legalComments: 'eof',
  define: { __VERSION__: JSON.stringify(version), __COMMIT__: JSON.stringify(commit()) },
  // Some dependencies are CommonJS and call require() for Node's own modules.
  banner: {
    js: "import { createRequire as __vkRequire } from 'node:module'; const require = __vkRequire(import.meta.url);",
  },
  logLevel: 'warning',
});

// The page: its script, the one that its tabs share, and the style sheet, which the server of the page reads.
const page = await build({
  entryPoints: {
    page: 'src/dashboard/page/main.tsx',
    relay: 'src/dashboard/page/relay.ts',
    'page-style': 'src/dashboard/page/page.css',
  },
  outdir: join(directory, 'dashboard'),
  metafile: true,
  bundle: true,
  platform: 'browser',
  target: 'es2022',
  format: 'iife',
  minify: true,
  jsx: 'automatic',
  jsxImportSource: 'preact',
  legalComments: 'none',
  logLevel: 'warning',
});

const shipped = Object.entries(programs.metafile.outputs)
  .filter(([file]) => /(vipkeeper|exazk)\.js$/.test(file))
  .concat(Object.entries(page.metafile.outputs));
writeFileSync(
  join(directory, 'licenses.txt'),
  licensesOf(shipped.flatMap(([, { inputs }]) => Object.keys(inputs))),
);

/** The packages whose code is in what we ship, each with its license; a package that says nothing must not get in. */
function licensesOf(files) {
  const homes = files.flatMap((file) => /.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? []);
  const texts = [...new Set(homes)].sort().map((home) => {
    const {
      name,
      version: itsVersion,
      license,
    } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8'));
    if (license === undefined) throw new Error(`${name}: package.json names no license`);
    const file = readdirSync(home).find((entry) => /^licen[cs]e/i.test(entry));
    const text = file === undefined ? '' : `\n${readFileSync(join(home, file), 'utf8').trim()}\n`;
    return `== ${name} ${itsVersion}: ${license}\n${text}`;
  });
  return `Packages whose code is part of vipkeeper.\n\n${texts.join('\n')}`;
}

/** From git, or as said by whoever builds without it. */
function commit() {
  if (process.env.VIPKEEPER_COMMIT) return process.env.VIPKEEPER_COMMIT;
  try {
    return execFileSync('git', ['rev-parse', '--short=12', 'HEAD'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    })
      .toString()
      .trim();
  } catch {
    return 'unknown';
  }
}
