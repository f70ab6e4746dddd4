import { describe, expect, it } from 'vitest';
import { beliefAt, beliefChangesAtMs, hearSession, leaseEnds } from '../../src/core/session.ts';
import type { SessionState } from '../../src/core/state.ts';
import { CoreRun, sessionTimeoutMs, settledRun, vip1 } from '../helpers/core-run.ts';

const never: SessionState = {
  epoch: 0,
  connection: undefined,
  timeoutMs: 0,
  proofMs: undefined,
  isEnded: false,
  belief: 'none',
};
const session: SessionState = {
  ...never,
  epoch: 2,
  connection: 5,
  timeoutMs: 6_000,
  proofMs: 10_000,
  belief: 'live',
};
const established = { kind: 'sessionEstablished', timeoutMs: 6_000, detail: '' } as const;

describe('the lease', () => {
  it.each([
    [6_000, 3_000, 8_000],
    [4_000, 2_000, 4_000 * (4 / 3)],
    [30_000, 15_000, 40_000],
  ])('of %i ms is suspended after %i ms and blind after %d ms', (timeoutMs, half, more) => {
    expect(leaseEnds(0, timeoutMs)).toEqual({ suspendedAtMs: half, blindAtMs: more });
    expect(leaseEnds(1_000, timeoutMs).suspendedAtMs).toBe(1_000 + half);
  });

  it.each([
    [10_000, 'live', 13_000],
    [12_999, 'live', 13_000],
    [12_999.999, 'live', 13_000],
    [13_000, 'suspended', 18_000],
    [17_999, 'suspended', 18_000],
    [18_000, 'blind', undefined],
    [1e9, 'blind', undefined],
  ])('at %d ms makes us %s, and changes at %s', (nowMs, belief, changesAtMs) => {
    expect(beliefAt(session, nowMs)).toBe(belief);
    expect(beliefChangesAtMs(session, nowMs)).toBe(changesAtMs);
  });

  it('is none before the first session, and time changes nothing', () => {
    expect(beliefAt(never, 1e9)).toBe('none');
    expect(beliefChangesAtMs(never, 1e9)).toBeUndefined();
  });

  it('is over at once when ZooKeeper says so, however fresh the proof', () => {
    const ended = { ...session, isEnded: true };
    expect(beliefAt(ended, 10_000)).toBe('blind');
    expect(beliefChangesAtMs(ended, 10_000)).toBeUndefined();
  });

  it('does not care about the connection', () => {
    expect(beliefAt({ ...session, connection: undefined }, 12_999)).toBe('live');
  });
});

describe('sessionEstablished', () => {
  it('begins a new session with the proof of its own handshake', () => {
    const event = { ...established, epoch: 3, connection: 6, proofMs: 9_000, timeoutMs: 4_000 };
    expect(hearSession({ ...session, isEnded: true }, event)).toEqual({
      ...session,
      epoch: 3,
      connection: 6,
      timeoutMs: 4_000,
      proofMs: 9_000,
      isEnded: false,
    });
  });

  it.each([
    [9_000, 10_000],
    [11_000, 11_000],
  ])('proves the same session at %i, but never takes a later proof back: %i', (proofMs, kept) => {
    const event = { ...established, epoch: 2, connection: 6, proofMs };
    expect(hearSession(session, event)).toEqual({ ...session, connection: 6, proofMs: kept });
  });

  it('is ignored when it is of an earlier session', () => {
    const event = { ...established, epoch: 1, connection: 6, proofMs: 11_000 };
    expect(hearSession(session, event)).toBe(session);
  });

  it('needs no earlier proof', () => {
    const event = { ...established, epoch: 0, connection: 1, proofMs: 11_000 };
    expect(hearSession(never, event).proofMs).toBe(11_000);
  });
});

describe('sessionProven', () => {
  it.each([
    [12_000, 12_000],
    [9_000, 10_000],
  ])('sent at %i ms leaves the proof at %i ms', (proofMs, kept) => {
    expect(hearSession(session, { kind: 'sessionProven', epoch: 2, proofMs }).proofMs).toBe(kept);
  });

  it('is ignored when it is of another session, or there is none', () => {
    const event = { kind: 'sessionProven', epoch: 1, proofMs: 12_000 } as const;
    expect(hearSession(session, event)).toBe(session);
    expect(hearSession(never, { ...event, epoch: 0 })).toBe(never);
  });
});

describe('sessionInterrupted', () => {
  it('ends the connection and keeps the proof', () => {
    const event = { kind: 'sessionInterrupted', connection: 5, detail: '' } as const;
    expect(hearSession(session, event)).toEqual({ ...session, connection: undefined });
  });

  it('is ignored when a later connection stands', () => {
    const event = { kind: 'sessionInterrupted', connection: 4, detail: '' } as const;
    expect(hearSession(session, event)).toBe(session);
  });
});

describe('sessionEnded', () => {
  it.each(['expired', 'authenticationFailed'] as const)('ends everything: %s', (reason) => {
    const after = hearSession(session, { kind: 'sessionEnded', epoch: 2, reason });
    expect(after).toEqual({ ...session, connection: undefined, isEnded: true });
  });

  it('is ignored when a later session stands', () => {
    const event = { kind: 'sessionEnded', epoch: 1, reason: 'expired' } as const;
    expect(hearSession(session, event)).toBe(session);
  });
});

describe('the agent without proof', () => {
  it('asks to be woken at both boundaries, and goes through them on time', () => {
    const run = settledRun();
    const provenMs = run.state.session.proofMs ?? 0;
    run.advance(provenMs + 2_999 - run.nowMs, { isProven: false });
    expect(run.state.session.belief).toBe('live');
    expect(run.wakeAtMs).toBe(provenMs + sessionTimeoutMs / 2);
    run.advance(1, { isProven: false });
    expect(run.state.session.belief).toBe('suspended');
    expect(run.wakeAtMs).toBe(provenMs + 8_000);
    run.advance(5_000, { isProven: false });
    expect(run.state.session.belief).toBe('blind');
    expect(run.decision(vip1)).toEqual({ kind: 'announce', role: 'owner', reason: 'frozen' });
  });

  it('tells each change of belief with the age of the proof', () => {
    const run = new CoreRun().speakerUp().connect();
    run.advance(10_000, { isProven: false });
    run.prove();
    const told = run.reports.filter((report) => report.kind === 'beliefChanged');
    expect(told).toEqual([
      { kind: 'beliefChanged', from: 'none', to: 'live', proofAgeMs: 0 },
      { kind: 'beliefChanged', from: 'live', to: 'suspended', proofAgeMs: 3_000 },
      { kind: 'beliefChanged', from: 'suspended', to: 'blind', proofAgeMs: 8_000 },
      { kind: 'beliefChanged', from: 'blind', to: 'live', proofAgeMs: 0 },
    ]);
  });
});
