import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createPaths } from '../../src/cli/paths.ts';
import { createReloader } from '../../src/cli/reload.ts';
import { fleet, load, valid } from '../config/load.ts';

const first = fleet();
const second = fleet({ service: 'announce: { owner: { med: 50 } }' });

function start() {
  let text = first;
  let wallMs = 0;
  const { config, warnings } = valid(load(first));
  const reloader = createReloader(config, warnings, createPaths(config.zookeeper.services), {
    clock: { wallMs: () => wallMs },
    load: () => load(text),
    apply: () => undefined,
    note: () => undefined,
  });
  return {
    version: reloader.version,
    read(next: string, atMs: number, cause: 'SIGHUP' | 'file' = 'SIGHUP') {
      text = next;
      wallMs = atMs;
      reloader.reload(cause);
    },
  };
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}

const loadedFirst = { hash: hashOf(first), loadedAt: '1970-01-01T00:00:00.000Z' };
const loadedSecond = { hash: hashOf(second), loadedAt: '1970-01-01T00:00:01.000Z' };

describe('the version of the configuration', () => {
  it('is that of the file at the start, and later that of the last file that was taken', () => {
    const run = start();
    expect(run.version()).toEqual(loadedFirst);
    run.read(second, 1_000);
    expect(run.version()).toEqual(loadedSecond);
  });

  it('changes with a comment, too, since it says which file was read', () => {
    const run = start();
    run.read(`# reviewed\n${first}`, 1_000, 'file');
    expect(run.version().hash).toBe(hashOf(`# reviewed\n${first}`));
  });

  it('stays what runs when a file is refused, which is told with its mistakes until one is taken', () => {
    const run = start();
    run.read('services: 7', 500);
    expect(run.version()).toEqual({
      ...loadedFirst,
      rejected: {
        at: '1970-01-01T00:00:00.500Z',
        why: expect.stringMatching(/^fleet\.yaml:1:11: .*CONFIG_WRONG_TYPE/m),
      },
    });
    run.read(second, 1_000);
    expect(run.version()).toEqual(loadedSecond);
  });

  it('refuses a file in which the section zookeeper is gone', () => {
    const text = first.replace(/zookeeper:\n {2}hosts: .*\n/, '');
    const run = start();
    expect(load(text).kind).toBe('valid');
    run.read(text, 500);
    expect(run.version().rejected?.why).toMatch(
      /^zookeeper: a section that comes or goes takes a restart/,
    );
  });

  it("says of another member's file why it was refused", () => {
    const run = start();
    run.read(`member: lb2\n${first}`, 500, 'file');
    expect(run.version().rejected?.why).toMatch(/^member: expected lb1, found lb2/);
  });
});
