import { describe, expect, it } from 'vitest';
import type { Decision, StandbyReason } from '../../src/core/ownership.ts';
import { memberReport } from '../../src/core/presence.ts';
import type { RoleAttributes } from '../../src/core/route.ts';
import type { ServiceSettings, Settings } from '../../src/core/settings.ts';
import {
  apex,
  asn,
  backupAttributes,
  CoreRun,
  check,
  claimsOfAll,
  downAttributes,
  lb1,
  lb2,
  ownerAttributes,
  self,
  settings,
  settledRun,
  standbyAttributes,
  vip1,
  vip2,
  vip2Missing,
  vip6,
} from '../helpers/core-run.ts';

const backup: Decision = { kind: 'announce', role: 'backup', reason: 'claimMissing' };

function standby(reason: StandbyReason): Decision {
  return { kind: 'announce', role: 'standby', reason };
}

function withStandby(
  service: Partial<ServiceSettings> = {},
  overrides: Partial<Settings> = {},
  attributes: RoleAttributes = standbyAttributes,
): Settings {
  const announce = {
    owner: ownerAttributes,
    backup: backupAttributes,
    standby: attributes,
    down: undefined,
  };
  return settings({ announce, ...service }, overrides);
}

function goBlind(run: CoreRun): void {
  run.disconnect();
  run.advance(8_000, { isProven: false });
}

describe('a VIP that another member carries', () => {
  it('is announced as standby once its claim is trusted', () => {
    const run = new CoreRun(withStandby()).speakerUp().connect().view(claimsOfAll);
    // An earlier life may have left the route of a backup.
    expect(run.decision(vip2)).toEqual({ kind: 'hold', reason: 'settling' });
    run.take();
    run.advance(2_000);
    expect(run.decision(vip2)).toEqual(standby('heldByOwner'));
    expect(run.take()).toEqual([
      'announceRoute 10.20.255.2/32 self med 300',
      'announceRoute 2001:db8:30::/64 self med 300',
    ]);
  });

  it('is taken over, and handed back, by one announcement each', () => {
    const run = settledRun(withStandby());
    run.ack();
    run.take();
    run.claims(vip2Missing);
    expect(run.decision(vip2)).toEqual(backup);
    expect(run.take()).toEqual([
      'announceRoute 10.20.255.2/32 self med 200',
      'publishMember apex up announces [10.20.255.1/32, 10.20.255.2/32]',
    ]);
    run.ack().answerMember();
    run.claims(claimsOfAll);
    run.take();
    run.advance(2_000);
    expect(run.decision(vip2)).toEqual(standby('heldByOwner'));
    expect(run.take()).toEqual(['announceRoute 10.20.255.2/32 self med 300']);
  });

  it('is made less preferred for the release time, and then what a standby is', () => {
    const neighbors = { require: 'any', stableForMs: 3_000, localAs: asn(65_001) } as const;
    const prepended = { ...standbyAttributes, asPathPrepend: 3 };
    const run = settledRun(withStandby({}, { neighbors }, prepended));
    run.claims(vip2Missing);
    run.ack().answerMember();
    run.take();
    run.claims(claimsOfAll);
    run.ack();
    run.advance(2_000);
    expect(run.take().filter((line) => line.startsWith('announceRoute'))).toEqual([
      'announceRoute 10.20.255.2/32 self med 200 as-path 65001 65001',
      'announceRoute 10.20.255.2/32 self med 300 as-path 65001 65001 65001 65001',
    ]);
  });

  it('is not counted among what this member carries', () => {
    const run = settledRun(withStandby());
    run.ack();
    const service = run.state.services.get(apex);
    expect(service && memberReport(run.state, service).announces).toEqual([vip1]);
  });

  it('is not claimed when it becomes ours, until ExaBGP has it as its owner’s', () => {
    const run = settledRun(withStandby());
    const vips = [vip1, vip2, vip6].map((vip) => ({ vip, owner: lb1 }));
    run.claims([[vip1, self]]);
    run.hear({ kind: 'settingsChanged', settings: withStandby({ vips }) });
    expect(run.take().filter((line) => line.includes('Claim'))).toEqual([]);
    run.ack();
    expect(run.take().filter((line) => line.includes('Claim'))).toEqual([
      'createClaim 10.20.255.2/32',
      'createClaim 2001:db8:30::/64',
    ]);
  });
});

describe('a VIP that becomes ours', () => {
  const vips = [vip1, vip2, vip6].map((vip) => ({ vip, owner: lb1 }));

  it('stays as it is until its claim was read', () => {
    const run = settledRun(withStandby());
    run.ack();
    run.take();
    run.hear({ kind: 'settingsChanged', settings: withStandby({ vips }) });
    expect(run.decision(vip2)).toEqual(standby('heldByOwner'));
    expect(run.take()).toEqual(['setServices [apex:3]']);
    run.claims([[vip1, self]]);
    expect(run.decision(vip2)).toMatchObject({ kind: 'announce', role: 'owner' });
  });

  it('stays as it is while ZooKeeper is not to be believed', () => {
    const run = settledRun(withStandby());
    run.ack();
    goBlind(run);
    run.hear({ kind: 'settingsChanged', settings: withStandby({ vips }) });
    expect(run.decision(vip2)).toEqual(standby('frozen'));
  });
});

