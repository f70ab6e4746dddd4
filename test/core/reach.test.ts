import { describe, expect, it } from 'vitest';
import { initialState } from '../../src/core/initial-state.ts';
import { hearSpeaker, isConnected, stableAtMs, updateReach } from '../../src/core/reach.ts';
import type { NeighborAddress } from '../../src/core/route.ts';
import type { Settings } from '../../src/core/settings.ts';
import type { SpeakerState } from '../../src/core/state.ts';
import {
  CoreRun,
  claimsOfAll,
  lb2,
  ownerAttributes,
  serviceSettings,
  settings,
  settledRun,
  vip1,
} from '../helpers/core-run.ts';

const fresh = initialState(settings(), 0).speaker;
const any = { require: 'any', stableForMs: 3_000 } as const;

/** `established` of `total` neighbors are up. */
function neighbors(established: number, total: number): SpeakerState {
  const names = Array.from({ length: total }, (_, index) => `10.0.0.${index}`);
  const states = names.map((name, index): [string, boolean] => [name, index < established]);
  return { ...fresh, listsNeighbors: true, neighbors: new Map(states) };
}

function connects(speaker: SpeakerState, require: Settings['neighbors']['require']) {
  return updateReach(speaker, { require, stableForMs: 3_000 }, 0).isConnected;
}

describe('hearSpeaker', () => {
  it('is ready once identified, and stays what it is afterwards', () => {
    const event = { kind: 'speakerIdentified', version: '5.0.1', acks: true } as const;
    expect(hearSpeaker(fresh, event).phase).toBe('ready');
    const closed = hearSpeaker(fresh, { kind: 'speakerClosed', detail: 'EOF' });
    expect(closed.phase).toBe('closed');
    expect(hearSpeaker(closed, event)).toBe(closed);
  });

  it('remembers silence until an answer', () => {
    const silent = hearSpeaker(fresh, { kind: 'speakerSilent' });
    expect(silent.isSilent).toBe(true);
    expect(hearSpeaker(silent, { kind: 'speakerResponsive' }).isSilent).toBe(false);
  });

  it('learns neighbors from changes', () => {
    const event = { kind: 'neighborChanged', neighbor: 'a', isEstablished: true, detail: '' };
    const up = hearSpeaker(fresh, { ...event, kind: 'neighborChanged' });
    expect(up.neighbors).toEqual(new Map([['a', true]]));
    const down = hearSpeaker(up, { ...event, kind: 'neighborChanged', isEstablished: false });
    expect(down.neighbors).toEqual(new Map([['a', false]]));
  });

  it('takes a neighbor that is not listed for down, not for unknown', () => {
    const event = { kind: 'neighborsListed', established: ['10.0.0.1', '10.0.0.9'] } as const;
    expect(hearSpeaker(neighbors(1, 2), event).neighbors).toEqual(
      new Map([
        ['10.0.0.0', false],
        ['10.0.0.1', true],
        ['10.0.0.9', true],
      ]),
    );
  });

  it('believes state lines rather than a speaker that cannot list', () => {
    const event = { kind: 'neighborsListed', established: undefined } as const;
    const unknowable = hearSpeaker(fresh, event);
    expect(unknowable.neighbors).toBe('unknowable');
    const change = { kind: 'neighborChanged', neighbor: 'a', isEstablished: false } as const;
    const known = hearSpeaker(unknowable, { ...change, detail: '' });
    expect(known.neighbors).toEqual(new Map([['a', false]]));
    expect(hearSpeaker(known, event).neighbors).toEqual(known.neighbors);
  });
});

describe('bgp.require', () => {
  it.each<[Settings['neighbors']['require'], number, number, boolean]>([
    ['any', 0, 0, false],
    ['any', 0, 2, false],
    ['any', 1, 2, true],
    ['any', 2, 2, true],
    ['all', 0, 0, false],
    ['all', 1, 2, false],
    ['all', 2, 2, true],
    [2, 1, 3, false],
    [2, 2, 3, true],
    [2, 1, 1, false],
    ['off', 0, 0, true],
    ['off', 0, 2, true],
  ])('%s, with %i of %i neighbors established: %s', (require, established, total, expected) => {
    expect(connects(neighbors(established, total), require)).toBe(expected);
  });

  it.each<[Settings['neighbors']['require'], boolean | undefined]>([
    ['any', undefined],
    ['all', undefined],
    [1, undefined],
    ['off', true],
  ])('%s before anything is known: %s', (require, expected) => {
    expect(connects(fresh, require)).toBe(expected);
  });

  it.each(['any', 'all', 3, 'off'] as const)(
    '%s counts a speaker that cannot tell as connected, and a silent or closed one as not',
    (require) => {
      expect(connects({ ...fresh, neighbors: 'unknowable' }, require)).toBe(true);
      expect(connects({ ...neighbors(3, 3), isSilent: true }, require)).toBe(false);
      expect(connects({ ...neighbors(3, 3), phase: 'closed' }, require)).toBe(false);
    },
  );
});

