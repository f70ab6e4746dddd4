import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { temporaryDirectory } from '../helpers/temporary-directory.ts';
import { repositoryRoot, runCommand } from './commands.ts';

const why = inject('noContainers');
const image = 'vipkeeper-test-debian';
const buildMs = 600_000;

async function buildPackage(): Promise<string> {
  const directory = temporaryDirectory();
  await runCommand(['deploy/debian/build', directory], {
    environment: { SOURCE_DATE_EPOCH: '1700000000' },
  });
  return join(directory, readdirSync(directory)[0] ?? '');
}

describe('the Debian package', () => {
  it('is installed, runs, and is removed without a trace', { timeout: buildMs }, async ({
    skip,
  }) => {
    skip(why !== '', why);
    const base = [
      '--build-arg',
      `BASE=${process.env['BASE']}`,
      '--build-arg',
      `NODE=${process.env['NODE']}`,
    ];
    const file = ['--file', 'test/containers/debian.Dockerfile'];
    await runCommand(
      ['docker', 'build', '--network', 'host', ...base, ...file, '--tag', image, 'test/containers'],
      { timeoutMs: buildMs },
    );
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
      ...[image, 'sh', '-c', script],
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
