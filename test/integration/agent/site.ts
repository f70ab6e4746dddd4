import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LogLine, launcherOf, parseLogLine } from '../../helpers/agent-process.ts';
import { type Bird, type RouteChange, startBird } from '../../helpers/bird.ts';
import { type ExaBgp, startExaBgp } from '../../helpers/exabgp.ts';
import { createNamespace, type Namespace, stalePrefix } from '../../helpers/namespace.ts';
import { waitFor } from '../../helpers/wait.ts';
import type { ZooKeeper } from '../../helpers/zookeeper.ts';
import { type Operator, operatorOf, superuser } from '../zookeeper/operator.ts';
import { type Changes, vip1, vip2, vip3, writeAgentConfig } from './agent-config.ts';

export type Name = 'lb1' | 'lb2' | 'lb3';

/** One LB: a real ExaBGP that runs a real agent. */
export interface SiteMember {
  readonly name: Name;
  readonly exabgp: ExaBgp;
  /** The agent's process; ExaBGP starts a new one when it ends. */
  agentPid(): number;
  /** How many lines were logged so far. */
  mark(): number;
  /** Lines the agent has logged since `from`. */
  said(pattern: RegExp | string, from?: number): readonly LogLine[];
  says(pattern: RegExp | string, from?: number, timeoutMs?: number): Promise<LogLine>;
}

export interface SiteOptions {
  readonly zooKeeper: ZooKeeper;
  /** Who is there; default all three. A VIP of somebody who is not is carried by the others. */
  readonly names?: readonly Name[];
  /** What one member's configuration says differently, or everybody's. */
  readonly changes?: Changes | ((name: Name) => Changes);
  /** A command to put in front of the agent's. */
  readonly wrapper?: (name: Name) => readonly string[];
}

const router = { address: '10.66.0.2', asn: 65001 };
const speakers = [
  { name: 'lb1', address: '10.66.0.11', asn: 65011 },
  { name: 'lb2', address: '10.66.0.12', asn: 65012 },
  { name: 'lb3', address: '10.66.0.13', asn: 65013 },
] as const;
const vips = { lb1: vip1, lb2: vip2, lb3: vip3 } as const;
/** Time that owners get after an outage; above what a claim takes to be made again. */
const takeover = { settle: '2s', release: '500ms' };

let siteCount = 0;

/** Up to three LBs behind one router, in a namespace of their own. What matters is what the router saw. */
export class Site {
  readonly root: string;
  readonly router: Bird;
  readonly #namespace: Namespace;
  readonly #directory: string;
  readonly #options: SiteOptions;
  readonly #members = new Map<Name, SiteMember>();

  private constructor(options: SiteOptions, namespace: Namespace, bird: Bird) {
    siteCount += 1;
    this.root = `/site${siteCount}`;
    this.#options = options;
    this.#namespace = namespace;
    this.router = bird;
    this.#directory = mkdtempSync(join(tmpdir(), `${stalePrefix}${process.pid}-site-`));
  }

