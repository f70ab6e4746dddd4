import { describe, expect, it } from 'vitest';
import { describeHolder } from '../../src/core/claims.ts';
import type { Holder, WriteOutcome } from '../../src/core/event.ts';
import {
  apex,
  CoreRun,
  check,
  lb1,
  lb2,
  other,
  self,
  sessionTimeoutMs,
  settings,
  settledRun,
  vip,
  vip1,
  vip2,
  vip6,
} from '../helpers/core-run.ts';

const othersOnly = [
  [vip2, other],
  [vip6, other],
] as const;

function answer(
  run: CoreRun,
  operation: 'create' | 'delete',
  outcome: WriteOutcome,
  connection = run.connection,
): void {
  run.hear({
    kind: 'claimAnswered',
    connection,
    service: apex,
    vip: vip1,
    operation,
    outcome,
    detail: 'why',
  });
}

/** The create of vip1's claim is in flight. */
function runWithOpenCreate(): CoreRun {
  const run = new CoreRun().speakerUp().connect().view(othersOnly);
  run.ack().answerMember();
  expect(run.take()).toContain('createClaim 10.20.255.1/32');
  return run;
}

/** What was asked of our own claim since the last look. */
const claimsIn = (lines: readonly string[]) =>
  lines.filter((line) => /^(create|delete)Claim/.test(line));

const failures = (run: CoreRun) => run.reports.filter((report) => report.kind === 'writeFailed');

describe('describeHolder', () => {
  it.each<[Holder | undefined, string]>([
    [undefined, 'nobody'],
    [{ kind: 'self' }, 'us'],
    [{ kind: 'predecessor', sameSpeaker: true }, 'our earlier life'],
    [{ kind: 'twin', detail: 'lb1 pid 7' }, 'another agent with our member id (lb1 pid 7)'],
    [{ kind: 'member', member: 'lb2' }, 'member lb2'],
    [{ kind: 'unmarked' }, 'a session that left no name'],
    [
      { kind: 'persistent', path: '/s/10.20.255.1' },
      'a persistent znode, which stays until somebody deletes it (zkCli: delete /s/10.20.255.1)',
    ],
  ])('calls %o %s', (holder, words) => {
    expect(describeHolder(holder)).toBe(words);
  });
});

