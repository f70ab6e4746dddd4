import { afterAll, beforeAll, expect, test } from 'vitest';
import type { AclOptions } from '../../../src/zookeeper/acl.ts';
import { waitFor } from '../../helpers/wait.ts';
import { startZooKeeper, type ZooKeeper, type ZooKeeperServer } from '../../helpers/zookeeper.ts';
import {
  apex,
  claimsPath,
  drainsPath,
  maintenancePath,
  membersPath,
  type StartOptions,
  startCoordinator,
  vip1,
  vip2,
} from './harness.ts';
import { digestId, operatorOf, superuser, superuserProperty } from './operator.ts';

const credential = 'lb:secret';
const auth = { scheme: 'digest', credential } as const;
const report = { health: 'up', announces: [], isLeaving: false } as const;
const noRights = 'NO_AUTH';
/** ZooKeeper's bits; an ACL needs at least one. */
const [mayRead, mayAdminister, mayAll] = [1, 16, 31];

let zookeeper: ZooKeeper;
let server: ZooKeeperServer;

beforeAll(async () => {
  zookeeper = await startZooKeeper({ properties: [superuserProperty] });
  [server] = zookeeper.servers as [ZooKeeperServer];
});
afterAll(() => zookeeper.stop());

let chrootCount = 0;

/** Znodes of its own, whose root is there and as open as ZooKeeper's. */
async function setUp() {
  chrootCount += 1;
  const chroot = `/acl${chrootCount}`;
  const admin = await operatorOf(server, { digest: superuser });
  await admin.create(chroot);
  const paths = {
    claims: chroot + claimsPath,
    members: chroot + membersPath,
    drains: chroot + drainsPath,
    maintenance: chroot + maintenancePath,
    maintenanceParent: chroot + maintenancePath.replace('/apex', ''),
  };
  const start = (options: StartOptions = {}) => startCoordinator([server], { chroot, ...options });
  return { admin, paths, start, stranger: await operatorOf(server) };
}

/** A coordinator that has made its claim and its member znode. */
async function settled(
  start: (options: StartOptions) => ReturnType<typeof startCoordinator>,
  acl?: AclOptions,
) {
  const one = start({ auth, ...(acl && { acl }) });
  await one.ready();
  one.coordinator.createClaim(apex, vip1, false);
  one.coordinator.publishMember(apex, report);
  await one.next('claimAnswered', (event) => event.outcome === 'done');
  await one.next('memberAnswered', (event) => event.outcome === 'done');
  return one;
}

test('with credentials everybody reads, and nobody else writes claims and members', async () => {
  const { paths, start, stranger } = await setUp();
  await settled(start);
  const claim = `${paths.claims}/10.20.255.1`;
  const member = `${paths.members}/lb1`;
  for (const path of [claim, member]) {
    expect(JSON.parse(await stranger.data(path))).toMatchObject({ member: 'lb1' });
    expect(await stranger.data(path)).not.toContain('secret');
    await expect(stranger.remove(path)).rejects.toThrow(noRights);
    await expect(stranger.setData(path, 'x')).rejects.toThrow(noRights);
    await expect(stranger.setAcl(path, mayAll, 'world', 'anyone')).rejects.toThrow(noRights);
  }
  await expect(stranger.create(`${paths.claims}/10.20.255.2`, '', true)).rejects.toThrow(noRights);
  const peer = await operatorOf(server, { digest: credential });
  await peer.create(`${paths.claims}/10.20.255.2`, '', true);
  await peer.remove(claim);
});

test('with credentials everybody may set and lift maintenance and drains, yet not lock us out', async () => {
  const { paths, start, stranger } = await setUp();
  const one = await settled(start);
  await waitFor(() => stranger.exists(paths.maintenanceParent), { what: 'the parent' });
  await stranger.create(paths.maintenance);
  await one.next('maintenanceRead', (event) => event.isPresent);
  await stranger.create(`${paths.drains}/lb2`);
  await one.next('drainsRead', (event) => event.drained.has('lb2'));
  const mark = one.mark();
  await stranger.remove(paths.maintenance);
  await stranger.remove(`${paths.drains}/lb2`);
  await one.next('maintenanceRead', (event) => !event.isPresent, { from: mark });
  await one.next('drainsRead', (event) => event.drained.size === 0, { from: mark });
  for (const path of [paths.maintenanceParent, paths.drains]) {
    await expect(stranger.setAcl(path, mayRead, 'ip', '10.0.0.1')).rejects.toThrow(noRights);
    await expect(stranger.remove(path)).rejects.toThrow(noRights);
  }
});

