import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { createMetrics } from '../../src/observe/metrics.ts';

const folder = resolve(import.meta.dirname, '../../deploy/alerts');
const rulesFile = 'vipkeeper.rules.yml';
const text = (file: string) => readFileSync(join(folder, file), 'utf8');
const document = readFileSync(resolve(folder, '../../docs/metrics.md'), 'utf8');

const metrics = createMetrics(0);
afterAll(() => metrics.stop());

const hasPromtool = spawnSync('promtool', ['--version']).status === 0;

/** Metrics by name, with the labels of the document's second table column. */
const documented = new Map(
  [...document.matchAll(/^\| `(\w+)`\s*\| (?:gauge|counter|histogram)\s*\|([^|]*)\|/gm)].map(
    ([, name = '', labels = '']) =>
      [name, [...labels.matchAll(/`(\w+)`/g)].map(([, label]) => label)] as const,
  ),
);

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
}
const { groups } = parse(text(rulesFile)) as { groups: { rules: Rule[] }[] };
const rules = groups.flatMap((group) => group.rules);

describe('docs/metrics.md', () => {
  it('lists every metric with its labels, and none that does not exist', () => {
    const real = metrics.names().map(({ name, labels }) => [name, [...labels].sort()]);
    const told = [...documented].map(([name, labels]) => [name, [...labels].sort()]);
    expect(told.sort()).toEqual(real.sort());
  });

  it('lists every alert with its severity, and none that does not exist', () => {
    const told = [...document.matchAll(/^\| `([A-Z]\w+)`\s*\| (page|ticket)/gm)].map(
      ([, name, severity]) => `${name} ${severity}`,
    );
    expect(told).toEqual(rules.map(({ alert, labels }) => `${alert} ${labels.severity}`));
  });
});

describe('deploy/alerts', () => {
  it.each(readdirSync(folder))('%s names only metrics that there are', (file) => {
    const named = [...text(file).matchAll(/\b((?:vipkeeper|process)_[a-z_]+)\b/g)].map(
      ([, name = '']) => name.replace(/_(bucket|sum|count)$/, ''),
    );
    expect(named).not.toHaveLength(0);
    expect([...new Set(named)].filter((name) => !documented.has(name))).toEqual([]);
  });

  it('holds a dashboard whose panels lie beside each other, each with a question', () => {
    const { panels } = JSON.parse(text('dashboard.json')) as {
      panels: { title: string; gridPos: { x: number; w: number }; targets: { expr: string }[] }[];
    };
    for (const { gridPos, targets, title } of panels) {
      expect(gridPos.x + gridPos.w, title).toBeLessThanOrEqual(24);
      expect(
        targets.every(({ expr }) => expr !== ''),
        title,
      ).toBe(true);
    }
  });

  describe.skipIf(!hasPromtool)(`by promtool${hasPromtool ? '' : ' (not installed)'}`, () => {
    const promtool = (...args: readonly string[]) => {
      const { status, stdout, stderr } = spawnSync('promtool', args, {
        cwd: folder,
        encoding: 'utf8',
      });
      return { status, output: `${stdout}${stderr}` };
    };

    it('the rules are well formed', () => {
      const { status, output } = promtool('check', 'rules', '--lint=all', rulesFile);
      expect(output).toContain(`SUCCESS: ${rules.length} rules found`);
      expect(status).toBe(0);
    });

    it('the rules tell of what they are to tell, and of nothing else', () => {
      const { status, output } = promtool('test', 'rules', 'vipkeeper.rules.test.yml');
      expect(output).toContain('SUCCESS');
      expect(status).toBe(0);
    });
  });
});
