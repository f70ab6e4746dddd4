import { closeSync, existsSync, statSync } from 'node:fs';
import { uptime } from 'node:os';
import { join } from 'node:path';
import type { Agreement, ServiceAgreement } from '../core/agreement.ts';
import type { Clock } from '../core/clock.ts';
import type { Level } from '../core/report.ts';
import type { ServiceName, ServiceSettings } from '../core/settings.ts';
import { type AtomicFile, createAtomicFile } from './atomic-file.ts';
import { lockFile } from './lock.ts';
import { isOurs, makePrivateDirectory, modeOf, readPrivateFile } from './private-file.ts';
import { encodeState, parseState, type SavedSession, type StateIdentity } from './saved-state.ts';

export interface StateDirectoryOptions {
  readonly path: string;
  readonly identity: Omit<StateIdentity, 'znodes'>;
  /** As configured at the start. */
  readonly services: readonly KeptService[];
  /** The path of a service's claims, which tells it apart for good. */
  claimsOf(service: ServiceName): string;
  /** What stands for every znode that a session which serves these may hold. */
  znodesOf(services: readonly KeptService[]): string;
  /** As configured. */
  readonly sessionTimeoutMs: number;
}

/** A service by its VIPs; an owner matters only where it is this member. */
export type KeptService = Pick<ServiceSettings, 'name' | 'vips'>;

export interface StateDirectoryPorts {
  readonly clock: Clock;
  note(level: Level, place: string, detail: string): void;
}

/** What an earlier life of this agent left, and where this one leaves its own. Calls return at once and never throw. */
export interface StateDirectory {
  readonly session: SavedSession | undefined;
  readonly agreement: Agreement | undefined;
  keepSession(session: SavedSession | undefined): void;
  keepAgreement(service: ServiceName, agreement: ServiceAgreement): void;
  /** Goes on with these, and with the znodes that the session may hold for them; others are forgotten. */
  setServices(services: readonly KeptService[]): void;
  /**
   * Resolves when everything is written, and lets another agent in; to false after `deadlineMs`, when a write hangs.
   * Never rejects.
   */
  stop(deadlineMs: number): Promise<boolean>;
}

/** An agent that was away for longer cannot know what has become of the others: ZooKeeper may have been there. */
const agreementAgeMaxS = 600;
/** So the file says every minute that the agent still stands by it. */
const rewriteMs = 60_000;

/**
 * Opens the state directory, and locks it for this agent alone. Undefined when it cannot be used; that is told once,
 * and no reason not to serve VIPs.
 */
export function openStateDirectory(
  options: StateDirectoryOptions,
  ports: StateDirectoryPorts,
): StateDirectory | undefined {
  const name = `${options.identity.member}, pid ${process.pid}`;
  const lock = openLocked(options.path, name, ports.note);
  return lock === undefined ? undefined : new LockedDirectory(options, ports, lock);
}

class LockedDirectory implements StateDirectory {
  readonly session: SavedSession | undefined;
  readonly agreement: Agreement | undefined;
  readonly #options: StateDirectoryOptions;
  readonly #clock: Clock;
  readonly #lock: number;
  readonly #file: AtomicFile;
  readonly #services = new Map<string, ServiceAgreement>();
  #identity: StateIdentity;
  #session: SavedSession | undefined;
  #cancelRewrite = () => {};
  #stopping: Promise<boolean> | undefined;