test('operators that are named may do everything, and they alone set maintenance and drains', async () => {
  const { paths, start, stranger } = await setUp();
  const acl: AclOptions = {
    readers: 'everybody',
    operators: [{ scheme: 'digest', id: digestId('ops:night') }],
  };
  const one = await settled(start, acl);
  await waitFor(() => stranger.exists(paths.maintenanceParent), { what: 'the parent' });
  await expect(stranger.create(paths.maintenance)).rejects.toThrow(noRights);
  await expect(stranger.create(`${paths.drains}/lb1`)).rejects.toThrow(noRights);
  const ops = await operatorOf(server, { digest: 'ops:night' });
  await ops.create(paths.maintenance);
  await one.next('maintenanceRead', (event) => event.isPresent);
  await expect(stranger.remove(paths.maintenance)).rejects.toThrow(noRights);
  await ops.remove(paths.maintenance);
  await ops.create(`${paths.drains}/lb1`);
  await one.next('drainsRead', (event) => event.drained.has('lb1'));
  const mark = one.mark();
  await ops.remove(`${paths.claims}/10.20.255.1`);
  await one.next('claimsRead', (event) => !event.claims.has(vip1), { from: mark });
  await ops.setAcl(`${paths.members}/lb1`, mayRead, 'world', 'anyone');
});

test('readers can be those with our credentials alone', async () => {
  const { paths, start, stranger } = await setUp();
  await settled(start, { readers: 'members', operators: [] });
  await expect(stranger.children(paths.claims)).rejects.toThrow(noRights);
  await expect(stranger.data(`${paths.members}/lb1`)).rejects.toThrow(noRights);
  const two = start({
    auth,
    member: 'lb2',
    own: [vip2],
    acl: { readers: 'members', operators: [] },
  });
  await two.next('claimsRead', (event) => event.claims.has(vip1));
  await two.next('membersRead', (event) => event.members.size === 1);
  // Whom maintenance is hidden from may set it all the same.
  await stranger.create(paths.maintenance);
  await two.next('maintenanceRead', (event) => event.isPresent);
});

test('an identity of a scheme that the server lacks is told as such', async () => {
  const { start } = await setUp();
  const acl: AclOptions = { readers: 'everybody', operators: [{ scheme: 'sasl', id: 'ops' }] };
  const one = start({ auth, acl });
  await waitFor(
    () => one.notes.find((note) => /INVALID_ACL.*zookeeper\.acl\.operators/.test(note)),
    {
      what: 'the note',
    },
  );
});

test('maintenance that an operator has locked is obeyed, and left as it is', async () => {
  const { admin, paths, start, stranger } = await setUp();
  await admin.create(paths.maintenanceParent);
  await admin.setAcl(paths.maintenanceParent, mayRead, 'world', 'anyone');
  const one = await settled(start);
  await expect(stranger.create(paths.maintenance)).rejects.toThrow(noRights);
  await admin.create(paths.maintenance);
  await one.next('maintenanceRead', (event) => event.isPresent);
  const mark = one.mark();
  await admin.remove(paths.maintenance);
  await one.next('maintenanceRead', (event) => !event.isPresent, { from: mark });
  expect(one.notes.filter((note) => !note.startsWith('debug'))).toEqual([]);
});

