import { describe, expect, it } from 'vitest';
import type { MemberReport } from '../../src/core/event.ts';
import type { Asn } from '../../src/core/route.ts';
import {
  apex,
  backupAttributes,
  CoreRun,
  check,
  claimsOfAll,
  downAttributes,
  lb2,
  other,
  ownerAttributes,
  self,
  settings,
  settledRun,
  vip1,
  vip2,
  vip6,
} from '../helpers/core-run.ts';

describe('start', () => {
  it('sends nothing before the speaker, the view and the health verdict are there', () => {
    const run = new CoreRun(settings({ checks: [check] })).speakerUp().connect();
    run.claims([]);
    run.maintenance(false);
    run.drains([]);
    run.verdict(true);
    run.verdict(true);
    expect(run.take()).toEqual([]);
    expect(run.decision(vip1)).toEqual({ kind: 'hold', reason: 'noView' });
    run.members();
    expect(run.take()).toContain('announceRoute 10.20.255.1/32 self med 100');
  });

  it('waits for the verdict even with a view', () => {
    const run = new CoreRun(settings({ checks: [check] })).speakerUp().connect().view();
    run.verdict(true);
    expect(run.decision(vip1)).toEqual({ kind: 'hold', reason: 'noVerdict' });
    run.verdict(true);
    expect(run.decision(vip1)).toEqual({ kind: 'announce', role: 'owner', reason: 'owner' });
  });

  it('claims only after ExaBGP accepted the announcement', () => {
    const run = new CoreRun()
      .speakerUp()
      .connect()
      .view([
        [vip2, other],
        [vip6, other],
      ]);
    expect(run.take()).not.toContain('createClaim 10.20.255.1/32');
    run.ack();
    expect(run.take()).toContain('createClaim 10.20.255.1/32');
  });

  it('never claims for an announcement that ExaBGP refuses, and tries it again later', () => {
    const run = new CoreRun()
      .speakerUp()
      .connect()
      .view([
        [vip2, other],
        [vip6, other],
      ]);
    run.take();
    run.ack('refused');
    expect(run.take().filter((line) => line.startsWith('createClaim'))).toEqual([]);
    expect(run.reports.some((report) => report.kind === 'commandRefused')).toBe(true);
    run.advance(1_000);
    expect(run.take()).toContain('announceRoute 10.20.255.1/32 self med 100');
  });

  it('gives peers the settle time before it takes over what they own', () => {
    const run = new CoreRun().speakerUp().connect().view();
    run.advance(2_999);
    expect(run.decision(vip2)).toEqual({ kind: 'hold', reason: 'settling' });
    run.advance(1);
    expect(run.decision(vip2)).toEqual({
      kind: 'announce',
      role: 'backup',
      reason: 'claimMissing',
    });
  });

  it('takes over at once, settling or not, what it has seen claimed and then lost', () => {
    const run = new CoreRun().speakerUp().connect().view(claimsOfAll);
    run.ack();
    run.advance(100);
    run.claims([
      [vip1, self],
      [vip6, other],
    ]);
    expect(run.take()).toContain('announceRoute 10.20.255.2/32 self med 200');
  });

  it('withdraws the VIPs of others after the release time, since an earlier life may have announced them', () => {
    const run = new CoreRun()
      .speakerUp()
      .connect()
      .view([
        [vip2, other],
        [vip6, other],
      ]);
    run.ack();
    expect(run.decision(vip2)).toEqual({ kind: 'hold', reason: 'settling' });
    run.take();
    run.advance(2_000);
    expect(run.take()).toEqual(
      expect.arrayContaining(['withdrawRoute 10.20.255.2/32', 'withdrawRoute 2001:db8:30::/64']),
    );
  });

  it('sends all routes once more when the first full state is acknowledged', () => {
    const run = new CoreRun().speakerUp().connect().view(claimsOfAll);
    run.hear({ kind: 'commandAnswered', command: 1, outcome: 'accepted', detail: '' });
    expect(run.take()).toContain('flushRoutes');
    run.ack();
    run.advance(5_000);
    expect(run.take()).not.toContain('flushRoutes');
  });

  it('makes no claim before it knows that a neighbor is established', () => {
    const run = new CoreRun().connect().view();
    run.hear({ kind: 'speakerIdentified', version: '4.2.21', acks: true });
    run.ack();
    expect(run.take()).not.toContain('createClaim 10.20.255.1/32');
    run.hear({ kind: 'neighborsListed', established: [] });
    expect(run.take()).not.toContain('createClaim 10.20.255.1/32');
    run.neighbor(true);
    expect(run.take()).toContain('createClaim 10.20.255.1/32');
  });
});