  /** Starts the router and every member; to be stopped by whoever started it. */
  static async start(options: SiteOptions): Promise<Site> {
    const addresses = [router, ...speakers].map(({ address }) => `${address}/32`);
    const namespace = createNamespace(addresses);
    const site = new Site(
      options,
      namespace,
      await startBird({ namespace, ...router, speakers: [...speakers] }),
    );
    await Promise.all(site.#names().map((name) => site.startMember(name)));
    return site;
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#members.values()].map(({ exabgp }) => exabgp.stop()));
    this.#namespace.remove();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  get claims(): string {
    return `${this.root}/service/apex`;
  }

  get members(): readonly SiteMember[] {
    return [...this.#members.values()];
  }

  member(name: Name): SiteMember {
    const found = this.#members.get(name);
    if (found === undefined) throw new Error(`${name} was not started`);
    return found;
  }

  /** Starts a member, or one that has ended, again. */
  async startMember(name: Name, more: Changes = {}): Promise<SiteMember> {
    await this.#members.get(name)?.exabgp.stop();
    const speaker = speakers.find((candidate) => candidate.name === name);
    if (speaker === undefined) throw new Error(`no ${name}`);
    const enter = ['/usr/bin/nsenter', `--net=/proc/${process.pid}/ns/net`];
    const wrapper = this.#options.wrapper?.(name) ?? [];
    const launcher = [launcherOf('vipkeeper'), 'run', '-f', this.#configFile(name, more)];
    const exabgp = await startExaBgp({
      ...speaker,
      namespace: this.#namespace,
      neighbors: [router],
      helper: [...enter, ...wrapper, ...launcher],
    });
    const member = createMember(name, exabgp);
    this.#members.set(name, member);
    return member;
  }

  /** Ends a member without a word, as a loss of power does. */
  async powerOff(name: Name): Promise<void> {
    const { exabgp, agentPid } = this.member(name);
    // In this order: left alone, ExaBGP would start another agent.
    const agent = agentPid();
    exabgp.signal('SIGSTOP');
    process.kill(agent, 'SIGKILL');
    exabgp.signal('SIGKILL');
    await exabgp.exited;
  }

  /** What the router has heard so far. */
  mark(): number {
    return this.router.changes().length;
  }

  /** What it has heard since. */
  changesSince(mark: number): readonly RouteChange[] {
    return this.router.changes().slice(mark);
  }

  /** The same in words, sorted, since members do not wait for each other. */
  wordsSince(mark: number): readonly string[] {
    return this.changesSince(mark)
      .map(({ speaker, kind, vip }) => `${speaker} ${kind} ${vip}`)
      .sort();
  }

  /** Waits until it has heard so much more. */
  async hears(mark: number, count: number): Promise<void> {
    await waitFor(() => this.changesSince(mark).length >= count, {
      what: `${count} changes of routes`,
      timeoutMs: 20_000,
      everyMs: 20,
    }).catch((error: Error) => {
      throw new Error(`${error.message}: ${this.wordsSince(mark)}; ${this.#describe()}`);
    });
  }

  /** Whose routes to a VIP the router has. */
  carriers(vip: string): readonly string[] {
    return this.router.changes().findLast((change) => change.vip === vip)?.carriers ?? [];
  }

  /** Waits until the router has the VIP from exactly these. */
  async carriedBy(vip: string, ...names: readonly Name[]): Promise<void> {
    const what = `${vip} to be carried by ${names.join() || 'nobody'}`;
    await waitFor(() => this.carriers(vip).join() === names.join(), {
      what,
      timeoutMs: 20_000,
      everyMs: 10,
    }).catch((error: Error) => {
      throw new Error(`${error.message}: ${this.#describe()}`);
    });
  }

  /**
   * Waits until every VIP is carried by its owner alone, or by all when the owner is not there, and until every owner
   * that is there holds its claim, by a session that lives.
   */
  async atRest(): Promise<void> {
    const names = this.#names();
    for (const [owner, vip] of Object.entries(vips) as [Name, string][])
      await this.carriedBy(vip, ...(names.includes(owner) ? [owner] : names));
    const operator = await this.operator();
    await waitFor(async () => (await this.#holders(operator)) === names.join(), {
      what: `claims of ${names.join()}`,
      timeoutMs: 20_000,
      everyMs: 20,
    });
    operator.close();
  }

  /** Waits for every member, or the named ones, to log such a line. */
  async allSay(pattern: RegExp | string, marks: Marks, timeoutMs?: number): Promise<void> {
    await Promise.all(
      [...marks].map(([name, from]) => this.member(name).says(pattern, from, timeoutMs)),
    );
  }

  /** Where every member's log ends. */
  logMarks(...names: readonly Name[]): Marks {
    const wanted = names.length === 0 ? this.#names() : names;
    return new Map(wanted.map((name) => [name, this.member(name).mark()]));
  }

  /** Somebody whom no ACL stops; disconnected when the test ends. */
  async operator(): Promise<Operator> {
    const { servers } = this.#options.zooKeeper;
    const modes = await Promise.all(servers.map((server) => server.mode()));
    const server = servers[modes.findIndex((mode) => mode !== undefined)];
    if (server === undefined) throw new Error('no server serves');
    return operatorOf(server, { digest: superuser });
  }

  #names(): readonly Name[] {
    return this.#options.names ?? ['lb1', 'lb2', 'lb3'];
  }

  #configFile(name: Name, more: Changes): string {
    const { changes = {}, zooKeeper } = this.#options;
    const { zookeeper, service, ...rest } = typeof changes === 'function' ? changes(name) : changes;
    return writeAgentConfig(this.#directory, {
      hosts: zooKeeper.connectString.split(','),
      root: this.root,
      member: name,
      // A busy machine is no silent ExaBGP.
      exabgp: { stallAfter: '3s' },
      zookeeper: { sessionTimeout: '2s', ...zookeeper, ...more.zookeeper },
      service: { takeover, ...service, ...more.service },
      ...rest,
    });
  }

  async #holders(operator: Operator): Promise<string> {
    const names = [...(await operator.children(this.claims))].sort();
    const data = await Promise.all(names.map((name) => operator.data(`${this.claims}/${name}`)));
    return data.map((text) => String(JSON.parse(text).member)).join();
  }

  #describe(): string {
    const routes = Object.values(vips).map((vip) => `${vip} by ${this.carriers(vip).join()}`);
    const logs = this.members.map(({ name, said }) => {
      const lines = said(/./).slice(-8);
      return `${name}:\n${lines.map(({ msg }) => `  ${msg}`).join('\n')}`;
    });
    return `${routes.join(', ')}\n${logs.join('\n')}`;
  }
}

/** Waits until so much time has passed; for what shows in nothing but that it did not happen. */
export async function passed(ms: number, what: string): Promise<void> {
  const sinceMs = performance.now();
  await waitFor(() => performance.now() - sinceMs >= ms, { what, timeoutMs: ms + 5_000 });
}

/** Positions in the logs of some members. */
export type Marks = ReadonlyMap<Name, number>;

function createMember(name: Name, exabgp: ExaBgp): SiteMember {
  const log = () => exabgp.log().split('\n').slice(0, -1).map(parseLogLine);
  const said: SiteMember['said'] = (pattern, from = 0) =>
    log()
      .slice(from)
      .filter(({ msg }) =>
        typeof pattern === 'string' ? msg.includes(pattern) : pattern.test(msg),
      );
  return {
    name,
    exabgp,
    agentPid() {
      const task = `/proc/${exabgp.pid}/task/${exabgp.pid}/children`;
      const children = readFileSync(task, 'latin1').trim().split(' ');
      const [pid] = children.map(Number);
      if (pid === undefined || !(pid > 1)) throw new Error(`no agent runs on ${name}`);
      return pid;
    },
    mark: () => log().length,
    said,
    says: (pattern, from = 0, timeoutMs = 20_000) =>
      waitFor(() => said(pattern, from)[0], {
        what: `${name} to say ${pattern}`,
        timeoutMs,
        everyMs: 20,
      }).catch((error: Error) => {
        throw new Error(`${error.message}; its log: ${exabgp.log().slice(-3_000)}`);
      }),
  };
}
