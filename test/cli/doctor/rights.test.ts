import { chmodSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { examineRights } from '../../../src/cli/doctor/rights.ts';
import { temporaryDirectory } from '../../helpers/temporary-directory.ts';
import { configOf, type FakeHost, fakeHost, lines } from './doctor-host.ts';

const status = (capabilities: string) => ({
  '/proc/self/status': `Name:\tnode\nCapEff:\t${capabilities}\n`,
});
const all = '000001ffffffffff';
const none = '0000000000000000';
const env = (text: string) => ({ '/env': `[exabgp.daemon]\n${text}\n` });

async function rights(host: FakeHost, top: string) {
  const findings = await examineRights(fakeHost(host), configOf(top), '/env');
  return lines(findings.filter(({ check }) => check === 'rights'));
}

it('finds nothing wrong where nothing is needed', async () => {
  expect(await rights({ user: 'exabgp', uid: 103 }, '')).toEqual(['ok rights: exabgp may do all']);
});

const addresses = 'host: { addresses: static }';
const lacking =
  'failed rights: host.addresses needs CAP_NET_ADMIN, which exabgp has not; run ExaBGP as root, or set host.sudo: true';

it.each<[string, FakeHost, string, string]>([
  [
    'no capability',
    { files: status(none), programs: { ip: '' }, user: 'exabgp' },
    addresses,
    lacking,
  ],
  [
    'another capability alone',
    { files: status('0000000000002000'), programs: { ip: '' }, user: 'exabgp' },
    addresses,
    lacking,
  ],
  [
    'no ip',
    { files: status(all) },
    addresses,
    'failed rights: host.addresses needs ip; install iproute2',
  ],
  [
    'no sudo',
    { programs: { ip: '', sudo: undefined }, user: 'exabgp' },
    'host: { addresses: static, sudo: true }',
    'failed rights: exabgp may not run ip by sudo (sudo: no); let it, without a password',
  ],
  [
    'an account that only root can become',
    { uid: 103, user: 'exabgp' },
    'user: nobody',
    'failed rights: user and group need root at the start; run ExaBGP as root, or remove them',
  ],
  [
    'an account that ExaBGP is in the way of',
    { files: env("user = 'exabgp'\ndrop = true") },
    'user: nobody',
    'failed rights: user and group need root at the start, and ExaBGP starts the agent as exabgp; set drop = false in /env, or remove user and group',
  ],
  [
    'another user than the agent will be',
    { files: env("user = 'exabgp'\ndrop = true") },
    '',
    'warning rights: this ran as root, and ExaBGP runs the agent as exabgp; look again by sudo -u exabgp vipkeeper doctor, with the same flags',
  ],
  [
    'no logger',
    { programs: { logger: undefined }, find: (name) => (name === 'logger' ? undefined : name) },
    'log: { syslog: daemon }',
    'failed rights: log.syslog needs logger; install bsdutils',
  ],
  [
    'no flock',
    { find: (name) => (name === 'flock' ? undefined : name) },
    'stateDir: /tmp',
    'failed rights: stateDir needs flock; install util-linux',
  ],
])('finds %s', async (_, host, top, expected) => {
  expect(await rights(host, top)).toEqual([expected]);
});

it('finds an IPVS table that cannot be read', async () => {
  const config = configOf(
    '',
    '  web: { vips: { 10.20.255.9: lb1 }, checks: [{ ipvs: "10.20.255.9:80" }] }',
  );
  const findings = await examineRights(fakeHost({ user: 'exabgp' }), config, '/env');
  expect(lines(findings)[0]).toBe(
    'failed rights: /proc/net/ip_vs cannot be read by exabgp; load ip_vs, or let that user read it',
  );
});

it.each<[string, FakeHost, string]>([
  ['the capability', { files: status(all), programs: { ip: '' } }, addresses],
  ['sudo', { programs: { ip: '', sudo: '' } }, 'host: { addresses: static, sudo: true }'],
  ['root kept by ExaBGP', { files: env("user = 'exabgp'\ndrop = false") }, 'user: nobody'],
])('takes %s for enough', async (_, host, top) => {
  expect(await rights(host, top)).toEqual(['ok rights: root may do all']);
});

async function stateDir(path: string | undefined) {
  const config = configOf(path === undefined ? '' : `stateDir: ${path}`);
  return lines(await examineRights(fakeHost(), config, '/env')).at(-1) ?? '';
}

it('tries the state directory without leaving anything in it', async () => {
  const folder = temporaryDirectory();
  const path = join(folder, 'state');
  expect(await stateDir(path)).toBe(`ok stateDir: ${path} will be made at the start`);
  expect(readdirSync(folder)).toEqual([]);
  mkdirSync(path, { mode: 0o700 });
  expect(await stateDir(path)).toBe(`ok stateDir: ${path} can be written`);
  expect(readdirSync(path)).toEqual([]);
  chmodSync(path, 0o777);
  expect(await stateDir(path)).toBe(
    `failed stateDir: others may write to ${path} (mode 777); chmod 700 ${path}`,
  );
  writeFileSync(join(folder, 'file'), '');
  expect(await stateDir(join(folder, 'file'))).toMatch(/^failed stateDir: .*is no directory/);
  expect(await stateDir(join(folder, 'missing/state'))).toMatch(
    /^failed stateDir: .*is missing: ENOENT.*; make it, for the user ExaBGP runs as$/,
  );
  expect(await stateDir(undefined)).toMatch(/^warning stateDir: not set/);
});
