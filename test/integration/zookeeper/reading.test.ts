import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { MemberId } from '../../../src/core/settings.ts';
import { encodeClaim, encodeMember } from '../../../src/zookeeper/znode-data.ts';
import { startTcpProxy } from '../../helpers/tcp-proxy.ts';
import { waitFor } from '../../helpers/wait.ts';
import { startZooKeeper, type ZooKeeper, type ZooKeeperServer } from '../../helpers/zookeeper.ts';
import {
  apex,
  claimsPath,
  drainsPath,
  instance,
  maintenancePath,
  membersPath,
  startCoordinator,
  vip,
  vip1,
  vip2,
} from './harness.ts';
import { type Operator, operatorOf, superuser, superuserProperty, wipe } from './operator.ts';

let zookeeper: ZooKeeper;
let server: ZooKeeperServer;
let operator: Operator;

beforeAll(async () => {
  zookeeper = await startZooKeeper({ properties: [superuserProperty] });
  const [first] = zookeeper.servers;
  if (first === undefined) throw new Error('no server');
  server = first;
});
afterAll(() => zookeeper.stop());

beforeEach(async () => {
  await wipe(server);
  operator = await operatorOf(server);
});

const author = (member: string, pid = 100, more = {}) => ({
  member: member as MemberId,
  instance: instance(pid, more),
  wallMs: 0,
});

test('reads all four parts of a service after the handshake', async () => {
  const one = startCoordinator([server]);
  await one.ready();
  const established = await one.next('sessionEstablished');
  expect(established).toMatchObject({ epoch: 1, connection: 1, timeoutMs: 3_000 });
  expect(established.proofMs).toBeLessThanOrEqual(one.clock.nowMs());
  expect(await one.next('maintenanceRead')).toMatchObject({ isPresent: false, connection: 1 });
  expect((await one.next('drainsRead')).drained).toEqual(new Set());
});

test('makes parents and a chroot, but never the maintenance node', async () => {
  const one = startCoordinator([server], { chroot: '/deep/root' });
  await one.ready();
  await waitFor(() => operator.exists('/deep/root/exabgp/maintenance'), { what: 'the parent' });
  for (const path of [claimsPath, membersPath, drainsPath])
    expect(await operator.exists(`/deep/root${path}`)).toBe(true);
  expect(await operator.exists(`/deep/root${maintenancePath}`)).toBe(false);
  one.coordinator.createClaim(apex, vip1, false);
  await one.next('claimAnswered', (event) => event.outcome === 'done');
  expect(await operator.children(`/deep/root${claimsPath}`)).toEqual(['10.20.255.1']);
});

test('hears of maintenance by one create and one delete in zkCli', async () => {
  const one = startCoordinator([server]);
  await one.ready();
  await operator.create(maintenancePath);
  await one.next('maintenanceRead', (event) => event.isPresent);
  const mark = one.mark();
  await operator.remove(maintenancePath);
  await one.next('maintenanceRead', (event) => !event.isPresent, { from: mark });
});

test('reads drained members and VIPs, the latter in canonical text', async () => {
  const vips = [vip1, vip('2001:db8::1'), vip('10.30.0.0/24')];
  const one = startCoordinator([server], { vips });
  await one.ready();
  const mistakes = ['no good', '10.20.255.99'];
  for (const name of [...mistakes, 'lb2', '10.20.255.1', '2001:DB8:0:0::1', '10.30.0.0_24'])
    await operator.create(`${drainsPath}/${name}`);
  const { drained } = await one.next('drainsRead', (event) => event.drained.size === 4);
  expect(drained).toEqual(new Set(['lb2', '10.20.255.1/32', '2001:db8::1/128', '10.30.0.0/24']));
  await operator.create(`${drainsPath}/lb3`);
  await one.next('drainsRead', (event) => event.drained.has('lb3'));
  for (const name of mistakes)
    expect(one.notes.filter((note) => note.includes(name))).toHaveLength(1);
});

