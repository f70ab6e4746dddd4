import { waitFor } from '../helpers/wait.ts';
import { runCommand } from './commands.ts';
import { type ComposeName, compose, composeProject } from './compose.ts';

/** One line of the prober: another LB answers for a VIP, or answers were missing. */
export interface Change {
  readonly vip: string;
  readonly to: string;
  readonly from: string;
  /** Datagrams without an answer, of one every 20 ms. */
  readonly lost: number;
}

export const vips = ['10.99.0.1', '10.99.0.2', '10.99.0.3'] as const;

const line = /(10\.99\.0\.\d) (\S+), was (\S+); (\d+) lost/;
const startMs = 90_000;

/** Starts the topology of docker-compose.yml, and waits until every VIP is answered for by its owner. */
export async function startFabric(name: ComposeName): Promise<Fabric> {
  await compose(name, ['up', '--detach', '--no-build']);
  const fabric = new Fabric(name);
  for (const [index, vip] of vips.entries()) await fabric.answers(vip, [`lb${index + 1}`], startMs);
  return fabric;
}

/** The running topology, as its prober sees it. */
export class Fabric {
  private readonly ids = new Map<string, string>();
  private readonly name: ComposeName;

  constructor(name: ComposeName) {
    this.name = name;
  }

  async stop(): Promise<void> {
    await this.compose('down', '--volumes', '--timeout', '3');
  }

  /** Does what an operator types after `docker compose`. */
  async compose(...args: readonly string[]): Promise<string> {
    return compose(this.name, args);
  }

  /** Everything that has changed since a number of earlier changes. */
  async changes(from = 0): Promise<readonly Change[]> {
    const log = await runCommand(['docker', 'logs', await this.id('prober')]);
    const found = log.split('\n').flatMap((text) => {
      const [, vip = '', to = '', old = '', lost] = line.exec(text) ?? [];
      return vip === '' ? [] : [{ vip, to, from: old, lost: Number(lost) }];
    });
    return found.slice(from);
  }

  /** Waits until one of these answers for a VIP; resolves to its name. */
  async answers(vip: string, names: readonly string[], timeoutMs = 30_000): Promise<string> {
    return waitFor(
      async () => {
        const last = (await this.changes()).findLast((change) => change.vip === vip);
        return last !== undefined && names.includes(last.to) && last.to;
      },
      { what: `${names.join(' or ')} to answer for ${vip}`, timeoutMs, everyMs: 200 },
    ).catch(async (error: Error) => {
      const seen = JSON.stringify(await this.changes());
      throw new Error(`${error.message}; the prober saw ${seen}\n${await this.log()}`);
    });
  }

  /** Waits until a member's agent says something since its latest start. */
  async says(member: string, text: string): Promise<void> {
    const id = await this.id(member);
    await waitFor(async () => (await lastLife(id)).includes(text), {
      what: `${member} to say ${text}`,
      timeoutMs: 30_000,
      everyMs: 200,
    });
  }

  /** The container of a service of the compose file; it stays the same when it is stopped and started. */
  async id(service: string): Promise<string> {
    const known =
      this.ids.get(service) ?? (await this.compose('ps', '--all', '--quiet', service)).trim();
    this.ids.set(service, known);
    return known;
  }

  private async log(): Promise<string> {
    return this.compose('logs', '--no-color', '--tail', '8', 'lb1', 'lb2', 'lb3');
  }
}

/** Containers, networks and volumes of the topology, which are none before it is up and after it is down. */
export async function leftOvers(): Promise<string> {
  const own = ['--quiet', '--filter', `label=com.docker.compose.project=${composeProject}`];
  const lists = [
    ['ps', '--all'],
    ['network', 'ls'],
    ['volume', 'ls'],
  ].map((list) => runCommand(['docker', ...list, ...own]));
  return (await Promise.all(lists)).join('');
}

async function lastLife(id: string): Promise<string> {
  const started = ['docker', 'inspect', '--format', '{{.State.StartedAt}}', id];
  const since = (await runCommand(started)).trim();
  return runCommand(['sh', '-c', `docker logs --since "${since}" "${id}" 2>&1`]);
}