describe('creating a claim', () => {
  it('has one write in flight, whatever happens meanwhile', () => {
    const run = runWithOpenCreate();
    run.claims(othersOnly);
    run.advance(10_000);
    expect(claimsIn(run.take())).toEqual([]);
  });

  it('believes a done without waiting for the next read', () => {
    const run = runWithOpenCreate();
    answer(run, 'create', 'done');
    run.advance(60_000);
    expect(claimsIn(run.take())).toEqual([]);
    expect(run.state.services.get(apex)?.vips.get(vip1)?.claim?.holder).toEqual(self);
  });

  it('tells when its claim was made, and when it was deleted', () => {
    const run = runWithOpenCreate();
    answer(run, 'create', 'done');
    run.maintenance(true);
    answer(run, 'delete', 'done');
    const told = run.reports.filter((report) => report.kind === 'claimChanged');
    expect(told).toEqual([
      { kind: 'claimChanged', service: apex, vip: vip1, to: 'created' },
      { kind: 'claimChanged', service: apex, vip: vip1, to: 'deleted' },
    ]);
  });

  it('ignores the answer to a write of an earlier connection', () => {
    const run = runWithOpenCreate();
    const { connection } = run;
    run.disconnect();
    run.connect();
    answer(run, 'create', 'done', connection);
    run.view(othersOnly);
    expect(run.take()).toContain('createClaim 10.20.255.1/32');
  });

  it.each(['exists', 'unknown', 'notConnected', 'absent'] as const)(
    'tries again after 5 s when no read comes after %s',
    (outcome) => {
      const run = runWithOpenCreate();
      answer(run, 'create', outcome);
      run.advance(4_999);
      expect(claimsIn(run.take())).toEqual([]);
      run.advance(1);
      expect(claimsIn(run.take())).toEqual(['createClaim 10.20.255.1/32']);
      expect(failures(run)).toEqual([]);
    },
  );

  it.each(['denied', 'failed'] as const)(
    'does not take a read for news after %s, so that refusals cannot become a storm',
    (outcome) => {
      const run = runWithOpenCreate();
      answer(run, 'create', outcome);
      run.claims(othersOnly);
      run.advance(4_999);
      run.claims(othersOnly);
      expect(claimsIn(run.take())).toEqual([]);
      run.advance(1);
      expect(claimsIn(run.take())).toEqual(['createClaim 10.20.255.1/32']);
      expect(failures(run)).toEqual([
        {
          kind: 'writeFailed',
          service: apex,
          target: 'claim 10.20.255.1/32',
          outcome,
          detail: 'why',
        },
      ]);
    },
  );

  it('is told once when all claims of a service are refused alike, and again for another reason', () => {
    const vips = [vip1, vip2, vip6].map((name) => ({ vip: name, owner: lb1 }));
    const run = new CoreRun(settings({ vips })).speakerUp().connect().view([]);
    run.ack().answerMember();
    const refuse = (name: typeof vip1, detail: string) =>
      run.hear({
        kind: 'claimAnswered',
        connection: run.connection,
        service: apex,
        vip: name,
        operation: 'create',
        outcome: 'denied',
        detail,
      });
    refuse(vip1, 'NO_AUTH');
    refuse(vip2, 'NO_AUTH');
    refuse(vip6, 'INVALID_ACL');
    expect(failures(run)).toMatchObject([
      { target: `claim ${vip1}`, detail: 'NO_AUTH' },
      { target: `claim ${vip6}`, detail: 'INVALID_ACL' },
    ]);
  });

  it('starts without the pause of a denied write on a new connection', () => {
    const run = runWithOpenCreate();
    answer(run, 'create', 'denied');
    run.disconnect();
    run.connect().view(othersOnly);
    expect(run.take()).toContain('createClaim 10.20.255.1/32');
  });

  it('is not done twice when the read after an unknown shows that it was applied', () => {
    const run = runWithOpenCreate();
    answer(run, 'create', 'unknown');
    run.claims([[vip1, self], ...othersOnly]);
    run.advance(10_000);
    expect(claimsIn(run.take())).toEqual([]);
  });
});

describe('deleting a claim', () => {
  function runWithOpenDelete(): CoreRun {
    const run = settledRun(settings({ checks: [check] }));
    run.verdict(false);
    run.verdict(false);
    run.ack().answerMember();
    expect(run.take()).toContain('deleteClaim 10.20.255.1/32');
    return run;
  }

  it.each(['done', 'absent'] as const)('is over when it is %s', (outcome) => {
    const run = runWithOpenDelete();
    answer(run, 'delete', outcome);
    run.advance(10_000);
    expect(claimsIn(run.take())).toEqual([]);
    expect(run.state.services.get(apex)?.vips.get(vip1)?.claim?.holder).toBeUndefined();
  });

  it.each(['unknown', 'failed'] as const)('is tried again after %s', (outcome) => {
    const run = runWithOpenDelete();
    answer(run, 'delete', outcome);
    run.advance(5_000);
    expect(run.take()).toContain('deleteClaim 10.20.255.1/32');
  });

  it('is left alone when the claim is another member’s', () => {
    const run = runWithOpenDelete();
    answer(run, 'delete', 'unknown');
    run.claims([[vip1, { kind: 'member', member: 'lb9' }], ...othersOnly]);
    run.advance(10_000);
    expect(claimsIn(run.take())).toEqual([]);
  });
});