describe('bgp.stableFor', () => {
  const up = updateReach(neighbors(1, 1), any, 10_000);
  const cut = updateReach({ ...up, neighbors: neighbors(0, 1).neighbors }, any, 20_000);
  const back = updateReach({ ...cut, neighbors: up.neighbors }, any, 30_000);

  it('asks for nothing at the first connection', () => {
    expect(up).toMatchObject({ isConnected: true, hasBeenCutOff: false, enoughSinceMs: 10_000 });
    expect(stableAtMs(up, any)).toBeUndefined();
  });

  it('lets a cut act at once', () => {
    expect(cut).toMatchObject({ isConnected: false, hasBeenCutOff: true });
    expect(cut.enoughSinceMs).toBeUndefined();
    expect(stableAtMs(cut, any)).toBeUndefined();
  });

  it.each([
    [30_000, false],
    [32_999, false],
    [33_000, true],
    [99_000, true],
  ])('makes a return at 30000 ms count, at %i ms: %s', (nowMs, expected) => {
    expect(stableAtMs(back, any)).toBe(33_000);
    expect(updateReach(back, any, nowMs).isConnected).toBe(expected);
  });

  it('starts anew after another cut while waiting', () => {
    const again = updateReach({ ...back, neighbors: cut.neighbors }, any, 31_000);
    const third = updateReach({ ...again, neighbors: up.neighbors }, any, 32_000);
    expect(updateReach(third, any, 34_999).isConnected).toBe(false);
    expect(updateReach(third, any, 35_000).isConnected).toBe(true);
  });

  it('of 0 lets a return count at once', () => {
    const instant = updateReach({ ...cut, neighbors: up.neighbors }, { ...any, stableForMs: 0 }, 1);
    expect(instant.isConnected).toBe(true);
  });

  it('stays connected once stable, though the memory of the cut remains', () => {
    const stable = updateReach(back, any, 33_000);
    expect(updateReach(stable, any, 33_001)).toMatchObject({
      isConnected: true,
      hasBeenCutOff: true,
    });
    expect(stableAtMs(stable, any)).toBeUndefined();
  });

  it('is not asked for when it was never connected before', () => {
    const waiting = updateReach(neighbors(0, 1), any, 0);
    expect(waiting.isConnected).toBe(false);
    expect(updateReach({ ...waiting, neighbors: up.neighbors }, any, 1).isConnected).toBe(true);
  });
});

describe('the agent', () => {
  it('claims nothing until enough neighbors are established', () => {
    const required = { neighbors: { require: 2, stableForMs: 0 } } as const;
    const run = new CoreRun(settings({}, required)).speakerUp().connect().view();
    run.ack();
    expect(run.take()).not.toContain('createClaim 10.20.255.1/32');
    run.hear({ kind: 'neighborsListed', established: ['10.0.0.1', '10.0.0.2'] });
    expect(run.take()).toContain('createClaim 10.20.255.1/32');
  });

  it('goes on carrying when one of two neighbors goes and any is enough', () => {
    const run = settledRun();
    run.hear({ kind: 'neighborsListed', established: ['10.0.0.1', '10.0.0.2'] });
    run.neighbor(false);
    expect(run.take()).toEqual([]);
    expect(run.decision(vip1)).toEqual({ kind: 'announce', role: 'owner', reason: 'owner' });
  });

  it('tells when it is cut off, why, and when it is back', () => {
    const run = settledRun();
    run.members([[lb2, undefined]]);
    run.neighbor(false);
    run.neighbor(true);
    run.advance(3_000);
    run.hear({ kind: 'speakerSilent' });
    const told = run.reports.flatMap((report) =>
      report.kind === 'connectedChanged' ? `${report.isConnected}: ${report.detail}` : [],
    );
    expect(told).toEqual([
      'true: established neighbors changed',
      'false: established neighbors changed',
      'true: established neighbors changed',
      'false: ExaBGP does not answer',
    ]);
  });
});

