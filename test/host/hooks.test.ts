import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { createClock } from '../../src/agent/clock.ts';
import type { Report } from '../../src/core/report.ts';
import type { ServiceName } from '../../src/core/settings.ts';
import type { HookName } from '../../src/host/happenings.ts';
import { createHooks } from '../../src/host/hooks.ts';
import { apex, vip1, vip2 } from '../helpers/core-run.ts';
import { temporaryDirectory } from '../helpers/temporary-directory.ts';
import { waitFor } from '../helpers/wait.ts';

const takeover = (vip = vip1): Report => ({
  kind: 'decisionChanged',
  service: apex,
  vip,
  from: undefined,
  to: { kind: 'announce', role: 'backup', reason: 'claimMissing' },
});
const release = (vip = vip1): Report => ({
  kind: 'decisionChanged',
  service: apex,
  vip,
  from: undefined,
  to: { kind: 'withdraw', reason: 'heldByOwner' },
});
const up = (service: string): Report => ({
  kind: 'healthChanged',
  service: service as ServiceName,
  to: 'up',
  detail: '',
});

/** Hooks by real shells, in a directory where they can leave what they saw. */
function hooksOf(commands: Partial<Record<HookName, string>>, timeoutMs = 5_000) {
  const directory = temporaryDirectory();
  const notes: string[] = [];
  const prefixed = Object.entries(commands).map(
    ([hook, command]) => [hook, `cd ${directory}; ${command}`] as [HookName, string],
  );
  const hooks = createHooks(
    'lb1',
    { timeoutMs, commands: new Map(prefixed) },
    {
      clock: createClock(),
      note: (level, place, detail) => notes.push(`${level} ${place}: ${detail}`),
    },
  );
  onTestFinished(() => hooks.stop(5_000));
  const file = (name: string) => join(directory, name);
  const linesOf = (name: string) =>
    existsSync(file(name)) ? readFileSync(file(name), 'utf8').trimEnd().split('\n') : [];
  const has = (name: string, count: number) =>
    waitFor(() => linesOf(name).length >= count, { what: `${count} lines of ${name}` });
  return { hooks, notes, linesOf, has, create: (name: string) => writeFileSync(file(name), '') };
}

const saying = 'echo $VIPKEEPER_EVENT $VIPKEEPER_VIP $VIPKEEPER_FROM $VIPKEEPER_TO >> said';
/** A shell that waits until the test lets it go. */
const untilGo = 'until test -e go; do sleep 0.01; done';

it('gets all there is to know in its environment', async () => {
  // Of the whole test run's own.
  vi.stubEnv('VIPKEEPER_TALLY', undefined);
  onTestFinished(() => void vi.unstubAllEnvs());
  const { hooks, linesOf, has } = hooksOf({ onTakeover: 'env | grep ^VIPKEEPER_ | sort > env' });
  hooks.hear(takeover());
  await has('env', 7);
  expect(linesOf('env')).toEqual([
    'VIPKEEPER_EVENT=onTakeover',
    'VIPKEEPER_FROM=unknown',
    'VIPKEEPER_MEMBER=lb1',
    'VIPKEEPER_REASON=claimMissing',
    'VIPKEEPER_SERVICE=apex',
    'VIPKEEPER_TO=backup',
    `VIPKEEPER_VIP=${vip1}`,
  ]);
});

it('is not started during the step that leads to it', async () => {
  const { hooks, linesOf, has } = hooksOf({ onTakeover: saying });
  hooks.hear(takeover());
  const sinceMs = performance.now();
  while (performance.now() - sinceMs < 100);
  expect(linesOf('said')).toEqual([]);
  await has('said', 1);
});

