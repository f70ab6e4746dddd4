// Writes schema/vipkeeper.schema.json from the configuration's own schema and the tables of its guides.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { build } from 'esbuild';

const { outputFiles } = await build({
  entryPoints: ['src/config/json-schema.ts'],
  bundle: true,
  platform: 'node',
  format: 'esm',
  write: false,
});
const code = Buffer.from(outputFiles[0].contents).toString('base64');
const { configJsonSchema } = await import(`data:text/javascript;base64,${code}`);

const guides = ['docs/configuration.md', 'docs/checks.md'].map((file) =>
  readFileSync(file, 'utf8'),
);
mkdirSync('schema', { recursive: true });
writeFileSync(
  'schema/vipkeeper.schema.json',
  `${JSON.stringify(configJsonSchema(guides), undefined, 1)}\n`,
);
