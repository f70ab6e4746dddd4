import { describe, expect, it } from 'vitest';
import type { WriteOutcome } from '../../src/core/event.ts';
import { memberReport } from '../../src/core/presence.ts';
import {
  apex,
  backupAttributes,
  CoreRun,
  check,
  claimsOfAll,
  downAttributes,
  lb1,
  lb2,
  other,
  ownerAttributes,
  self,
  settings,
  settledRun,
  vip1,
  vip2,
  vip2Missing,
  vip6,
} from '../helpers/core-run.ts';

const up = 'publishMember apex up announces [10.20.255.1/32]';

function report(run: CoreRun) {
  const service = run.state.services.get(apex);
  if (service === undefined) throw new Error('apex is gone');
  return memberReport(run.state, service);
}

function answer(run: CoreRun, outcome: WriteOutcome, connection = run.connection): void {
  run.hear({ kind: 'memberAnswered', connection, service: apex, outcome, detail: 'why' });
}

/** Somebody deleted our member znode, and the write that makes it again is in flight. */
function runWithOpenWrite(): CoreRun {
  const run = settledRun();
  run.members([], 'nobody');
  expect(run.take()).toEqual([up]);
  return run;
}

describe('memberReport', () => {
  it('says what ExaBGP accepted, as owner and as backup', () => {
    const run = settledRun();
    run.claims(vip2Missing);
    expect(report(run).announces).toEqual([vip1]);
    run.ack();
    expect(report(run)).toEqual({ health: 'up', announces: [vip1, vip2], isLeaving: false });
  });

  it('names the VIPs of ours whose claim another member holds, for as long as it does', () => {
    const run = settledRun();
    const others = [
      [vip2, other],
      [vip6, other],
    ] as const;
    run.claims([[vip1, { kind: 'member', member: 'lb9' }], ...others]);
    expect(report(run)).toMatchObject({ announces: [vip1], contests: [vip1] });
    expect(run.take()).toEqual([`${up} contests [10.20.255.1/32]`]);
    run.answerMember().claims([[vip1, { kind: 'unmarked' }], ...others]);
    expect(report(run)).not.toHaveProperty('contests');
    expect(run.take()).toEqual([up]);
  });

  it('does not count a VIP from the moment it is to be withdrawn', () => {
    const run = settledRun();
    run.drains([vip1]);
    expect(report(run).announces).toEqual([]);
  });

  it('does not count a VIP that is being given back, which will be gone in a moment', () => {
    const run = settledRun();
    run.claims(vip2Missing);
    run.ack();
    run.claims([...vip2Missing, [vip2, other]]);
    expect(report(run).announces).toEqual([vip1]);
    run.advance(1_000, { isProven: false });
    run.disconnect();
    run.advance(2_500, { isProven: false });
    expect(run.state.session.belief).toBe('suspended');
    expect(report(run).announces).toEqual([vip1]);
  });

  it('does not count a VIP with the down attributes, which nobody is to rely on', () => {
    const announce = { owner: ownerAttributes, backup: backupAttributes, down: downAttributes };
    const run = settledRun(settings({ checks: [check], announce }));
    run.verdict(false);
    run.verdict(false);
    run.ack();
    expect(report(run)).toEqual({ health: 'down', announces: [], isLeaving: false });
  });

  it.each<[string, (run: CoreRun) => void]>([
    ['stopping', (run) => run.hear({ kind: 'stopRequested', signal: 'SIGTERM' })],
    ['drained', (run) => run.drains([lb1])],
    ['cut off', (run) => run.neighbor(false)],
  ])('says that it must not be counted on while %s', (_, happen) => {
    const run = settledRun();
    expect(report(run).isLeaving).toBe(false);
    happen(run);
    expect(report(run).isLeaving).toBe(true);
  });

  it('announces nothing while cut off, since no router can have learned it', () => {
    const run = settledRun();
    run.neighbor(false);
    expect(report(run).announces).toEqual([]);
  });
});

describe('our member znode', () => {
  it('is published with the first view, before anything is announced', () => {
    const run = new CoreRun(settings({ checks: [check] })).speakerUp().connect();
    run.claims([]);
    run.maintenance(false);
    run.drains([]);
    expect(run.take()).toEqual([]);
    run.members([], 'nobody');
    expect(run.take()).toEqual(['publishMember apex unknown announces []']);
  });

  it('has one write in flight, and the next one tells what changed meanwhile', () => {
    const run = runWithOpenWrite();
    run.drains([lb1]);
    expect(run.take()).toEqual(['deleteClaim 10.20.255.1/32']);
    answer(run, 'done');
    expect(run.take()).toEqual([`${up} leaving`]);
  });

  it('is not touched while another living agent has it', () => {
    const run = settledRun();
    run.members([], { kind: 'twin', detail: 'pid 7' });
    run.advance(60_000);
    expect(run.take()).toEqual([]);
    run.members([], 'nobody');
    expect(run.take()).toContain(up);
  });

  it.each(['unknown', 'notConnected', 'absent'] as const)(
    'is written again 5 s after %s, without a word',
    (outcome) => {
      const run = runWithOpenWrite();
      answer(run, outcome);
      run.advance(4_999);
      expect(run.take()).toEqual([]);
      run.advance(1);
      expect(run.take()).toEqual([up]);
      expect(run.reports.filter((told) => told.kind === 'writeFailed')).toEqual([]);
    },
  );

  it.each(['denied', 'failed', 'exists'] as const)(
    'is written again 5 s after %s, which is told once',
    (outcome) => {
      const run = runWithOpenWrite();
      answer(run, outcome);
      run.advance(5_000);
      expect(run.take()).toEqual([up]);
      expect(run.reports.filter((told) => told.kind === 'writeFailed')).toEqual([
        { kind: 'writeFailed', service: apex, target: 'member', outcome, detail: 'why' },
      ]);
      answer(run, outcome);
      expect(run.reports.filter((told) => told.kind === 'writeFailed')).toHaveLength(1);
    },
  );

  it('takes no answer from an earlier connection, nor one that nobody waits for', () => {
    const run = runWithOpenWrite();
    answer(run, 'failed', run.connection - 1);
    expect(run.reports.filter((told) => told.kind === 'writeFailed')).toEqual([]);
    answer(run, 'done');
    const before = run.state.services;
    answer(run, 'failed');
    expect(run.state.services).toEqual(before);
  });

  it('is written again on a new connection when the answer was lost with the old one', () => {
    const run = runWithOpenWrite();
    run.disconnect();
    run.connect().view([
      [vip1, self],
      [vip2, other],
      [vip6, other],
    ]);
    expect(run.take()).toEqual([up]);
  });

  it('is left alone on a new connection of the same session when it was written', () => {
    const run = runWithOpenWrite();
    answer(run, 'done');
    run.disconnect();
    run.connect().view([
      [vip1, self],
      [vip2, other],
      [vip6, other],
    ]);
    expect(run.take()).toEqual([]);
  });
});

it('leaves what an earlier life said of us until it is known whether routers are reached', () => {
  const run = new CoreRun(settings()).connect();
  run.hear({ kind: 'speakerIdentified', version: '4.2.21', acks: true });
  run.claims(claimsOfAll);
  run.maintenance(false);
  run.drains([]);
  run.members([[lb2, undefined]], { kind: 'predecessor', sameSpeaker: true });
  expect(run.take().filter((effect) => effect.startsWith('publishMember'))).toEqual([]);
  run.hear({ kind: 'neighborsListed', established: [] });
  expect(run.take().filter((effect) => effect.startsWith('publishMember'))).toHaveLength(1);
});