it('of one VIP waits for the one before it, and tells once what happened again meanwhile', async () => {
  const { hooks, linesOf, has, create } = hooksOf({
    onTakeover: `${saying}; ${untilGo}`,
    onRelease: saying,
  });
  hooks.hear(takeover());
  await has('said', 1);
  for (let count = 0; count < 50; count += 1) {
    hooks.hear(release());
    hooks.hear(takeover());
  }
  hooks.hear(release());
  create('go');
  await has('said', 3);
  await hooks.stop(5_000);
  expect(linesOf('said')).toEqual([
    `onTakeover ${vip1} unknown backup`,
    `onTakeover ${vip1} withdrawn backup`,
    `onRelease ${vip1} backup withdrawn`,
  ]);
});

it('of one VIP does not wait for those of others', async () => {
  const { hooks, linesOf, has, create } = hooksOf({ onTakeover: `${saying}; ${untilGo}` });
  hooks.hear(takeover(vip1));
  hooks.hear(takeover(vip2));
  await has('said', 2);
  create('go');
  expect([...linesOf('said')].sort()).toEqual(
    [vip1, vip2].map((vip) => `onTakeover ${vip} unknown backup`),
  );
});

it('that has nothing to tell any more is not run', async () => {
  const { hooks, linesOf, has, create } = hooksOf({ onChange: `${saying}; ${untilGo}` });
  hooks.hear(release());
  await has('said', 1);
  hooks.hear(takeover());
  hooks.hear(release());
  create('go');
  await hooks.stop(5_000);
  expect(linesOf('said')).toHaveLength(1);
});

it('runs beside three others at most', async () => {
  const { hooks, linesOf, has, create } = hooksOf({ onUp: `echo x >> started; ${untilGo}` });
  for (let count = 0; count < 9; count += 1) hooks.hear(up(`service${count}`));
  await has('started', 4);
  hooks.hear(up('another'));
  await waitFor(() => true, { what: 'a turn of the event loop' });
  expect(linesOf('started')).toHaveLength(4);
  create('go');
  await has('started', 10);
});

it('that fails is told with its output', async () => {
  const { hooks, notes } = hooksOf({ onUp: 'echo no such chat >&2; exit 3' });
  hooks.hear(up('apex'));
  await waitFor(() => notes.length === 1, { what: 'a note' });
  expect(notes).toEqual(['warn hook onUp of apex: exit code 3: no such chat']);
});

it('that takes too long gets SIGTERM, and SIGKILL when that does not help', async () => {
  const { hooks, notes, linesOf, has } = hooksOf(
    {
      onUp: 'trap "echo bye >> said; exit 0" TERM; while :; do sleep 0.01; done',
      onDown: 'trap "" TERM; echo $$ > pid; while :; do sleep 0.01; done',
    },
    100,
  );
  hooks.hear(up('apex'));
  await has('said', 1);
  hooks.hear({ ...up('other'), to: 'down' } as Report);
  await has('pid', 1);
  const [pid] = linesOf('pid');
  await waitFor(() => !existsSync(`/proc/${pid}`), { what: 'the hook to be killed' });
  expect(notes).toEqual([
    'warn hook onUp of apex: timed out after 100 ms',
    'warn hook onDown of other: timed out after 100 ms',
  ]);
});

it('goes by other commands after a reload', async () => {
  const { hooks, linesOf, has } = hooksOf({ onUp: saying });
  hooks.hear(up('apex'));
  await has('said', 1);
  hooks.set({ timeoutMs: 5_000, commands: new Map() });
  hooks.hear({ ...up('apex'), to: 'down' } as Report);
  hooks.hear(up('apex'));
  await hooks.stop(5_000);
  expect(linesOf('said')).toHaveLength(1);
});

it('is left to itself when the agent ends first', async () => {
  const { hooks, linesOf, has, create } = hooksOf({
    onUp: `echo x >> started; ${untilGo}; echo x >> done`,
  });
  hooks.hear(up('apex'));
  await has('started', 1);
  await hooks.stop(10);
  expect(linesOf('done')).toEqual([]);
  create('go');
  await has('done', 1);
});