describe('a VIP whose claim is missing', () => {
  it('stays as it was for the takeover delay', () => {
    const takeover = { delayMs: 1_000, releaseMs: 2_000, settleMs: 3_000 };
    const run = settledRun(withStandby({ takeover }));
    run.ack();
    run.take();
    run.claims(vip2Missing);
    expect(run.decision(vip2)).toEqual(standby('takeoverDelay'));
    expect(run.take()).toEqual([]);
    run.advance(1_000);
    expect(run.decision(vip2)).toEqual(backup);
  });

  it('is announced as standby while its owner has time, where nothing of an earlier life is in the way', () => {
    const run = settledRun(withStandby());
    run.ack();
    run.maintenance(true);
    run.ack();
    run.claims([]);
    run.take();
    run.maintenance(false);
    expect(run.decision(vip2)).toEqual(standby('settling'));
    expect(run.take()).toContain('announceRoute 10.20.255.2/32 self med 300');
  });

  it('is left as an earlier life had it until its owner has had time', () => {
    const run = new CoreRun(withStandby()).speakerUp().connect().view();
    expect(run.decision(vip2)).toEqual({ kind: 'hold', reason: 'settling' });
  });
});

describe('is withdrawn', () => {
  const silent: readonly (readonly [string, (run: CoreRun) => void, string])[] = [
    ['in maintenance', (run) => run.maintenance(true), 'maintenance'],
    ['when this member is drained', (run) => run.drains([lb1]), 'drained'],
    ['when the VIP is drained', (run) => run.drains([vip2]), 'drained'],
    [
      'when this member stops',
      (run) => run.hear({ kind: 'stopRequested', signal: 'SIGTERM' }),
      'stopping',
    ],
    [
      'when it is configured no more',
      (run) =>
        run.hear({
          kind: 'settingsChanged',
          settings: withStandby({ checks: [check], vips: [{ vip: vip1, owner: lb1 }] }),
        }),
      'removed',
    ],
    [
      'when this member is sick',
      (run) => {
        run.verdict(false);
        run.verdict(false);
      },
      'healthDown',
    ],
  ];
  it.each(silent)('%s, without a hand-over', (_, happen, reason) => {
    const run = settledRun(withStandby({ checks: [check] }));
    run.ack();
    run.take();
    happen(run);
    expect(run.decision(vip2)).toEqual({ kind: 'withdraw', reason });
    expect(run.take()).toContain('withdrawRoute 10.20.255.2/32');
  });

  it('when sick, though what it carries is announced as such', () => {
    const announce = {
      owner: ownerAttributes,
      backup: backupAttributes,
      standby: standbyAttributes,
      down: downAttributes,
    };
    const run = settledRun(withStandby({ checks: [check], announce }));
    run.verdict(false);
    run.verdict(false);
    expect(run.decision(vip1)).toEqual({ kind: 'announce', role: 'down', reason: 'healthDown' });
    expect(run.decision(vip2)).toEqual({ kind: 'withdraw', reason: 'healthDown' });
  });

  it('when it could not be told from the owner’s, because there is no AS to prepend', () => {
    const run = settledRun(withStandby({}, {}, { ...standbyAttributes, prependPerRank: 1 }));
    run.ack();
    expect(run.decision(vip2)).toEqual({ kind: 'withdraw', reason: 'noLocalAs' });
    run.neighbor(true, { local: asn(65_001), peer: asn(65_100) });
    expect(run.decision(vip2)).toEqual(standby('heldByOwner'));
    run.neighbor(true, { local: asn(65_001), peer: asn(65_001) });
    expect(run.decision(vip2)).toEqual({ kind: 'withdraw', reason: 'noLocalAs' });
  });
});

describe('without ZooKeeper', () => {
  it('freeze keeps it', () => {
    const run = settledRun(withStandby());
    run.ack();
    run.take();
    goBlind(run);
    expect(run.decision(vip2)).toEqual(standby('frozen'));
    expect(run.take()).toEqual([]);
  });

  it('own keeps it, also when ZooKeeper is there again and not read yet', () => {
    const run = settledRun(withStandby({}, { onCoordinationLoss: 'own' }));
    run.ack();
    run.take();
    goBlind(run);
    expect(run.decision(vip2)).toEqual(standby('coordinationLost'));
    run.connect();
    expect(run.decision(vip2)).toEqual(standby('frozen'));
    expect(run.take()).toEqual([]);
  });

  it('withdraw withdraws it, and keeps it so until ZooKeeper was read', () => {
    const run = settledRun(withStandby({}, { onCoordinationLoss: 'withdraw' }));
    goBlind(run);
    expect(run.decision(vip2)).toEqual({ kind: 'withdraw', reason: 'coordinationLost' });
    run.connect();
    expect(run.decision(vip2)).toEqual({ kind: 'withdraw', reason: 'frozen' });
  });

  it('all announces it as a backup', () => {
    const run = settledRun(withStandby({}, { onCoordinationLoss: 'all' }));
    goBlind(run);
    expect(run.decision(vip2)).toEqual({ ...backup, reason: 'coordinationLost' });
  });

  it('an earlier life’s agreement is gone on with', () => {
    const vips = new Map([
      [vip1, 'owner'],
      [vip2, 'withdrawn'],
    ] as const);
    const services = new Map([[apex, { isInMaintenance: false, drained: [], vips }]]);
    const run = new CoreRun(withStandby(), { sessionTimeoutMs: 6_000, services }).speakerUp();
    run.advance(4_000, { isProven: false });
    expect(run.decision(vip2)).toEqual(standby('frozen'));
  });
});

describe('a member that leaves', () => {
  it('relies on no standby route', () => {
    const run = settledRun(withStandby());
    run.members([[lb2, { health: 'up', announces: [vip2], isLeaving: false }]]);
    run.hear({ kind: 'stopRequested', signal: 'SIGTERM' });
    expect(run.decision(vip1)).toEqual({ kind: 'announce', role: 'owner', reason: 'leaving' });
  });
});