describe('restart under the same ExaBGP', () => {
  it('renews the claim of its earlier life in one move after the first pass', () => {
    const run = new CoreRun(settings({ checks: [check] })).speakerUp().connect();
    run.view([
      [vip1, { kind: 'predecessor', sameSpeaker: true }],
      [vip2, other],
      [vip6, other],
    ]);
    run.verdict(true);
    run.ack();
    expect(run.take()).toContain('createClaim 10.20.255.1/32 replacing our earlier life');
  });

  it('asks for the whole rise when ExaBGP is another one', () => {
    const run = new CoreRun(settings({ checks: [check] })).speakerUp().connect();
    run.view([[vip1, { kind: 'predecessor', sameSpeaker: false }]]);
    run.verdict(true);
    expect(run.decision(vip1)).toEqual({ kind: 'hold', reason: 'noVerdict' });
  });

  it('deletes the claim of its earlier life when the service is broken', () => {
    const run = new CoreRun(settings({ checks: [check] })).speakerUp().connect();
    run.view([[vip1, { kind: 'predecessor', sameSpeaker: true }]]);
    run.verdict(false);
    run.verdict(false);
    expect(run.take()).toContain('deleteClaim 10.20.255.1/32');
  });
});

describe('routes of an earlier life that this one cannot judge yet', () => {
  it('are left alone when it is stopped before the first view', () => {
    const run = new CoreRun().speakerUp();
    run.hear({ kind: 'stopRequested', signal: 'SIGTERM' });
    expect(run.take()).toEqual(['closeSession', 'exit 0 stopped']);
  });

  it('are left alone while another agent has our id, sick or stopped', () => {
    const run = new CoreRun(settings({ checks: [check] })).speakerUp().connect();
    run.claims([]);
    run.maintenance(false);
    run.drains([]);
    run.members([], { kind: 'twin', detail: 'lb1 pid 7' });
    run.verdict(false);
    run.verdict(false);
    expect(run.take()).toEqual([]);
    run.hear({ kind: 'stopRequested', signal: 'SIGTERM' });
    expect(run.take()).toEqual(['closeSession', 'exit 0 stopped']);
  });

  it('are withdrawn when the service is down, view or no view', () => {
    const run = new CoreRun(settings({ checks: [check] })).speakerUp();
    run.verdict(false);
    run.verdict(false);
    expect(run.take()).toContain('withdrawRoute 10.20.255.1/32');
  });
});

it('gives the claim of an earlier life away at once when its ExaBGP is gone with the routes', () => {
  const run = new CoreRun(settings({ checks: [check] })).speakerUp().connect();
  run.view([[vip1, { kind: 'predecessor', sameSpeaker: false }]]);
  expect(run.take()).toContain('deleteClaim 10.20.255.1/32');
});

it('does not call an LB cut off whose first neighbor is still to come', () => {
  const run = new CoreRun();
  run.hear({ kind: 'speakerIdentified', version: '4.2.21', acks: true });
  run.hear({ kind: 'neighborsListed', established: [] });
  const changes = () => run.reports.filter((report) => report.kind === 'connectedChanged');
  expect(changes()).toEqual([]);
  run.neighbor(true);
  run.neighbor(false);
  expect(changes()).toMatchObject([{ isConnected: true }, { isConnected: false }]);
});

