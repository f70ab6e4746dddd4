import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { commandIn } from './namespaces.ts';
import { service, type Vip, znodeRoot } from './plan.ts';
import { labEntry, type Run } from './run.ts';
import type { Znode, ZnodeAnswer, ZnodeRequest } from './znode-service.ts';

/** The operator's hand on ZooKeeper: a helper process on the management network. */
export class Znodes {
  private readonly child: ChildProcess;
  private readonly waiting = new Map<number, (answer: ZnodeAnswer) => void>();
  private nextId = 1;

  constructor(run: Run) {
    const [program = 'ip', ...words] = commandIn(run, 'zk', [
      process.execPath,
      labEntry(),
      'znodes',
    ]);
    this.child = spawn(program, words, { stdio: ['pipe', 'pipe', 'inherit'] });
    if (this.child.stdout === null) throw new Error('the znode helper has no output');
    createInterface(this.child.stdout).on('line', (line) => {
      const answer = JSON.parse(line) as ZnodeAnswer;
      this.waiting.get(answer.id)?.(answer);
      this.waiting.delete(answer.id);
    });
  }

  /** Everything below the root, or undefined while ZooKeeper does not answer. */
  async tree(): Promise<readonly Znode[] | undefined> {
    const answer = await this.ask('tree', znodeRoot);
    return answer.error === undefined ? answer.tree : undefined;
  }

  /** Whether every one of these VIPs is claimed. */
  async isAllClaimed(served: readonly Vip[]): Promise<boolean> {
    const paths = new Set((await this.tree())?.map(({ path }) => path));
    return served.every(({ address }) => paths.has(`${znodeRoot}/service/${service}/${address}`));
  }

  /** Puts the service in maintenance, or ends it; returns when the request went to ZooKeeper. */
  async setMaintenance(isOn: boolean): Promise<number> {
    return this.set(`${znodeRoot}/maintenance/${service}`, isOn);
  }

  /** Drains a member, or a VIP everywhere, or lifts that; returns when the request went to ZooKeeper. */
  async setDrain(name: string, isOn: boolean): Promise<number> {
    return this.set(`${znodeRoot}/drain/${service}/${name}`, isOn);
  }

  /** Takes a claim away, as an operator may. */
  async removeClaim(address: string): Promise<number> {
    return this.set(`${znodeRoot}/service/${service}/${address}`, false);
  }

  /** Lifts every drain that there is. */
  async liftDrains(): Promise<void> {
    const folder = `${znodeRoot}/drain/${service}/`;
    const drains = ((await this.tree()) ?? []).filter(({ path }) => path.startsWith(folder));
    for (const { path } of drains) await this.set(path, false);
  }

  /** Ends the helper. */
  stop(): void {
    this.child.stdin?.end();
  }

  private async set(path: string, isThere: boolean): Promise<number> {
    const answer = await this.ask(isThere ? 'create' : 'delete', path);
    if (answer.error !== undefined) throw new Error(`${path}: ${answer.error}`);
    return answer.sentMs;
  }

  private ask(operation: ZnodeRequest['operation'], path: string): Promise<ZnodeAnswer> {
    const id = this.nextId;
    this.nextId += 1;
    return new Promise((resolve) => {
      this.waiting.set(id, resolve);
      this.child.stdin?.write(`${JSON.stringify({ id, operation, path })}\n`);
    });
  }
}