test('works where it may create nothing, says so once, and goes on when it may', async () => {
  const { admin, paths, start } = await setUp();
  const root = paths.maintenanceParent.replace('/maintenance', '');
  await admin.create(root);
  await admin.setAcl(root, mayRead, 'world', 'anyone');
  const one = start();
  await one.ready();
  one.coordinator.createClaim(apex, vip1, false);
  const { detail } = await one.next('claimAnswered', (event) => event.outcome === 'denied');
  expect(detail).toContain(`the create permission on ${root};`);
  const told = () => one.notes.filter((note) => !note.startsWith('debug'));
  await waitFor(() => told().length === 4, { what: 'a note for each parent' });
  for (const path of [paths.claims, paths.members, paths.drains])
    expect(told().find((note) => note.startsWith(`error ${path} `))).toMatch(
      /missing, and cannot be created: .*the create permission on/,
    );
  expect(told().find((note) => note.includes(paths.maintenanceParent))).toContain(
    'cannot be created',
  );
  // No event tells that a permission was granted.
  await admin.setAcl(root, mayAll, 'world', 'anyone');
  const grantedMs = performance.now();
  for (const path of [paths.claims, paths.members, paths.drains, paths.maintenanceParent])
    await waitFor(() => admin.exists(path), { what: path, timeoutMs: 5_000 });
  expect(performance.now() - grantedMs).toBeLessThan(5_000);
  expect(told()).toHaveLength(4);
});

test('wrong credentials are told by path and permission, once, and cured by a grant', async () => {
  const { admin, paths, start } = await setUp();
  for (const path of [paths.claims, paths.members, paths.drains]) {
    await admin.create(path);
    await admin.setAcl(path, mayAll, 'digest', digestId('lb:other'));
  }
  const one = start({ auth });
  const told = () => one.notes.filter((note) => !note.startsWith('debug'));
  await waitFor(() => told().length === 3, { what: 'three notes' });
  for (const path of [paths.claims, paths.members, paths.drains])
    expect(told().find((note) => note.startsWith(`error ${path} not readable: `))).toContain(
      `the read permission on ${path}; grant it with zkCli (getAcl ${path}, then setAcl`,
    );
  one.coordinator.createClaim(apex, vip1, false);
  const { detail } = await one.next('claimAnswered', (event) => event.outcome === 'denied');
  expect(detail).toContain(`the create permission on ${paths.claims};`);
  expect(one.events.some((event) => event.kind === 'claimsRead')).toBe(false);
  for (const path of [paths.claims, paths.members, paths.drains])
    await admin.setAcl(path, mayAll, 'digest', digestId(credential));
  await one.next('claimsRead', () => true, { timeoutMs: 5_000 });
  await one.next('membersRead', () => true, { timeoutMs: 5_000 });
  await one.next('drainsRead', () => true, { timeoutMs: 5_000 });
  one.coordinator.createClaim(apex, vip1, false);
  await one.next('claimAnswered', (event) => event.outcome === 'done');
  expect(told()).toHaveLength(3);
  expect(one.notes.join()).not.toContain('secret');
});

test('a refusal that comes back after it was mended is told again', async () => {
  const { admin, paths, start } = await setUp();
  await admin.create(paths.members);
  // A server tells no changes to those who may not read them, so only the next reading finds out.
  const one = start({ rereadMs: 200 });
  await one.ready();
  const told = () => one.notes.filter((note) => note.includes('not readable'));
  for (const times of [1, 2]) {
    await admin.setAcl(paths.members, mayAdminister, 'world', 'anyone');
    await waitFor(() => told().length === times, { what: `the note, number ${times}` });
    const mark = one.mark();
    await admin.setAcl(paths.members, mayAll, 'world', 'anyone');
    await one.next('membersRead', () => true, { from: mark, timeoutMs: 5_000 });
  }
});

test('a member znode that may not be read is tried again by itself', async () => {
  const { admin, paths, start } = await setUp();
  await admin.create(`${paths.members}/lb2`);
  await admin.setAcl(`${paths.members}/lb2`, mayAdminister, 'world', 'anyone');
  const one = start();
  await one.ready();
  expect(one.notes.filter((note) => note.includes('lb2 not readable'))).toHaveLength(1);
  await admin.setAcl(`${paths.members}/lb2`, mayAll, 'world', 'anyone');
  await admin.setData(`${paths.members}/lb2`, 'no JSON');
  await waitFor(() => one.notes.some((note) => note.includes('lb2 data is unreadable')), {
    what: 'what can be read now',
    timeoutMs: 5_000,
  });
});