describe('a service with announce.neighbors', () => {
  const near = '10.0.0.1' as NeighborAddress;
  const far = '10.0.0.2' as NeighborAddress;
  const told = (...names: readonly NeighborAddress[]) => ({
    announce: { ...serviceSettings().announce, owner: { ...ownerAttributes, neighbors: names } },
  });

  it.each<[Settings['neighbors']['require'], readonly string[], boolean]>([
    ['any', [], false],
    ['any', ['10.0.0.9'], false],
    ['any', ['10.0.0.2'], true],
    ['all', ['10.0.0.2', '10.0.0.9'], false],
    ['all', ['10.0.0.1', '10.0.0.2'], true],
    [1, ['10.0.0.1'], true],
    [2, ['10.0.0.1', '10.0.0.9'], false],
    [5, ['10.0.0.1', '10.0.0.2'], true],
    ['off', [], true],
  ])('counts only these: %s with %j established: %s', (require, established, expected) => {
    const service = serviceSettings(told(near, far));
    const { speaker } = initialState(settings(told(near, far)), 0);
    const down = [near, far].filter((name) => !established.includes(name));
    const heard = hearSpeaker(speaker, { kind: 'neighborsListed', established, down });
    const after = updateReach(heard, { require, stableForMs: 0 }, 0);
    expect(isConnected(after, service)).toBe(expected);
    expect(updateReach(after, { require, stableForMs: 0 }, 1)).toBe(after);
  });

  it.each<[Settings['neighbors']['require'], boolean]>([
    ['any', true],
    ['all', true],
    [2, true],
  ])(
    'does not count those that this ExaBGP does not have, so that one file fits all: %s: %s',
    (require, expected) => {
      const { speaker } = initialState(settings(told(near, far)), 0);
      const heard = hearSpeaker(speaker, established(near));
      const after = updateReach(heard, { require, stableForMs: 0 }, 0);
      expect(isConnected(after, serviceSettings(told(near, far)))).toBe(expected);
    },
  );

  it.each<[Settings['neighbors']['require'], boolean, boolean | undefined]>([
    ['any', true, true],
    ['any', false, undefined],
    [1, true, true],
    [2, true, undefined],
    ['all', true, undefined],
    ['all', false, undefined],
  ])(
    'and all others wait for the first list: %s, after a state line (up: %s): %s',
    (require, isEstablished, expected) => {
      const { speaker } = initialState(settings(told(near, far)), 0);
      const line = { kind: 'neighborChanged', neighbor: far, isEstablished, detail: '' } as const;
      const after = updateReach(hearSpeaker(speaker, line), { require, stableForMs: 0 }, 0);
      expect(isConnected(after, serviceSettings(told(near, far)))).toBe(expected);
      expect(after.isConnected).toBe(expected);
    },
  );

  it('takes a neighbor for established of which an ExaBGP that cannot list has told nothing', () => {
    const { speaker } = initialState(settings(told(far)), 0);
    const mute = hearSpeaker(speaker, { kind: 'neighborsListed', established: undefined });
    const about = (neighbor: string) =>
      updateReach(
        hearSpeaker(mute, { kind: 'neighborChanged', neighbor, isEstablished: false, detail: '' }),
        any,
        0,
      );
    expect(isConnected(about(near), serviceSettings(told(far)))).toBe(true);
    expect(isConnected(about(far), serviceSettings(told(far)))).toBe(false);
  });

  const established = (...names: readonly NeighborAddress[]) =>
    ({ kind: 'neighborsListed', established: names }) as const;

  /** lb1, settled, of a service that only `far` is told of; lb2 is there as well. */
  function farRun(): CoreRun {
    const run = new CoreRun(settings(told(far))).speakerUp();
    run.hear(established(near, far));
    run.connect().view(claimsOfAll, [[lb2, undefined]]);
    run.ack();
    run.advance(3_000);
    run.take();
    return run;
  }

  it('gives its claim up when they are gone though others are there, and takes it back when they are stable', () => {
    const run = farRun();
    run.hear(established(near));
    expect(run.take()).toContain('deleteClaim 10.20.255.1/32');
    expect(run.state.speaker.isConnected).toBe(true);
    run.answerClaims();
    run.claims([]);
    run.hear(established(near, far));
    run.take();
    run.advance(2_999);
    expect(run.take()).not.toContain('createClaim 10.20.255.1/32');
    run.advance(1);
    expect(run.take()).toContain('createClaim 10.20.255.1/32');
  });

  it('carries on when others are gone', () => {
    const run = farRun();
    run.hear(established(far));
    expect(run.take()).toEqual([]);
  });

  it('tells of its neighbors where all others fare differently', () => {
    const run = farRun();
    run.reports.length = 0;
    run.hear(established(near));
    run.hear(established());
    run.hear({ kind: 'speakerSilent' });
    run.hear({ kind: 'speakerResponsive' });
    run.hear(established(near, far));
    run.advance(3_000);
    const lines = run.reports.flatMap((report) =>
      report.kind === 'connectedChanged'
        ? `${report.neighbors ?? 'all'}: ${report.isConnected}`
        : [],
    );
    expect(lines).toEqual(['10.0.0.2: false', 'all: false', 'all: true']);
  });

  it('keeps what is known of a choice at a reload, and looks at a new one at once', () => {
    const run = farRun();
    run.hear(established(near));
    run.hear({ kind: 'settingsChanged', settings: settings(told(far)) });
    const service = serviceSettings(told(far));
    expect(isConnected(run.state.speaker, service)).toBe(false);
    run.hear({ kind: 'settingsChanged', settings: settings(told(near)) });
    expect(isConnected(run.state.speaker, serviceSettings(told(near)))).toBe(true);
  });
});
