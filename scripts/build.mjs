// Bundles every launcher into one file each: loading the same code unbundled takes twice the time and half again the memory.

import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { build } from 'esbuild';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));

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

await build({
  entryPoints,
  outdir: 'dist',
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

// The page: one script and one style sheet, which the server of the page reads.
await build({
  entryPoints: { page: 'src/dashboard/page/main.tsx', 'page-style': 'src/dashboard/page/page.css' },
  outdir: 'dist/dashboard',
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

function commit() {
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
