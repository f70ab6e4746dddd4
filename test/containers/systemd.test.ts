import { Network } from 'testcontainers';
import { expect, inject, it, onTestFinished } from 'vitest';
import { waitFor } from '../helpers/wait.ts';
import { startSystemdHost } from './host.ts';
import { startZooKeeper } from './zookeeper.ts';

const why = inject('noContainers');
const unit = 'vipkeeper.service';

/** A leave alone ends with shutdown.timeout: there is nobody to hand over to. */
const vipkeeperYaml = (zooKeeper: string) => `member: host1
zookeeper: { hosts: ["${zooKeeper}"], sessionTimeout: 2s }
stateDir: /run/vipkeeper
bgp: { require: off }
shutdown: { timeout: 1s }
services:
  apex:
    vips: { 10.99.0.1: host1 }
    checks: [{ exec: "true", interval: 1s, timeout: 1s }]
    takeover: { settle: 0s, release: 0s }
`;
const exabgpConf = `process vipkeeper {
  run /usr/bin/vipkeeper run -f /etc/vipkeeper/vipkeeper.yaml;
  encoder json;
}
neighbor 192.0.2.1 {
  router-id 192.0.2.2;
  local-address 192.0.2.2;
  local-as 65001;
  peer-as 65000;
  family { ipv4 unicast; }
  api { processes [ vipkeeper ]; neighbor-changes; }
}
`;

it('the package runs under systemd: locked up, reloaded, restarted after a crash, stopped in order', async ({
  skip,
}) => {
  skip(why !== '', why);
  const network = await new Network().start();
  onTestFinished(async () => void (await network.stop()));
  const zooKeeper = await startZooKeeper(network);
  onTestFinished(() => zooKeeper.stop());
  const host = await startSystemdHost(network.getName());
  const journal = () => host.run(`journalctl --unit ${unit} --output cat`);
  /** Waits for so many lines of the journal. */
  const says = (line: RegExp, times = 1) =>
    waitFor(async () => [...(await journal()).matchAll(new RegExp(line, 'g'))].length >= times, {
      what: `the journal to say ${line} (${times})`,
      timeoutMs: 60_000,
      everyMs: 200,
    }).catch(async (error: Error) => {
      throw new Error(`${error.message}\n${await journal()}`);
    });

  await host.run(`dpkg --install /package.deb
    printf %s '${vipkeeperYaml(zooKeeper.address)}' > /etc/vipkeeper/vipkeeper.yaml
    printf %s '${exabgpConf}' > /etc/vipkeeper/exabgp.conf
    systemctl enable --now ${unit}`);
  await says(/claim on 10\.99\.0\.1\/32 of apex: created/);
  const status = await host.run(`cat /proc/$(systemctl show -P MainPID ${unit})/status`);
  for (const lock of [/^CapBnd:\s0+$/m, /^NoNewPrivs:\s1$/m, /^Seccomp:\s2$/m])
    expect(status).toMatch(lock);
  expect(await host.run(`systemd-analyze security ${unit}`)).toMatch(/exposure level .* 1\.\d OK/);
  expect(await host.run('stat --format "%U %a" /run/vipkeeper')).toBe('vipkeeper 700\n');

  await host.run(`sed -i 's/10.99.0.1: host1/&, 10.99.0.2: host1/' /etc/vipkeeper/vipkeeper.yaml
    systemctl reload ${unit}`);
  await says(/claim on 10\.99\.0\.2\/32 of apex: created/);

  await host.run(`kill -9 $(systemctl show -P MainPID ${unit})`);
  await says(/claim on 10\.99\.0\.1\/32 of apex: created/, 2);
  expect(await host.run(`systemctl show -P NRestarts ${unit}`)).toBe('1\n');

  await host.run(`systemctl stop ${unit}`);
  expect(await host.run(`systemctl show -P Result ${unit}`)).toBe('success\n');
  expect(await host.run('ls /run')).not.toContain('vipkeeper');
  const order = [
    /apex: deleted/,
    /withdraw/,
    /exit 0: stopped/,
    /performing shutdown/,
    /^Stopped /,
  ];
  const lastLife = (await journal()).split('\n').slice(-20);
  const places = order.map((line) => lastLife.findLastIndex((text) => line.test(text)));
  expect(places).toEqual(places.toSorted((one, other) => one - other));
  expect(places).not.toContain(-1);
});
