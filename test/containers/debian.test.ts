import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, inject, it } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { repositoryRoot, runCommand } from './commands.ts';
import { buildPackage } from './host.ts';
import { images } from './images.ts';

const why = inject('noContainers');
describe('the Debian package', () => {
  it('is installed, runs, and is removed without a trace', async ({ skip }) => {
    skip(why !== '', why);
    const script = `set -ex
      find / -xdev -path /proc -prune -o -print | sort > /tmp/before
      dpkg --install /package.deb
      vipkeeper --version
      exazk --help | head -1
      id vipkeeper
      cp /vipkeeper.yaml /etc/vipkeeper/
      HOSTNAME=lb1 vipkeeper check -f /etc/vipkeeper/vipkeeper.yaml
      test -x /usr/lib/vipkeeper/hand-over
      grep -c . /usr/lib/systemd/system/vipkeeper.service
      dpkg --verify vipkeeper
      dpkg --purge vipkeeper
      find / -xdev -path /proc -prune -o -print | sort > /tmp/after
      comm -13 /tmp/before /tmp/after | sed 's/^/left: /'`;
    const output = await runCommand([
      ...['docker', 'run', '--rm', '--network', 'none'],
      ...['--volume', `${await buildPackage()}:/package.deb:ro`],
      // Docker's images of Debian leave documentation out, and the example with it.
      ...['--volume', `${repositoryRoot}/deploy/exabgp/vipkeeper.yaml:/vipkeeper.yaml:ro`],
      ...[images.host, 'sh', '-c', script],
    ]);
    expect(output).toContain(`${packageJson.version} (`);
    expect(output).toContain('apex: lb1 owns 10.20.255.1/32');
    expect(output).toMatch(/uid=\d+\(vipkeeper\)/);
    const left = output.split('\n').filter((line) => line.startsWith('left: '));
    expect(left.filter((line) => !/\/tmp\/|\/var\/lib\/dpkg|\/var\/log/.test(line))).toEqual([]);
  });

  it('is the same, byte by byte, when it is built again', async () => {
    const sumOf = async () =>
      createHash('sha256')
        .update(readFileSync(await buildPackage()))
        .digest('hex');
    expect(await sumOf()).toBe(await sumOf());
  });
});