it('calls an LB cut off whose ExaBGP never answered', () => {
  const run = new CoreRun();
  run.hear({ kind: 'speakerSilent' });
  const changes = run.reports.filter((report) => report.kind === 'connectedChanged');
  expect(changes).toMatchObject([{ isConnected: false, detail: 'ExaBGP does not answer' }]);
});

describe('takeover', () => {
  it('announces a VIP in the very step in which its claim is seen missing', () => {
    const run = settledRun();
    run.claims([
      [vip1, self],
      [vip6, other],
    ]);
    expect(run.take()).toEqual(['announceRoute 10.20.255.2/32 self med 200']);
  });

  it('waits for takeover.delay, and forgets it when the claim returns in time', () => {
    const takeover = { delayMs: 500, releaseMs: 2_000, settleMs: 3_000 };
    const run = settledRun(settings({ takeover }));
    run.claims([
      [vip1, self],
      [vip6, other],
    ]);
    run.advance(499);
    expect(run.decision(vip2)).toEqual({ kind: 'hold', reason: 'takeoverDelay' });
    run.claims(claimsOfAll);
    run.advance(5_000);
    expect(run.take()).toEqual([]);
    run.claims([
      [vip1, self],
      [vip6, other],
    ]);
    run.advance(500);
    expect(run.take()).toEqual(['announceRoute 10.20.255.2/32 self med 200']);
  });

  it('goes on announcing for takeover.release after the claim is back', () => {
    const run = settledRun();
    run.claims([
      [vip1, self],
      [vip6, other],
    ]);
    run.ack().answerMember();
    run.take();
    run.claims(claimsOfAll);
    expect(run.decision(vip2)).toEqual({ kind: 'announce', role: 'backup', reason: 'handingBack' });
    run.answerMember();
    run.take();
    run.advance(1_999);
    expect(run.take()).toEqual([]);
    run.advance(1);
    expect(run.take()).toContain('withdrawRoute 10.20.255.2/32');
  });

  it('sends one command per prefix at a time, and only the last state wanted', () => {
    const run = settledRun();
    const missing = [
      [vip1, self],
      [vip6, other],
    ] as const;
    run.claims(missing);
    expect(run.take()).toEqual(['announceRoute 10.20.255.2/32 self med 200']);
    run.maintenance(true);
    run.maintenance(false);
    run.maintenance(true);
    expect(run.take().filter((line) => line.includes(vip2))).toEqual([]);
    run.ack();
    expect(run.take().filter((line) => line.includes(vip2))).toEqual([
      'withdrawRoute 10.20.255.2/32',
    ]);
  });
});