test('ignores claims of no VIP and of no VIP of ours, and says each once', async () => {
  await operator.create(`${claimsPath}/banana`);
  await operator.create(`${claimsPath}/10.99.0.1`);
  const one = startCoordinator([server]);
  await one.ready();
  await operator.create(`${claimsPath}/10.20.255.2`, '', true);
  const { claims } = await one.next('claimsRead', (event) => event.claims.size > 0);
  expect([...claims.keys()]).toEqual([vip2]);
  expect(one.notes.filter((note) => note.includes('banana'))).toEqual([
    `warn ${claimsPath}/banana ignored: a claim is named by a VIP`,
  ]);
  expect(one.notes.filter((note) => note.includes('10.99.0.1'))).toHaveLength(1);
});

test.each([
  {
    name: 'self after a restart of the same process',
    pid: 100,
    dead: [],
    kind: 'predecessor',
    sameSpeaker: true,
  },
  { name: 'a dead process', pid: 7, dead: [7], kind: 'predecessor', sameSpeaker: true },
  {
    name: 'a dead process of another ExaBGP',
    pid: 7,
    dead: [7],
    kind: 'predecessor',
    sameSpeaker: false,
  },
  { name: 'a living process', pid: 7, dead: [], kind: 'twin', detail: 'pid 7 on host lb' },
])(
  'tells who holds our claim and our member id: $name',
  async ({ pid, dead, name: _, ...holder }) => {
    const speakerPid = holder.sameSpeaker === false ? 99 : 1;
    const data = encodeClaim(author('lb1', pid, { speakerPid }));
    await operator.create(`${claimsPath}/10.20.255.1`, data, true);
    await operator.create(`${membersPath}/lb1`, data, true);
    const one = startCoordinator([server], { dead });
    expect((await one.next('claimsRead')).claims.get(vip1)).toEqual(holder);
    expect((await one.next('membersRead')).own).toEqual(holder);
  },
);

test('tells another member, ExaZK and a hand-made node as holders of our claim', async () => {
  await operator.create(`${claimsPath}/10.20.255.1`, encodeClaim(author('lb2')), true);
  const one = startCoordinator([server]);
  const holder = (kind: string, from: number) =>
    one.next('claimsRead', (event) => event.claims.get(vip1)?.kind === kind, { from });
  expect((await holder('member', 0)).claims.get(vip1)).toEqual({ kind: 'member', member: 'lb2' });
  let mark = one.mark();
  await operator.remove(`${claimsPath}/10.20.255.1`);
  await operator.create(`${claimsPath}/10.20.255.1`, '', true);
  await holder('unmarked', mark);
  mark = one.mark();
  await operator.remove(`${claimsPath}/10.20.255.1`);
  await operator.create(`${claimsPath}/10.20.255.1`, encodeClaim(author('lb1')));
  const { claims } = await holder('persistent', mark);
  expect(claims.get(vip1)).toEqual({
    kind: 'persistent',
    path: `${claimsPath}/10.20.255.1`,
  });
});

test('notices that our claim was deleted and made anew by another in one moment', async () => {
  const one = startCoordinator([server]);
  await one.ready();
  one.coordinator.createClaim(apex, vip1, false);
  await one.next('claimsRead', (event) => event.claims.get(vip1)?.kind === 'self');
  await operator.replace(`${claimsPath}/10.20.255.1`, encodeClaim(author('lb2')));
  await one.next('claimsRead', (event) => event.claims.get(vip1)?.kind === 'member');
});

test('reads the reports of other members and follows their changes', async () => {
  const report = { health: 'up', announces: [vip2], isLeaving: false } as const;
  await operator.create(`${membersPath}/lb2`, encodeMember(author('lb2'), report), true);
  const one = startCoordinator([server]);
  const { members } = await one.next('membersRead');
  expect(members).toEqual(new Map([['lb2', report]]));
  const leaving = { ...report, isLeaving: true };
  await operator.setData(`${membersPath}/lb2`, encodeMember(author('lb2'), leaving));
  await one.next(
    'membersRead',
    (event) => event.members.get('lb2' as MemberId)?.isLeaving === true,
  );
  const mark = one.mark();
  await operator.remove(`${membersPath}/lb2`);
  await one.next('membersRead', (event) => event.members.size === 0, { from: mark });
});

