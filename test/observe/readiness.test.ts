import { expect, it } from 'vitest';
import { reasonsNotReady } from '../../src/observe/readiness.ts';
import { CoreRun, check, settings, settledRun } from '../helpers/core-run.ts';

it('an agent that has read, judged and been answered is ready', () => {
  expect(reasonsNotReady(settledRun(settings({ checks: [check] })).state)).toEqual([]);
});

it('says what is still missing, step by step', () => {
  expect(reasonsNotReady(undefined)).toEqual(['the agent has not started']);
  const run = new CoreRun(settings({ checks: [check] }));
  const unread = 'apex: ZooKeeper is not read completely yet';
  const unjudged = 'apex: its health is not known yet';
  expect(reasonsNotReady(run.state)).toEqual([
    'ExaBGP has not said yet what it is',
    unread,
    unjudged,
  ]);
  run.speakerUp();
  expect(reasonsNotReady(run.state)).toEqual([unread, unjudged]);
  run.connect().view();
  expect(reasonsNotReady(run.state)).toEqual([unjudged]);
  run.verdict(true);
  run.verdict(true);
  expect(reasonsNotReady(run.state)).toEqual([
    expect.stringMatching(/^apex: ExaBGP has accepted nothing yet for 10\.20\.255\.1/),
  ]);
  run.ack();
  expect(reasonsNotReady(run.state)).toEqual([]);
});

it('an agent that leaves, or whose ExaBGP is silent or gone, is not ready', () => {
  const run = settledRun();
  run.hear({ kind: 'speakerSilent' });
  expect(reasonsNotReady(run.state)).toEqual(['ExaBGP does not answer']);
  run.hear({ kind: 'speakerResponsive' });
  run.hear({ kind: 'stopRequested', signal: 'SIGTERM' });
  expect(reasonsNotReady(run.state)).toContain('the agent is leaving');
  run.hear({ kind: 'speakerClosed', detail: 'EOF' });
  expect(reasonsNotReady(run.state)).toContain('ExaBGP is gone');
});

it('an agent without ZooKeeper has nothing to read', () => {
  const run = new CoreRun({ ...settings({ checks: [check] }), isStandalone: true }).speakerUp();
  expect(reasonsNotReady(run.state)).toEqual(['apex: its health is not known yet']);
});