describe('hand-back to routers that learned the route', () => {
  const asNumbers = { local: 65_147 as Asn, peer: 65_101 as Asn };
  const backup = 'announceRoute 10.20.255.2/32 self med 200';
  const less = `${backup} as-path 65147 65147`;
  /** From then on nobody is to count on us for it. */
  const notCounted = 'publishMember apex up announces [10.20.255.1/32]';

  const backingUp = (of = settledRun()) => {
    of.claims([
      [vip1, self],
      [vip6, other],
    ]);
    of.ack().answerMember();
    of.take();
    return of;
  };

  it('makes the route less preferred first, and withdraws it after the release time', () => {
    const run = settledRun();
    run.neighbor(true, asNumbers);
    backingUp(run).claims(claimsOfAll);
    expect(run.take()).toEqual([less, notCounted]);
    run.ack();
    run.advance(2_000);
    expect(run.take()).toContain('withdrawRoute 10.20.255.2/32');
  });

  it('announces it as before when the claim goes again', () => {
    const run = settledRun();
    run.neighbor(true, asNumbers);
    backingUp(run).claims(claimsOfAll);
    run.ack();
    run.take();
    run.claims([
      [vip1, self],
      [vip6, other],
    ]);
    expect(run.take()).toEqual([backup]);
  });

  it('leaves it as it is when ZooKeeper is lost in the middle', () => {
    const run = settledRun();
    run.neighbor(true, asNumbers);
    backingUp(run).claims(claimsOfAll);
    run.ack();
    run.take();
    run.disconnect();
    run.advance(60_000, { isProven: false });
    expect(run.decision(vip2)).toEqual({ kind: 'announce', role: 'backup', reason: 'frozen' });
    expect(run.take()).toEqual([]);
  });

  it.each([
    ['is not known', undefined],
    ['is the neighbor’s too (iBGP)', { local: 65_147 as Asn, peer: 65_147 as Asn }],
  ])('withdraws it as it is when our AS %s', (_, numbers) => {
    const run = settledRun();
    run.neighbor(true, numbers);
    backingUp(run).claims(claimsOfAll);
    expect(run.take()).toEqual([notCounted]);
    run.advance(2_000);
    expect(run.take()).toContain('withdrawRoute 10.20.255.2/32');
  });

  it('uses the AS of the configuration, whatever the speaker tells', () => {
    const neighbors = { require: 'any', stableForMs: 0, localAs: 65_147 as Asn } as const;
    const run = backingUp(settledRun(settings({}, { neighbors })));
    run.claims(claimsOfAll);
    expect(run.take()).toEqual([less, notCounted]);
  });

  it('does not lengthen a path when two neighbors know us by different numbers', () => {
    const run = settledRun();
    run.neighbor(true, asNumbers);
    run.hear({
      kind: 'neighborChanged',
      neighbor: '10.0.0.2',
      isEstablished: true,
      detail: '',
      asNumbers: { ...asNumbers, local: 65_148 as Asn },
    });
    backingUp(run).claims(claimsOfAll);
    expect(run.take()).toEqual([notCounted]);
  });

  it('does the same for its own VIP when leaving, once a peer announces it', () => {
    const run = settledRun();
    run.neighbor(true, asNumbers);
    run.members([[lb2, lb2Idle]]);
    run.hear({ kind: 'stopRequested', signal: 'SIGTERM' });
    run.answerClaims().answerMember();
    run.take();
    run.members([[lb2, lb2Carries]]);
    expect(run.take()).toEqual(['announceRoute 10.20.255.1/32 self med 100 as-path 65147 65147']);
    expect(run.decision(vip1)).toEqual({ kind: 'announce', role: 'owner', reason: 'handedOver' });
    run.ack();
    run.advance(2_000);
    expect(run.take()).toContain('withdrawRoute 10.20.255.1/32');
  });
});

describe('maintenance', () => {
  it('withdraws the whole service and deletes the claims in one step', () => {
    const run = settledRun();
    run.maintenance(true);
    expect(run.take().slice(0, 2)).toEqual([
      'withdrawRoute 10.20.255.1/32',
      'deleteClaim 10.20.255.1/32',
    ]);
    expect(run.decision(vip2)).toEqual({ kind: 'withdraw', reason: 'maintenance' });
  });

  it('returns to the owner at once and to backups only after the settle time', () => {
    const run = settledRun();
    run.maintenance(true);
    run.ack().answerClaims();
    run.claims([]);
    run.advance(10_000);
    run.ack().answerMember();
    run.take();
    run.maintenance(false);
    expect(run.take()).toEqual(['announceRoute 10.20.255.1/32 self med 100']);
    run.ack();
    expect(run.take()).toContain('createClaim 10.20.255.1/32');
    run.advance(2_999);
    expect(run.decision(vip2)).toEqual({ kind: 'hold', reason: 'settling' });
    run.claims(claimsOfAll);
    run.advance(5_000);
    expect(run.decision(vip2)).toEqual({ kind: 'withdraw', reason: 'heldByOwner' });
  });
});