describe('a conflict', () => {
  const conflicts = (run: CoreRun) =>
    run.reports.flatMap((report) => (report.kind === 'claimConflict' ? report.holder : []));

  it('is told again when the holder changes, and only then', () => {
    const run = settledRun();
    const holders: readonly Holder[] = [
      { kind: 'member', member: 'lb8' },
      { kind: 'member', member: 'lb8' },
      { kind: 'member', member: 'lb9' },
      { kind: 'twin', detail: 'pid 7' },
    ];
    for (const holder of holders) run.claims([[vip1, holder], ...othersOnly]);
    expect(conflicts(run)).toEqual([
      'member lb8',
      'member lb9',
      'another agent with our member id (pid 7)',
    ]);
  });

  it('is none when the claim is ours, our earlier life’s, or nobody’s', () => {
    const run = settledRun();
    run.claims([[vip1, self], ...othersOnly]);
    run.claims([[vip1, { kind: 'predecessor', sameSpeaker: false }], ...othersOnly]);
    run.claims(othersOnly);
    expect(conflicts(run)).toEqual([]);
  });

  it('is told to the holder by who contests it, once, and only about what the holder owns', () => {
    const run = settledRun();
    const contesting = { health: 'up', announces: [], isLeaving: false } as const;
    const contested = () =>
      run.reports.flatMap((report) => (report.kind === 'claimContested' ? [report] : []));
    run.members([[lb2, contesting]]);
    expect(contested()).toEqual([]);
    run.members([[lb2, { ...contesting, contests: [vip1, vip2] }]]);
    run.members([[lb2, { ...contesting, contests: [vip1, vip2] }]]);
    run.members([[lb2, undefined]]);
    const told = { kind: 'claimContested', service: apex, vip: vip1, member: lb2 };
    expect(contested()).toEqual([told]);
    run.members([[lb2, { ...contesting, contests: [vip1] }]]);
    expect(contested()).toEqual([told, told]);
  });

  it('is none when a living agent has our member id: that one line says it, in either order', () => {
    const twin = { kind: 'twin', detail: 'pid 7' } as const;
    const claimsFirst = new CoreRun().speakerUp().connect();
    claimsFirst.claims([[vip1, twin]]);
    claimsFirst.members([], twin);
    const membersFirst = new CoreRun().speakerUp().connect();
    membersFirst.members([], twin);
    membersFirst.claims([[vip1, twin]]);
    for (const run of [claimsFirst, membersFirst]) {
      expect(conflicts(run)).toEqual([]);
      expect(run.reports.filter(({ kind }) => kind === 'memberIdTaken')).toHaveLength(1);
    }
  });

  it('is one when such an agent has no member znode, which the first reading of members tells', () => {
    const run = new CoreRun().speakerUp().connect();
    run.claims([[vip1, { kind: 'twin', detail: 'pid 7' }]]);
    expect(conflicts(run)).toEqual([]);
    run.members([], 'nobody');
    run.members([], 'nobody');
    expect(conflicts(run)).toEqual(['another agent with our member id (pid 7)']);
  });

  it('is none for a VIP of another member, whoever holds it', () => {
    const run = settledRun();
    run.claims([
      [vip1, self],
      [vip2, { kind: 'member', member: 'lb9' }],
      [vip6, other],
    ]);
    expect(conflicts(run)).toEqual([]);
  });
});

describe('several VIPs of one owner', () => {
  const vip3 = vip('10.20.255.3');
  const vips = [
    { vip: vip1, owner: lb1 },
    { vip: vip3, owner: lb1 },
    { vip: vip2, owner: lb2 },
  ];

  it('are claimed one by one, each once its own announcement is accepted', () => {
    const run = new CoreRun(settings({ vips })).speakerUp().connect();
    run.view([[vip2, other]]);
    const [, second] = run.openCommands();
    run.take();
    run.hear({ kind: 'commandAnswered', command: second ?? 0, outcome: 'accepted', detail: '' });
    expect(run.take()).toContain('createClaim 10.20.255.3/32');
    run.ack();
    expect(run.take()).toContain('createClaim 10.20.255.1/32');
  });

  it('are not held back by a conflict about one of them', () => {
    const run = new CoreRun(settings({ vips })).speakerUp().connect();
    run.view([
      [vip1, { kind: 'member', member: 'lb9' }],
      [vip2, other],
    ]);
    run.ack();
    const lines = run.take();
    expect(lines).toContain('createClaim 10.20.255.3/32');
    expect(lines).not.toContain('createClaim 10.20.255.1/32');
    expect(lines).toContain('announceRoute 10.20.255.1/32 self med 100');
  });

  it('are taken over and handed back one by one', () => {
    const run = new CoreRun(settings({ vips }, { member: lb2 })).speakerUp().connect();
    run.view([
      [vip1, other],
      [vip3, other],
    ]);
    run.ack().answerClaims().answerMember();
    run.advance(4_000);
    run.ack().answerMember();
    run.take();
    run.claims([
      [vip1, other],
      [vip2, self],
    ]);
    expect(run.take()).toEqual(['announceRoute 10.20.255.3/32 self med 200']);
    expect(run.decision(vip1)).toEqual({ kind: 'withdraw', reason: 'heldByOwner' });
  });
});

