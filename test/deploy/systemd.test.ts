import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../helpers/temporary-directory.ts';

const root = resolve(import.meta.dirname, '../..');
const unit = readFileSync(join(root, 'deploy/systemd/vipkeeper.service'), 'utf8');
const recipe = readFileSync(join(root, 'deploy/debian/build'), 'utf8');
const settingOf = (key: string) => new RegExp(`^${key}=(.*)$`, 'm').exec(unit)?.[1] ?? '';

describe('deploy/systemd', () => {
  it.skipIf(!existsSync('/usr/bin/systemd-analyze'))(
    'is what systemd takes, and well locked up',
    () => {
      const file = join(temporaryDirectory(), 'vipkeeper.service');
      // What the package puts there is here elsewhere.
      const programs = /\/usr\/(sbin\/exabgp|lib\/vipkeeper\/hand-over)/g;
      writeFileSync(file, unit.replaceAll(programs, '/bin/true'));
      const verified = spawnSync('systemd-analyze', ['verify', '--man=no', file], {
        encoding: 'utf8',
      });
      expect([verified.status, verified.stderr]).toEqual([0, '']);
      const security = ['security', '--offline=true', '--threshold=25', file];
      expect(spawnSync('systemd-analyze', security, { encoding: 'utf8' }).status).toBe(0);
    },
  );

  it('hands over by a program of the package, and has the time for it', () => {
    expect(settingOf('ExecStop')).toBe('/usr/lib/vipkeeper/hand-over $MAINPID');
    expect(recipe).toContain('put 755 /usr/lib/vipkeeper "$top/deploy/pod/hand-over"');
    // drain.timeout, unless it is set.
    expect(Number(settingOf('TimeoutStopSec'))).toBeGreaterThan(30);
  });

  it('runs as the account that is made', () => {
    const account = readFileSync(join(root, 'deploy/systemd/vipkeeper.sysusers'), 'utf8');
    expect(account).toMatch(new RegExp(`^u ${settingOf('User')} -`, 'm'));
  });
});