describe('health', () => {
  it('withdraws and gives the claim away in the step of the verdict', () => {
    const run = settledRun(settings({ checks: [check] }));
    run.verdict(false);
    expect(run.take()).toEqual([]);
    run.verdict(false);
    expect(run.take()).toEqual(
      expect.arrayContaining(['withdrawRoute 10.20.255.1/32', 'deleteClaim 10.20.255.1/32']),
    );
    expect(run.decision(vip1)).toEqual({ kind: 'withdraw', reason: 'healthDown' });
  });

  it('announces the down attributes instead, when there are some, and still gives the claim away', () => {
    const announce = { owner: ownerAttributes, backup: backupAttributes, down: downAttributes };
    const run = settledRun(settings({ checks: [check], announce }));
    run.verdict(false);
    run.verdict(false);
    expect(run.take()).toEqual(
      expect.arrayContaining([
        'announceRoute 10.20.255.1/32 self med 1000',
        'deleteClaim 10.20.255.1/32',
      ]),
    );
  });

  it('acts while blind too', () => {
    const run = settledRun(settings({ checks: [check] }));
    run.disconnect();
    run.advance(60_000, { isProven: false });
    run.take();
    run.verdict(false);
    run.verdict(false);
    expect(run.take()).toEqual(['withdrawRoute 10.20.255.1/32']);
    run.verdict(true);
    run.verdict(true);
    run.ack();
    expect(run.decision(vip1)).toEqual({ kind: 'announce', role: 'owner', reason: 'frozen' });
  });
});

describe('loss of ZooKeeper', () => {
  it('freezes whatever is announced while suspended and blind', () => {
    const run = settledRun();
    run.claims([
      [vip1, self],
      [vip6, other],
    ]);
    run.ack().answerMember();
    run.take();
    run.disconnect();
    run.advance(600_000, { isProven: false });
    expect(run.take()).toEqual([]);
    expect(run.state.session.belief).toBe('blind');
  });

  it.each([
    ['own', ['withdrawRoute 10.20.255.2/32']],
    ['all', ['announceRoute 2001:db8:30::/64 self med 200']],
    ['withdraw', ['withdrawRoute 10.20.255.1/32', 'withdrawRoute 10.20.255.2/32']],
  ] as const)('does what onCoordinationLoss: %s says once blind, not before', (policy, lines) => {
    const run = settledRun(settings({}, { onCoordinationLoss: policy }));
    run.claims([
      [vip1, self],
      [vip6, other],
    ]);
    run.ack().answerMember();
    run.take();
    run.disconnect();
    run.advance((sessionShare(4 / 3) - 1) | 0, { isProven: false });
    expect(run.take()).toEqual([]);
    run.advance(10, { isProven: false });
    expect(run.take()).toEqual(lines);
  });

  it('changes nothing when the same session is regained', () => {
    const run = settledRun();
    run.disconnect();
    run.advance(5_000, { isProven: false });
    run.connect().view(claimsOfAll);
    run.advance(10_000);
    expect(run.take()).toEqual([]);
  });

  it('keeps its routes while a new session claims again, and lets peers do the same', () => {
    const run = settledRun();
    run.disconnect();
    run.hear({ kind: 'sessionEnded', epoch: run.epoch, reason: 'expired' });
    run.advance(20_000, { isProven: false });
    run.connect({ isNew: true }).view();
    expect(run.take()).toEqual([
      'createClaim 10.20.255.1/32',
      'publishMember apex up announces [10.20.255.1/32]',
    ]);
    run.answerClaims().answerMember();
    run.advance(2_500);
    run.claims(claimsOfAll);
    run.advance(10_000);
    expect(run.take()).toEqual([]);
  });

  it('takes nothing over while the claims of sessions that died in the outage go one by one', () => {
    const run = settledRun();
    run.disconnect();
    run.advance(20_000, { isProven: false });
    run.connect().view(claimsOfAll);
    run.advance(100);
    run.claims([
      [vip1, self],
      [vip6, other],
    ]);
    run.advance(2_800);
    expect(run.take()).toEqual([]);
    run.claims(claimsOfAll);
    run.advance(10_000);
    expect(run.take()).toEqual([]);
  });

  it('ignores what was read on an earlier connection', () => {
    const run = settledRun();
    const stale = run.connection;
    run.disconnect();
    run.connect();
    run.hear({ kind: 'claimsRead', connection: stale, service: apex, claims: new Map() });
    expect(run.take()).toEqual([]);
  });

  it('trusts its own clock after a long pause of the process, whatever the socket says', () => {
    const run = settledRun();
    run.nowMs += 8_000;
    run.claims([[vip1, self]]);
    expect(run.state.session.belief).toBe('blind');
    expect(run.take()).toEqual([]);
  });

  it('acts by coldStart.policy when ZooKeeper was never reached', () => {
    const coldStart = { afterMs: 30_000, policy: 'own' } as const;
    const run = new CoreRun(settings({}, { coldStart })).speakerUp();
    run.advance(29_999, { isProven: false });
    expect(run.take()).toEqual([]);
    run.advance(1, { isProven: false });
    expect(run.take()).toContain('announceRoute 10.20.255.1/32 self med 100');
  });
});