test('takes garbage, huge data and odd names for unreadable, and says so once per state', async () => {
  await operator.create(`${membersPath}/lb2`, '{"v":1,"member":', true);
  await operator.create(`${membersPath}/lb3`, Buffer.alloc(1_000_000, 'x'), true);
  await operator.create(`${membersPath}/10.0.0.1`, '', true);
  await operator.create(`${membersPath}/-odd`, '', true);
  const one = startCoordinator([server]);
  const { members } = await one.next('membersRead');
  expect(members).toEqual(
    new Map([
      ['lb2', undefined],
      ['lb3', undefined],
    ]),
  );
  await operator.create(`${membersPath}/lb4`, '', true);
  await one.next('membersRead', (event) => event.members.size === 3);
  expect(one.notes.filter((note) => note.includes('/member/apex/')).toSorted()).toEqual([
    `warn ${membersPath}/-odd ignored: not a member id`,
    `warn ${membersPath}/10.0.0.1 ignored: not a member id`,
    `warn ${membersPath}/lb2 data is unreadable (not JSON)`,
    `warn ${membersPath}/lb3 data is unreadable (over 65536 bytes)`,
  ]);
  await operator.setData(`${membersPath}/lb2`, '[]');
  await waitFor(() => one.notes.some((note) => note.includes('not a JSON object')), {
    what: 'the note about the new state',
  });
});

test('reads everything again when the time has come, whatever the watches say', async () => {
  const one = startCoordinator([server], { rereadMs: 50 });
  await one.ready();
  const mark = one.mark();
  for (const kind of ['maintenanceRead', 'drainsRead', 'claimsRead', 'membersRead'] as const)
    await one.next(kind, () => true, { from: mark });
});

test('tells a vanished claim after one request, also while our own claim appears', async () => {
  const requests: number[] = [];
  let log = '';
  const proxy = await startTcpProxy(server, (direction, bytes) => {
    if (direction === 'toServer') {
      const type = bytes.readInt32BE(8);
      if (type === 14) return;
      requests.push(type);
      log += ` ${type}`;
    }
  });
  const one = startCoordinator([proxy]);
  await one.ready();
  one.coordinator.createClaim(apex, vip1, false);
  await one.next('claimsRead', (event) => event.claims.get(vip1)?.kind === 'self');
  await operator.create(`${claimsPath}/10.20.255.2`, '', true);
  await one.next('claimsRead', (event) => event.claims.has(vip2));
  const mark = one.mark();
  requests.length = 0;
  await operator.remove(`${claimsPath}/10.20.255.2`);
  await one.next('claimsRead', (event) => !event.claims.has(vip2), { from: mark });
  const getChildren2 = 12;
  expect(requests, log).toEqual([getChildren2]);
  await one.coordinator.close(500);
  await proxy.stop();
});

test('goes on with what it may read, and says what to grant', async () => {
  await operator.create(`${claimsPath}/10.20.255.2`, '', true);
  await operator.setAcl(membersPath, 31, 'ip', '10.255.255.1');
  const one = startCoordinator([server], { rereadMs: 50 });
  await one.next('claimsRead', (event) => event.claims.has(vip2));
  await one.next('maintenanceRead');
  await one.next('drainsRead');
  const denied = await waitFor(() => one.notes.find((note) => note.startsWith('error')), {
    what: 'the note about the missing permission',
  });
  expect(denied).toContain(`error ${membersPath} not readable`);
  expect(denied).toContain('read permission');
  expect(one.events.some((event) => event.kind === 'membersRead')).toBe(false);
  const admin = await operatorOf(server, { digest: superuser });
  await admin.setAcl(membersPath, 31, 'world', 'anyone');
  await one.next('membersRead');
  expect(one.notes.filter((note) => note.startsWith('error'))).toHaveLength(1);
});

test('takes two spellings of one address for one VIP, ours first', async () => {
  const six = vip('2001:db8::1');
  await operator.create(`${claimsPath}/2001:DB8::1`, '', true);
  const one = startCoordinator([server], { own: [six], vips: [six] });
  await one.next('claimsRead', (event) => event.claims.get(six)?.kind === 'unmarked');
  one.coordinator.createClaim(apex, six, false);
  await one.next('claimsRead', (event) => event.claims.get(six)?.kind === 'self');
});
