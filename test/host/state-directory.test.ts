import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { MemberId, ServiceName } from '../../src/core/settings.ts';
import {
  openStateDirectory,
  type StateDirectory,
  type StateDirectoryOptions,
} from '../../src/host/state-directory.ts';
import { apex, vip1 } from '../helpers/core-run.ts';
import { createFakeClock, type FakeClock } from '../helpers/fake-clock.ts';
import { temporaryDirectory } from '../helpers/temporary-directory.ts';
import { waitFor } from '../helpers/wait.ts';

const identity = { member: 'lb1' as MemberId, bootId: 'boot', ensemble: 'zk1 2181' };
const session = { id: Buffer.alloc(8, 1), password: Buffer.alloc(16, 2) };
const agreement = {
  isInMaintenance: false,
  drained: [],
  vips: new Map([[vip1, 'owner'] as const]),
};

const serving = (name: string) => ({ name: name as ServiceName, vips: [] });

/** A place for directories, and everything that was said about them. */
class Host {
  readonly path = join(temporaryDirectory(), 'vipkeeper');
  readonly file = join(this.path, 'state.json');
  readonly told: string[] = [];
  readonly clock: FakeClock = createFakeClock();

  open(change: Partial<StateDirectoryOptions> = {}): StateDirectory | undefined {
    const directory = openStateDirectory(
      {
        path: this.path,
        identity,
        services: [serving(apex)],
        claimsOf: (service) => `/exabgp/service/${service}`,
        znodesOf: (services) => services.map(({ name }) => name).join(),
        sessionTimeoutMs: 6_000,
        ...change,
      },
      {
        clock: this.clock,
        note: (level, place, detail) => this.told.push(`${level} ${place}: ${detail}`),
      },
    );
    onTestFinished(async () => void (await directory?.stop(1_000)));
    return directory;
  }

  /** One life that keeps a session and what it agreed, and ends. */
  async leave(keep: (directory: StateDirectory) => void = keepBoth): Promise<void> {
    const directory = this.open();
    if (directory === undefined) throw new Error(this.told.join());
    keep(directory);
    await directory.stop(60_000);
  }

  /** Replaces keys of the file. */
  edit(change: object): void {
    const content = JSON.parse(readFileSync(this.file, 'utf8'));
    writeFileSync(this.file, JSON.stringify({ ...content, ...change }), { mode: 0o600 });
  }
}

function keepBoth(directory: StateDirectory): void {
  directory.keepSession(session);
  directory.keepAgreement(apex, agreement);
}

describe('a state directory', () => {
  it('hands a session, and what was agreed, from one life to the next', async () => {
    const host = new Host();
    await host.leave();
    const next = host.open();
    expect(next?.session).toEqual(session);
    expect(next?.agreement).toEqual({
      sessionTimeoutMs: 6_000,
      services: new Map([[apex, agreement]]),
    });
    expect(host.told).toEqual([]);
  });

  it('is made for us alone, and so are its files', async () => {
    const host = new Host();
    await host.leave();
    const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);
    expect([host.path, host.file, join(host.path, 'lock')].map(modeOf)).toEqual([
      '700',
      '600',
      '600',
    ]);
  });

  it('keeps no session that was closed on purpose', async () => {
    const host = new Host();
    await host.leave((directory) => {
      keepBoth(directory);
      directory.keepSession(undefined);
    });
    const next = host.open();
    expect(next?.session).toBeUndefined();
    expect(next?.agreement?.services.size).toBe(1);
    expect(readFileSync(host.file, 'utf8')).not.toContain('password');
  });

  it('keeps what it found through a life that had nothing to add', async () => {
    const host = new Host();
    await host.leave();
    await host.leave((directory) => directory.keepSession(directory.session));
    const next = host.open();
    expect(next?.session).toEqual(session);
    expect(next?.agreement?.services.get(apex)).toEqual(agreement);
  });

  it('forgets services that are not configured any more', async () => {
    const host = new Host();
    await host.leave();
    const next = host.open({ services: [serving('www')] });
    expect(next?.agreement).toBeUndefined();
    next?.keepSession(undefined);
    await next?.stop(60_000);
    expect(readFileSync(host.file, 'utf8')).not.toContain('apex');
  });

  it('follows a change of services: its session may be continued by who is configured like that', async () => {
    const host = new Host();
    const services = [serving('www'), serving('apex')];
    await host.leave((directory) => {
      keepBoth(directory);
      directory.setServices(services);
    });
    const next = host.open({ services });
    expect(next?.session).toEqual(session);
    expect(next?.agreement?.services.size).toBe(1);
    expect(host.told).toEqual([]);
  });

  it('keeps nothing of a service that is gone', async () => {
    const host = new Host();
    await host.leave((directory) => {
      keepBoth(directory);
      directory.setServices([serving('www')]);
    });
    expect(readFileSync(host.file, 'utf8')).not.toContain('apex');
  });

  it('says every minute that it still stands by what was agreed', async () => {
    const host = new Host();
    await host.leave();
    host.edit({ uptimeS: 0.1 });
    const uptimeS = () => Number(JSON.parse(readFileSync(host.file, 'utf8')).uptimeS);
    const next = host.open();
    host.clock.advance(59_999);
    expect(uptimeS()).toBe(0.1);
    host.clock.advance(1);
    await waitFor(() => uptimeS() > 0.1, { what: 'another time' });
    await next?.stop(60_000);
    expect(host.clock.timerCount).toBe(0);
  });
});