function sessionShare(share: number): number {
  return 6_000 * share;
}

describe('claims of others on our VIP', () => {
  it.each([
    [{ kind: 'member', member: 'lb9' } as const, 'member lb9'],
    [{ kind: 'unmarked' } as const, 'a session that left no name'],
  ])('announces, reports the conflict once, and claims only when it is gone', (holder, words) => {
    const run = new CoreRun().speakerUp().connect();
    run.view([
      [vip1, holder],
      [vip2, other],
      [vip6, other],
    ]);
    run.ack().answerMember();
    run.claims([
      [vip1, holder],
      [vip2, other],
      [vip6, other],
    ]);
    const conflicts = run.reports.filter((report) => report.kind === 'claimConflict');
    expect(conflicts).toEqual([{ kind: 'claimConflict', service: apex, vip: vip1, holder: words }]);
    expect(run.take()).not.toContain('createClaim 10.20.255.1/32');
    expect(run.decision(vip1)).toEqual({ kind: 'announce', role: 'owner', reason: 'owner' });
    run.claims([
      [vip2, other],
      [vip6, other],
    ]);
    expect(run.take()).toContain('createClaim 10.20.255.1/32');
  });

  it('holds everything while another living agent has our member id, and starts when it is gone', () => {
    const run = new CoreRun().speakerUp().connect();
    const twin = { kind: 'twin', detail: 'lb1 pid 7' } as const;
    run.claims([]);
    run.maintenance(false);
    run.drains([]);
    run.members([], twin);
    run.advance(60_000);
    expect(run.take()).toEqual([]);
    expect(run.decision(vip1)).toEqual({ kind: 'hold', reason: 'memberIdTaken' });
    run.members([], 'nobody');
    expect(run.take()).toContain('announceRoute 10.20.255.1/32 self med 100');
  });

  it('makes its claim again when somebody deleted it', () => {
    const run = settledRun();
    run.claims([
      [vip2, other],
      [vip6, other],
    ]);
    expect(run.take()).toEqual(['createClaim 10.20.255.1/32']);
  });

  it('tries a denied claim again, and says so once', () => {
    const run = new CoreRun()
      .speakerUp()
      .connect()
      .view([
        [vip2, other],
        [vip6, other],
      ]);
    run.ack().answerClaims('denied').answerMember();
    run.take();
    expect(run.reports.filter((report) => report.kind === 'writeFailed')).toHaveLength(1);
    run.advance(5_000);
    expect(run.take()).toContain('createClaim 10.20.255.1/32');
    run.answerClaims('denied');
    expect(run.reports.filter((report) => report.kind === 'writeFailed')).toHaveLength(1);
  });

  it.each(['exists', 'unknown', 'notConnected'] as const)(
    'waits for a read after a claim ended %s',
    (outcome) => {
      const run = new CoreRun()
        .speakerUp()
        .connect()
        .view([
          [vip2, other],
          [vip6, other],
        ]);
      run.ack().answerClaims(outcome);
      run.take();
      run.claims([[vip2, other]]);
      expect(run.take()).toContain('createClaim 10.20.255.1/32');
    },
  );
});

