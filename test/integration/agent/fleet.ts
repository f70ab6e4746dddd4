import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import {
  type AgentProcess,
  type AgentProcessOptions,
  startAgentProcess,
} from '../../helpers/agent-process.ts';
import { stalePrefix } from '../../helpers/namespace.ts';
import { waitFor } from '../../helpers/wait.ts';
import type { ZooKeeper } from '../../helpers/zookeeper.ts';
import { type Operator, operatorOf, superuser } from '../zookeeper/operator.ts';
import { type Changes, vip1, vip2, vip3, writeAgentConfig } from './agent-config.ts';

export { vip1, vip2, vip3 } from './agent-config.ts';

let rootCount = 0;

/** A service of its own in ZooKeeper: paths, a person with all rights, and agents. Gone with the test. */
export class Fleet {
  readonly root: string;
  readonly zooKeeper: ZooKeeper;
  readonly directory: string;
  readonly #agents: AgentProcess[] = [];

  constructor(zooKeeper: ZooKeeper) {
    rootCount += 1;
    this.root = `/fleet${rootCount}`;
    this.zooKeeper = zooKeeper;
    this.directory = mkdtempSync(join(tmpdir(), `${stalePrefix}${process.pid}-fleet-`));
    onTestFinished(async () => {
      await Promise.all(this.#agents.map((agent) => agent.stop()));
      // An agent that outlives its ExaBGP for a moment may still write its state; rmSync's own retries do not look again.
      const remove = () => {
        rmSync(this.directory, { recursive: true, force: true });
        return true;
      };
      await waitFor(remove, { what: 'the last file of an agent', everyMs: 50 });
    });
  }

  get claims(): string {
    return `${this.root}/service/apex`;
  }

  get members(): string {
    return `${this.root}/member/apex`;
  }

  get maintenance(): string {
    return `${this.root}/maintenance/apex`;
  }

  /** Starts an agent on scripted pipes, `lb1` unless said otherwise. */
  start(changes: Changes = {}, options?: AgentProcessOptions): AgentProcess {
    return this.spawn(['run', '-f', this.configFile(changes)], options);
  }

  /**
   * A service at rest: the others' claims are there, ours too, and ExaBGP was told about every VIP.
   * @param present the others' VIPs that are claimed, by the operator; the rest is taken over.
   */
  async settle(
    changes: Changes = {},
    present: readonly string[] = [vip2, vip3],
    options?: AgentProcessOptions,
  ): Promise<Settled> {
    const operator = await this.operator();
    await operator.create(this.claims);
    for (const vip of present) await operator.create(`${this.claims}/${vip}`, '', true);
    const agent = this.start(changes, options);
    const claim = `${this.claims}/${vip1}`;
    const missing = [vip2, vip3].filter((vip) => !present.includes(vip));
    const routes = Object.fromEntries(missing.map((vip) => [vip, 200]));
    await waitFor(() => agent.exabgp.told.size === 3, { what: 'a command for every VIP' });
    await agent.hasRoutes({ [vip1]: 100, ...routes });
    await waitFor(() => operator.exists(claim), { what: 'our claim' });
    // The log comes after routes and claims; a test that looks at what is new in it begins behind all of that.
    if (changes.log === undefined) {
      await agent.says(`claim on ${vip1}/32 of apex: created`);
      for (const vip of missing) await agent.says(`${vip}/32 of apex: announced as backup`);
    }
    return { operator, agent, claim };
  }

  /** Starts a launcher with any arguments. */
  spawn(args: readonly string[], options?: AgentProcessOptions): AgentProcess {
    const agent = startAgentProcess(args, options);
    this.#agents.push(agent);
    return agent;
  }

  configFile(changes: Changes = {}): string {
    const hosts = this.zooKeeper.connectString.split(',');
    return writeAgentConfig(this.directory, { hosts, root: this.root, ...changes });
  }

  /** Somebody whom no ACL stops; disconnected when the test ends. */
  operator(): Promise<Operator> {
    const [server] = this.zooKeeper.servers;
    if (server === undefined) throw new Error('no server');
    return operatorOf(server, { digest: superuser });
  }
}

/** An agent at rest. */
export interface Settled {
  readonly operator: Operator;
  readonly agent: AgentProcess;
  /** The path of its claim. */
  readonly claim: string;
}

/** What must not change while somebody feeds an agent bad things. */
export interface LastGoodState {
  /** Throws when a route was touched, or a claim was made anew. */
  stillStands(seenBy?: Operator): Promise<void>;
}

/** Remembers an agent's commands and the claims it holds. */
export async function lastGoodState(
  agent: AgentProcess,
  operator: Operator,
  claims: readonly string[],
): Promise<LastGoodState> {
  const commands = agent.exabgp.commands.length;
  const owners = (by: Operator) => Promise.all(claims.map((path) => by.owner(path)));
  const before = await owners(operator);
  if (before.includes(undefined)) throw new Error(`not all of ${claims.join()} are there`);
  return {
    async stillStands(seenBy = operator) {
      const touched = agent.exabgp.commands.slice(commands).map(({ text }) => text);
      if (touched.length > 0) throw new Error(`routes were touched: ${touched.join('; ')}`);
      const now = await owners(seenBy);
      if (now.join() !== before.join()) throw new Error(`claims changed: ${before} to ${now}`);
    },
  };
}