  constructor(options: StateDirectoryOptions, ports: StateDirectoryPorts, lock: number) {
    this.#options = options;
    this.#identity = { ...options.identity, znodes: options.znodesOf(options.services) };
    this.#clock = ports.clock;
    this.#lock = lock;
    const path = join(options.path, 'state.json');
    this.#file = createAtomicFile(path, {
      clock: ports.clock,
      failed: ({ message }) =>
        ports.note('error', path, `cannot be written: ${message}; make room or correct the rights`),
      recovered: () => ports.note('info', path, 'is written again'),
    });
    this.agreement = this.#restore(path, ports);
    this.session = this.#session;
    this.#rewriteLater();
  }

  keepSession(session: SavedSession | undefined): void {
    this.#session = session;
    this.#write();
  }

  keepAgreement(service: ServiceName, agreement: ServiceAgreement): void {
    this.#services.set(this.#options.claimsOf(service), agreement);
    this.#write();
  }

  setServices(services: readonly KeptService[]): void {
    this.#identity = { ...this.#identity, znodes: this.#options.znodesOf(services) };
    const left = new Set(services.map(({ name }) => this.#options.claimsOf(name)));
    for (const claims of this.#services.keys())
      if (!left.has(claims)) this.#services.delete(claims);
    this.#write();
  }

  stop(deadlineMs: number): Promise<boolean> {
    this.#stopping ??= this.#stop(deadlineMs);
    return this.#stopping;
  }

  async #stop(deadlineMs: number): Promise<boolean> {
    this.#cancelRewrite();
    const isWritten = await this.#file.stop(deadlineMs);
    // What hangs may still come to write.
    if (isWritten) closeSync(this.#lock);
    return isWritten;
  }

  #write(): void {
    this.#file.write(() =>
      encodeState({ session: this.#session, services: this.#services }, this.#identity, uptime()),
    );
  }

  #rewriteLater(): void {
    this.#cancelRewrite = this.#clock.setTimer(rewriteMs, () => {
      this.#write();
      this.#rewriteLater();
    });
  }

  /** Takes over what is usable of the file, and tells why the rest is not. */
  #restore(path: string, ports: StateDirectoryPorts): Agreement | undefined {
    const ignored = (what: string, why: string): undefined => {
      ports.note('warn', path, `${what} is ignored: ${why}`);
    };
    const content = readPrivateFile(path);
    if (content.kind === 'absent') return undefined;
    if (content.kind === 'unusable') return ignored('the state of an earlier life', content.why);
    const read = parseState(content.text, this.#identity);
    if (read.kind === 'useless') return ignored('the state of an earlier life', read.why);
    if (read.whyNoSession !== undefined) ignored("an earlier life's session", read.whyNoSession);
    this.#session = read.state.session;
    const ageS = Math.round(uptime() - read.uptimeS);
    if (ageS < 0 || ageS > agreementAgeMaxS) {
      const limit = `this agent was last there ${ageS} s ago, and ${agreementAgeMaxS} s is the limit`;
      return ignored('what an earlier life had agreed', limit);
    }
    const services = new Map<ServiceName, ServiceAgreement>();
    for (const { name } of this.#options.services) {
      const claims = this.#options.claimsOf(name);
      const agreement = read.state.services.get(claims);
      if (agreement === undefined) continue;
      services.set(name, agreement);
      this.#services.set(claims, agreement);
    }
    if (services.size === 0) return undefined;
    return { sessionTimeoutMs: this.#options.sessionTimeoutMs, services };
  }
}

/** The descriptor that holds the lock; undefined when the directory cannot be used, which is told. */
function openLocked(
  path: string,
  name: string,
  note: StateDirectoryPorts['note'],
): number | undefined {
  try {
    ensureDirectory(path);
    return lockFile(join(path, 'lock'), name);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const without = 'until that is mended, a restarted agent begins with a new session';
    note('error', path, `stateDir cannot be used: ${error.message}; ${without}`);
    return undefined;
  }
}

/** @throws Error when others could put files into it, or it cannot be made. */
function ensureDirectory(path: string): void {
  // Not its parents: that /run/vipkeeper is missing is ours to mend, that /run is hardly meant.
  if (!existsSync(path)) makeDirectory(path);
  const stat = statSync(path);
  if (!stat.isDirectory()) throw new Error('it is no directory');
  if (!isOurs(stat)) throw new Error(`it belongs to another user (uid ${stat.uid})`);
  if ((stat.mode & 0o022) !== 0)
    throw new Error(`others may write to it (mode ${modeOf(stat)}); chmod 700 ${path}`);
}

function makeDirectory(path: string): void {
  try {
    makePrivateDirectory(path);
  } catch (error) {
    const found = error instanceof Error ? error.message : String(error);
    throw new Error(`${found}; make it, for the user that ExaBGP runs as`, { cause: error });
  }
}