describe('cut off from the routers', () => {
  it('gives its claims away when the last neighbor goes down, and keeps its routes in ExaBGP', () => {
    const run = settledRun();
    run.neighbor(false);
    expect(run.take()).toEqual([
      'deleteClaim 10.20.255.1/32',
      'publishMember apex up announces [] leaving',
    ]);
  });

  it('takes them back when a neighbor has been stable for bgp.stableFor', () => {
    const run = settledRun();
    run.neighbor(false);
    run.answerClaims().answerMember();
    run.claims([
      [vip2, other],
      [vip6, other],
    ]);
    run.neighbor(true);
    run.advance(2_000);
    run.neighbor(false);
    run.neighbor(true);
    run.take();
    run.advance(2_999);
    expect(run.take()).toEqual([]);
    run.advance(1);
    expect(run.take()).toContain('createClaim 10.20.255.1/32');
  });

  it('treats an ExaBGP that does not answer the same way', () => {
    const run = settledRun();
    run.hear({ kind: 'speakerSilent' });
    expect(run.take()).toContain('deleteClaim 10.20.255.1/32');
    run.answerClaims().answerMember();
    run.hear({ kind: 'speakerResponsive' });
    run.advance(3_000);
    expect(run.take()).toContain('createClaim 10.20.255.1/32');
  });

  it('sends again what ExaBGP lost, and has all routes sent once more', () => {
    const run = settledRun();
    run.claims([
      [vip1, self],
      [vip6, other],
    ]);
    run.take();
    run.ack('lost');
    expect(run.take()).toEqual(['announceRoute 10.20.255.2/32 self med 200']);
    run.hear({
      kind: 'commandAnswered',
      command: run.openCommands()[0] ?? 0,
      outcome: 'accepted',
      detail: '',
    });
    expect(run.take()).toContain('flushRoutes');
  });
});

describe('ExaBGP gone', () => {
  it('closes the session first and then exits', () => {
    const run = settledRun();
    run.hear({ kind: 'speakerClosed', detail: 'EOF' });
    expect(run.take()).toEqual(['closeSession', 'exit 0 ExaBGP is gone']);
    run.advance(60_000, { isProven: false });
    run.verdict(false);
    expect(run.take()).toEqual([]);
  });
});

const lb2Carries: MemberReport = { health: 'up', announces: [vip1, vip2], isLeaving: false };
const lb2Idle: MemberReport = { health: 'up', announces: [vip2], isLeaving: false };