describe('a claim whose service cannot be read whole', () => {
  /** Connected again, and only the claims were read: some other part is not readable. */
  function partlyBlind(): CoreRun {
    const run = settledRun(settings({ checks: [check] }));
    run.disconnect();
    run.connect();
    run.claims([
      [vip1, self],
      [vip2, other],
      [vip6, other],
    ]);
    run.take();
    return run;
  }

  it('is given away all the same when the service is sick', () => {
    const run = partlyBlind();
    for (let count = 0; count < check.fall; count += 1) run.verdict(false);
    expect(run.take()).toEqual([
      'withdrawRoute 10.20.255.1/32',
      'deleteClaim 10.20.255.1/32',
      // Else a leaving peer would count on us.
      'publishMember apex down announces []',
    ]);
  });

  it('is given away all the same when the LB is cut off from its routers, or leaves', () => {
    const cutOff = partlyBlind();
    cutOff.neighbor(false);
    expect(cutOff.take()).toContain('deleteClaim 10.20.255.1/32');
    const leaving = partlyBlind();
    leaving.hear({ kind: 'stopRequested', signal: 'SIGTERM' });
    expect(leaving.take()).toContain('deleteClaim 10.20.255.1/32');
  });

  it('stays when nothing of that is so, and while the session is not to be believed', () => {
    const run = partlyBlind();
    run.advance(1_000);
    expect(run.take()).toEqual([]);
    run.advance(sessionTimeoutMs / 2 + 1, { isProven: false });
    for (let count = 0; count < check.fall; count += 1) run.verdict(false);
    expect(run.take()).toEqual(['withdrawRoute 10.20.255.1/32']);
  });

  it('goes at once when maintenance is what could be read', () => {
    const run = partlyBlind();
    run.maintenance(true);
    expect(run.decision(vip1)).toEqual({ kind: 'withdraw', reason: 'maintenance' });
    expect(run.take()).toContain('deleteClaim 10.20.255.1/32');
  });

  it('is made again when that maintenance is lifted, though the rest cannot be read yet', () => {
    const run = partlyBlind();
    run.maintenance(true);
    run.ack().answerClaims().answerMember();
    run.maintenance(false);
    expect(run.take()).toContain('announceRoute 10.20.255.1/32 self med 100');
    expect(run.decision(vip2)).toEqual({ kind: 'hold', reason: 'settling' });
    run.ack();
    run.drains([]);
    run.members([]);
    expect(run.take()).toContain('createClaim 10.20.255.1/32');
  });

  it('goes when an earlier life left it and its ExaBGP is gone, or no router is there', () => {
    for (const sameSpeaker of [false, true]) {
      const run = new CoreRun(settings({ checks: [check] })).connect();
      run.hear({ kind: 'speakerIdentified', version: '4.2.21', acks: true });
      run.hear({ kind: 'neighborsListed', established: [] });
      run.claims([[vip1, { kind: 'predecessor', sameSpeaker }]]);
      expect(run.take()).toEqual(['deleteClaim 10.20.255.1/32']);
    }
  });
});

describe('a backup that acted before it could read anything', () => {
  it('does not step back for the claim of an owner that died meanwhile', () => {
    const run = new CoreRun(
      settings({}, { onCoordinationLoss: 'all', coldStart: { afterMs: 1_000, policy: 'all' } }),
    ).speakerUp();
    run.advance(2_000);
    run.ack();
    run.connect().view([
      [vip2, other],
      [vip6, other],
    ]);
    run.advance(sessionTimeoutMs);
    expect(run.decision(vip2)).toEqual({ kind: 'announce', role: 'backup', reason: 'handingBack' });
    run.advance(sessionTimeoutMs / 2);
    expect(run.decision(vip2)).toEqual({ kind: 'withdraw', reason: 'heldByOwner' });
  });
});