describe('a state that is not ours to use', () => {
  const why = (host: Host) => host.told.map((line) => line.replace(host.path, ''));

  it.each<[string, object, string]>([
    ['of another member', { member: 'lb2' }, 'it is of member lb2, not of this member'],
    ['of another boot', { bootId: 'other' }, 'it is of another boot or host'],
    ['of another ensemble', { ensemble: 'zk2 2181' }, 'it is of another ZooKeeper ensemble'],
    ['of another version', { v: 2 }, 'it is not in format version 1'],
  ])('%s is ignored, with the reason', async (_, change, reason) => {
    const host = new Host();
    await host.leave();
    host.edit(change);
    const next = host.open();
    expect([next?.session, next?.agreement]).toEqual([undefined, undefined]);
    expect(why(host)).toEqual([
      `warn /state.json: the state of an earlier life is ignored: ${reason}`,
    ]);
  });

  it('that others could read is ignored, and the next one is private again', async () => {
    const host = new Host();
    await host.leave();
    chmodSync(host.file, 0o644);
    const next = host.open();
    expect(next?.session).toBeUndefined();
    expect(why(host)).toEqual([
      'warn /state.json: the state of an earlier life is ignored: others may read it (mode 644), and it holds a password',
    ]);
    next?.keepSession(session);
    await next?.stop(60_000);
    expect(statSync(host.file).mode & 0o777).toBe(0o600);
  });

  it.each(['', '{', 'garbage', '\0'.repeat(4_096)])(
    'is replaced when it is %j',
    async (content) => {
      const host = new Host();
      await host.leave();
      writeFileSync(host.file, content);
      const next = host.open();
      expect(next?.session).toBeUndefined();
      expect(host.told).toHaveLength(1);
      next?.keepSession(session);
      await next?.stop(60_000);
      expect(host.open()?.session).toEqual(session);
    },
  );

  it('keeps a session that may hold other znodes from being continued, but not what was agreed', async () => {
    const host = new Host();
    await host.leave();
    const next = host.open({ services: [serving('apex'), serving('www')] });
    expect(next?.session).toBeUndefined();
    expect(next?.agreement?.services.size).toBe(1);
    expect(why(host)).toEqual([
      "warn /state.json: an earlier life's session is ignored: it may hold other znodes than are configured now",
    ]);
  });

  it.each([0, 1e12])(
    'is too old, or from the future, at %i s after boot: only the session is tried',
    async (uptimeS) => {
      const host = new Host();
      await host.leave();
      host.edit({ uptimeS });
      const next = host.open();
      expect(next?.session).toEqual(session);
      expect(next?.agreement).toBeUndefined();
      expect(why(host)[0]).toContain(
        'what an earlier life had agreed is ignored: this agent was last there',
      );
    },
  );
});

describe('a directory that cannot be used', () => {
  const told = (host: Host) => host.told.map((line) => line.replaceAll(host.path, 'DIR'));
  const without = 'until that is mended, a restarted agent begins with a new session';

  it('in the hands of another living agent is left alone, by name', async () => {
    const host = new Host();
    const first = host.open();
    first?.keepSession(session);
    expect(host.open()).toBeUndefined();
    expect(told(host)).toEqual([
      `error DIR: stateDir cannot be used: another living agent uses it (lb1, pid ${process.pid}); give each one of its own; ${without}`,
    ]);
    await first?.stop(60_000);
    expect(host.open()?.session).toEqual(session);
  });

  it('lies in one that does not exist', () => {
    const host = new Host();
    const path = join(host.path, 'sub');
    expect(host.open({ path })).toBeUndefined();
    expect(told(host)).toEqual([
      `error DIR/sub: stateDir cannot be used: ENOENT: no such file or directory, mkdir 'DIR/sub'; make it, for the user that ExaBGP runs as; ${without}`,
    ]);
    expect(existsSync(host.path)).toBe(false);
  });

  it('is a file', () => {
    const host = new Host();
    writeFileSync(host.path, '');
    expect(host.open()).toBeUndefined();
    expect(told(host)[0]).toContain('it is no directory');
  });

  it.each([0o777, 0o1777, 0o770])('others may write to, by mode %o', (mode) => {
    const host = new Host();
    mkdirSync(host.path);
    chmodSync(host.path, mode);
    expect(host.open()).toBeUndefined();
    expect(told(host)[0]).toContain(
      `others may write to it (mode ${mode.toString(8)}); chmod 700 DIR`,
    );
  });

  it("is made so that we can enter it, with ExaBGP's umask too", () => {
    const umask = process.umask(0o137);
    onTestFinished(() => void process.umask(umask));
    const host = new Host();
    expect(host.open()).toBeDefined();
    expect(statSync(host.path).mode & 0o777).toBe(0o700);
  });

  it('may be one that others can only read', () => {
    const host = new Host();
    mkdirSync(host.path, { mode: 0o755 });
    expect(host.open()).toBeDefined();
  });

  it('that vanishes is told once, while the agent goes on', async () => {
    const host = new Host();
    const directory = host.open();
    rmSync(host.path, { recursive: true });
    directory?.keepSession(session);
    await waitFor(() => host.told.length === 1, { what: 'the failure' });
    directory?.keepSession(undefined);
    await directory?.stop(60_000);
    expect(told(host)).toEqual([
      "error DIR/state.json: cannot be written: ENOENT: no such file or directory, open 'DIR/state.json.new'; make room or correct the rights",
    ]);
  });
});