describe('leaving on purpose', () => {
  it('deletes the claim, waits for a peer and the release time, withdraws, and exits', () => {
    const run = settledRun();
    run.members([[lb2, lb2Idle]]);
    run.hear({ kind: 'stopRequested', signal: 'SIGTERM' });
    expect(run.take()).toEqual([
      'deleteClaim 10.20.255.1/32',
      'publishMember apex up announces [10.20.255.1/32] leaving',
    ]);
    expect(run.decision(vip1)).toEqual({ kind: 'announce', role: 'owner', reason: 'leaving' });
    run.answerClaims().answerMember();
    run.members([[lb2, lb2Carries]]);
    run.advance(1_999);
    expect(run.take()).toEqual([]);
    run.advance(1);
    expect(run.take()).toEqual([
      'withdrawRoute 10.20.255.1/32',
      'publishMember apex up announces [] leaving',
    ]);
    run.ack();
    expect(run.take()).toEqual(['closeSession', 'exit 0 stopped']);
  });

  it('serves until drain.timeout and says so when there is nobody else', () => {
    const run = settledRun();
    run.hear({ kind: 'stopRequested', signal: 'SIGTERM' });
    run.answerClaims().answerMember();
    run.take();
    expect(run.reports.filter((report) => report.kind === 'nobodyElse')).toHaveLength(1);
    run.advance(29_999);
    expect(run.take()).toEqual([]);
    run.advance(1);
    expect(run.take()).toContain('withdrawRoute 10.20.255.1/32');
  });

  it('does not count on a member that is leaving itself, sick, or unreadable', () => {
    const run = settledRun();
    run.members([[lb2, { ...lb2Carries, isLeaving: true }]]);
    run.hear({ kind: 'stopRequested', signal: 'SIGTERM' });
    run.answerClaims().answerMember();
    run.advance(5_000);
    run.members([[lb2, { ...lb2Carries, health: 'down' }]]);
    run.advance(5_000);
    run.members([[lb2, undefined]]);
    run.advance(5_000);
    expect(run.decision(vip1)).toEqual({ kind: 'announce', role: 'owner', reason: 'leaving' });
  });

  it('ends every wait at the second signal', () => {
    const run = settledRun();
    run.hear({ kind: 'stopRequested', signal: 'SIGTERM' });
    run.answerClaims().answerMember();
    run.take();
    run.hear({ kind: 'stopRequested', signal: 'SIGTERM' });
    expect(run.take()).toContain('withdrawRoute 10.20.255.1/32');
    run.advance(1_000);
    expect(run.take()).toContain('exit 0 stopped; not every withdraw was acknowledged');
  });

  it('ends at once when ExaBGP stands still, waiting for us to end', () => {
    const run = settledRun();
    run.hear({ kind: 'stopRequested', signal: 'SIGTERM' });
    run.take();
    run.hear({ kind: 'speakerSilent' });
    expect(run.take().slice(-2)).toEqual([
      'closeSession',
      'exit 0 stopped; ExaBGP does not answer',
    ]);
  });

  it('ends at once before the speaker is known', () => {
    const run = new CoreRun();
    run.hear({ kind: 'stopRequested', signal: 'SIGTERM' });
    expect(run.take()).toEqual(['closeSession', 'exit 0 stopped']);
  });

  it('hands over and withdraws when drained, and comes back when not', () => {
    const run = settledRun();
    run.members([[lb2, lb2Idle]]);
    run.drains(['lb1']);
    expect(run.take()).toContain('deleteClaim 10.20.255.1/32');
    run.answerClaims().answerMember();
    run.members([[lb2, lb2Carries]]);
    run.advance(2_000);
    expect(run.take()).toContain('withdrawRoute 10.20.255.1/32');
    expect(run.decision(vip1)).toEqual({ kind: 'withdraw', reason: 'drained' });
    run.ack().answerMember();
    run.take();
    run.drains([]);
    expect(run.take()).toContain('announceRoute 10.20.255.1/32 self med 100');
  });

  it('takes over nothing new while drained', () => {
    const run = settledRun();
    run.members([[lb2, lb2Carries]]);
    run.drains(['lb1']);
    run.claims([[vip6, other]]);
    expect(run.decision(vip2)).toEqual({ kind: 'withdraw', reason: 'drained' });
  });

  it('withdraws a VIP that is drained everywhere at once', () => {
    const run = settledRun();
    run.drains([vip1]);
    expect(run.take()).toEqual(
      expect.arrayContaining(['withdrawRoute 10.20.255.1/32', 'deleteClaim 10.20.255.1/32']),
    );
    expect(run.decision(vip2)).toEqual({ kind: 'withdraw', reason: 'heldByOwner' });
  });
});

describe('presence', () => {
  it('publishes what ExaBGP has accepted, and only changes', () => {
    const run = settledRun();
    run.claims([
      [vip1, self],
      [vip6, other],
    ]);
    expect(run.take()).toEqual(['announceRoute 10.20.255.2/32 self med 200']);
    run.ack();
    expect(run.take()).toEqual([
      'publishMember apex up announces [10.20.255.1/32, 10.20.255.2/32]',
    ]);
    run.answerMember();
    run.advance(10_000);
    expect(run.take()).toEqual([]);
  });

  it('publishes again when its node was deleted, and after a failed write', () => {
    const run = settledRun();
    run.members([], 'nobody');
    expect(run.take()).toEqual(['publishMember apex up announces [10.20.255.1/32]']);
    run.answerMember('failed');
    run.advance(5_000);
    expect(run.take()).toEqual(['publishMember apex up announces [10.20.255.1/32]']);
  });
});
