import { describe, expect, it } from 'vitest';
import type { Client, ClientFactory } from '../../src/zookeeper/client.ts';
import { errorCode } from '../../src/zookeeper/library.ts';
import { SimulatedProcess } from './process.ts';
import { createRandom } from './random.ts';
import { createScheduler, type Scheduler } from './scheduler.ts';
import { createSimulatedClients } from './zookeeper/client.ts';
import { Ensemble } from './zookeeper/ensemble.ts';
import { Link } from './zookeeper/link.ts';

/** The rules of real ZooKeeper that the simulation is built on, each as it was measured on a real one. */
const tickMs = 1_000;
const timeoutMs = 4_000;

function setUp(serverCount = 1) {
  const scheduler = createScheduler();
  const random = createRandom(7);
  const ensemble = new Ensemble(scheduler, random, { serverCount, tickMs, syncLimit: 5 });
  for (const path of ['/a', '/b']) ensemble.operate(creation(path));
  scheduler.runUntil(100);
  return { scheduler, ensemble, connect: connector(scheduler, ensemble) };
}

function creation(path: string) {
  return { kind: 'create', path, data: Buffer.alloc(0), owner: undefined } as const;
}

interface Person {
  readonly client: Client;
  readonly links: readonly Link[];
  readonly process: SimulatedProcess;
  readonly heard: string[];
  /** Sends a request; what it is answered with is heard. */
  ask(name: string, send: (library: Client['library']) => void): void;
}

function connector(scheduler: Scheduler, ensemble: Ensemble) {
  let count = 0;
  return ({
    server = 0,
    resume,
  }: {
    server?: number;
    resume?: ReturnType<Client['key']>;
  } = {}): Person => {
    count += 1;
    const process = new SimulatedProcess(scheduler, { rate: 1, wallOffsetMs: 0 });
    const links = ensemble.servers.map(
      (_, index) => new Link(scheduler, createRandom(count * 10 + index)),
    );
    const heard: string[] = [];
    const factory: ClientFactory = createSimulatedClients({
      process,
      ensemble,
      links,
      firstServer: server,
    });
    const client = factory(
      { timeoutMs, resume, auth: undefined },
      {
        connected: (to) => heard.push(`connected ${to.port}`),
        disconnected: () => heard.push('disconnected'),
        ended: (reason) => heard.push(reason),
        fault: (detail) => heard.push(detail),
      },
    );
    process.run(() => client.connect());
    scheduler.runUntil(scheduler.nowMs + 50);
    const ask: Person['ask'] = (name, send) =>
      process.run(() => {
        heard.push(`ask ${name}`);
        send(client.library);
      });
    return { client, links, process, heard, ask };
  };
}

const answer = (person: Person, name: string) => (error: { code: number } | null) =>
  person.heard.push(`${name} ${error === null ? 'ok' : error.code}`);

function createEphemeral(person: Person, path: string): void {
  person.ask('create', (library) =>
    library.create(path, Buffer.from('x'), [], 1, answer(person, 'create')),
  );
}

describe('sessions', () => {
  it('end when nothing was heard for the timeout, rounded up to a tick, and take their ephemerals along', () => {
    const { scheduler, ensemble, connect } = setUp();
    const person = connect();
    createEphemeral(person, '/a/x');
    scheduler.runUntil(scheduler.nowMs + 10);
    const lastWordMs = scheduler.nowMs;
    for (const link of person.links) link.set('black hole');
    scheduler.runUntil(lastWordMs + timeoutMs - tickMs);
    expect(ensemble.leader?.tree.get('/a/x')).toBeDefined();
    scheduler.runUntil(lastWordMs + timeoutMs + tickMs + 10);
    expect(ensemble.leader?.tree.get('/a/x')).toBeUndefined();
    for (const link of person.links) link.set('open');
    scheduler.runUntil(scheduler.nowMs + 3_000);
    expect(person.heard.at(-1)).toBe('expired');
  });

  it('go on with another process that knows the password, and are refused with a wrong one', () => {
    const { scheduler, ensemble, connect } = setUp();
    const first = connect();
    createEphemeral(first, '/a/x');
    scheduler.runUntil(scheduler.nowMs + 10);
    const key = first.client.key();
    first.process.kill();
    for (const connection of ensemble.connectionsOf(first.links)) connection.abandon();
    expect(connect({ resume: key }).heard).toEqual(['connected 0']);
    expect(ensemble.leader?.tree.get('/a/x')).toBeDefined();
    const wrong = { ...key, password: Buffer.alloc(16) };
    expect(connect({ resume: wrong }).heard).toEqual(['expired']);
  });

  it('end at once when they are closed', () => {
    const { scheduler, ensemble, connect } = setUp();
    const person = connect();
    createEphemeral(person, '/a/x');
    scheduler.runUntil(scheduler.nowMs + 10);
    person.process.run(() => person.client.close(() => person.heard.push('closed')));
    scheduler.runUntil(scheduler.nowMs + 50);
    expect(person.heard).toContain('closed');
    expect(ensemble.leader?.tree.get('/a/x')).toBeUndefined();
  });

  it('have their whole time again under a new leader', () => {
    const { scheduler, ensemble, connect } = setUp(3);
    const leader = ensemble.leader?.index ?? 0;
    const person = connect({ server: (leader + 1) % 3 });
    createEphemeral(person, '/a/x');
    scheduler.runUntil(scheduler.nowMs + 100);
    for (const link of person.links) link.set('black hole');
    scheduler.runUntil(scheduler.nowMs + 3_000);
    const [old] = ensemble.servers.filter(({ index }) => index === leader);
    if (old !== undefined) ensemble.kill(old);
    scheduler.runUntil(scheduler.nowMs + 3_000);
    // More than the timeout has passed since its last word.
    expect(ensemble.leader).not.toBe(old);
    expect(ensemble.leader?.tree.get('/a/x')).toBeDefined();
    scheduler.runUntil(scheduler.nowMs + timeoutMs + 2 * tickMs);
    expect(ensemble.leader?.tree.get('/a/x')).toBeUndefined();
  });
});

describe('heartbeats', () => {
  const beat = (person: Person) =>
    person.ask('beat', (library) =>
      library.transaction().check('/a').commit(answer(person, 'beat')),
    );

  it('are one event where nothing is in their way, and keep the session alive', () => {
    const { scheduler, ensemble, connect } = setUp();
    const person = connect();
    createEphemeral(person, '/a/x');
    scheduler.runUntil(scheduler.nowMs + 50);
    for (let count = 0; count < 10; count += 1) {
      person.heard.length = 0;
      const before = scheduler.count;
      beat(person);
      scheduler.runUntil(scheduler.nowMs + 50);
      expect(person.heard).toEqual(['ask beat', 'beat ok']);
      expect(scheduler.count - before).toBe(1);
      scheduler.runUntil(scheduler.nowMs + timeoutMs / 2);
    }
    expect(ensemble.leader?.tree.get('/a/x')).toBeDefined();
  });

  it('are not answered while a link is cut under them, and answered when it heals', () => {
    const { scheduler, connect } = setUp();
    const person = connect();
    person.heard.length = 0;
    beat(person);
    for (const link of person.links) link.set('black hole');
    scheduler.runUntil(scheduler.nowMs + 1_000);
    expect(person.heard).toEqual(['ask beat']);
    for (const link of person.links) link.set('open');
    scheduler.runUntil(scheduler.nowMs + 1_000);
    expect(person.heard).toEqual(['ask beat', 'beat ok']);
  });

  it('are not answered by a server that was killed under them', () => {
    const { scheduler, ensemble, connect } = setUp();
    const person = connect();
    person.heard.length = 0;
    beat(person);
    for (const server of ensemble.servers) ensemble.kill(server);
    scheduler.runUntil(scheduler.nowMs + 1_000);
    expect(person.heard).toContain(`beat ${errorCode.connectionLoss}`);
    expect(person.heard).not.toContain('beat ok');
  });

  it('are answered before what was asked after them', () => {
    const { scheduler, connect } = setUp();
    const person = connect();
    person.heard.length = 0;
    beat(person);
    person.ask('exists', (library) => library.exists('/a', answer(person, 'exists')));
    scheduler.runUntil(scheduler.nowMs + 100);
    expect(person.heard).toEqual(['ask beat', 'ask exists', 'beat ok', 'exists ok']);
  });
});

describe('watches', () => {
  it('fire once, before any answer that shows the change', () => {
    const { scheduler, ensemble, connect } = setUp();
    const person = connect();
    const list = () =>
      person.ask('list', (library) =>
        library.getChildren(
          '/a',
          () => person.heard.push('watch'),
          (_error, names) => person.heard.push(`[${names}]`),
        ),
      );
    list();
    scheduler.runUntil(scheduler.nowMs + 20);
    person.heard.length = 0;
    ensemble.operate(creation('/a/x'));
    ensemble.operate(creation('/a/y'));
    list();
    scheduler.runUntil(scheduler.nowMs + 20);
    expect(person.heard).toEqual(['ask list', 'watch', '[x,y]']);
  });

  it('stand on what is not there only if its existence was asked for', () => {
    const { scheduler, ensemble, connect } = setUp();
    const person = connect();
    const watcher = (name: string) => () => person.heard.push(`watch ${name}`);
    person.ask('exists', (library) =>
      library.exists('/a/x', watcher('exists'), answer(person, 'exists')),
    );
    person.ask('data', (library) =>
      library.getData('/a/x', watcher('data'), answer(person, 'data')),
    );
    scheduler.runUntil(scheduler.nowMs + 20);
    ensemble.operate(creation('/a/x'));
    scheduler.runUntil(scheduler.nowMs + 20);
    expect(person.heard).toContain(`data ${errorCode.noNode}`);
    expect(person.heard.filter((line) => line.startsWith('watch'))).toEqual(['watch exists']);
  });
});

/** By the network, which swallows the answer, or by the servers' end. */
function cut(isDeaf: boolean, ensemble: Ensemble, person: Person): void {
  if (isDeaf) for (const link of person.links) link.set('deaf');
  else for (const server of ensemble.servers) ensemble.kill(server);
}

describe('a connection that is lost', () => {
  it('leaves a write applied or not, and the client does not learn which', () => {
    const outcomes = new Set<string>();
    for (let count = 0; count < 120; count += 1) {
      const delayMs = 0.1 * (count / 2);
      const isDeaf = count % 2 === 1;
      const { scheduler, ensemble, connect } = setUp();
      const person = connect();
      createEphemeral(person, '/a/x');
      scheduler.runUntil(scheduler.nowMs + delayMs);
      cut(isDeaf, ensemble, person);
      scheduler.runUntil(scheduler.nowMs + 10);
      person.process.run(() => person.client.drop('cut'));
      scheduler.runUntil(scheduler.nowMs + 100);
      for (const server of ensemble.servers) ensemble.start(server);
      scheduler.runUntil(scheduler.nowMs + 3_000);
      const told = person.heard.find((line) => line.startsWith('create '));
      const isApplied = ensemble.leader?.tree.get('/a/x') !== undefined;
      outcomes.add(`${told} ${isApplied ? 'applied' : 'not applied'}`);
    }
    expect([...outcomes].sort()).toEqual([
      `create ${errorCode.connectionLoss} applied`,
      `create ${errorCode.connectionLoss} not applied`,
      'create ok applied',
    ]);
  });
});

describe('a partitioned follower', () => {
  it('answers reads of old data, hangs on writes, and drops its clients when the sync limit has passed', () => {
    const { scheduler, ensemble, connect } = setUp(3);
    const follower = ensemble.servers.find((server) => server.role === 'follower');
    const person = connect({ server: follower?.index ?? 0 });
    ensemble.partition(ensemble.servers.map((server) => (server === follower ? 1 : 0)));
    ensemble.operate(creation('/a/x'));
    scheduler.runUntil(scheduler.nowMs + 1_000);
    person.ask('list', (library) =>
      library.getChildren(
        '/a',
        () => undefined,
        (_error, names) => person.heard.push(`[${names}]`),
      ),
    );
    scheduler.runUntil(scheduler.nowMs + 100);
    expect(person.heard.at(-1)).toBe('[]');
    createEphemeral(person, '/a/mine');
    scheduler.runUntil(scheduler.nowMs + 1_000);
    expect(person.heard.at(-1)).toBe('ask create');
    scheduler.runUntil(scheduler.nowMs + 5 * tickMs);
    expect(person.heard).toContain('disconnected');
    // The majority had not heard of it since the partition, and has ended it long before.
    scheduler.runUntil(scheduler.nowMs + 2_000);
    expect(person.heard.at(-1)).toBe('expired');
  });
});

describe('a server that hangs', () => {
  it('takes connections and says nothing, and goes on where it stopped', () => {
    const { scheduler, ensemble, connect } = setUp();
    const [server] = ensemble.servers;
    const person = connect();
    if (server !== undefined) ensemble.hang(server);
    createEphemeral(person, '/a/x');
    scheduler.runUntil(scheduler.nowMs + 1_000);
    expect(person.heard.at(-1)).toBe('ask create');
    if (server !== undefined) ensemble.resume(server);
    scheduler.runUntil(scheduler.nowMs + 100);
    expect(person.heard.at(-1)).toBe('create ok');
  });

  it('expires sessions before it reads what they have sent meanwhile', () => {
    const { scheduler, ensemble, connect } = setUp();
    const [server] = ensemble.servers;
    const person = connect();
    if (server !== undefined) ensemble.hang(server);
    createEphemeral(person, '/a/x');
    scheduler.runUntil(scheduler.nowMs + timeoutMs + 2 * tickMs);
    if (server !== undefined) ensemble.resume(server);
    scheduler.runUntil(scheduler.nowMs + 1_000);
    expect(person.heard).toContain('expired');
    expect(ensemble.leader?.tree.get('/a/x')).toBeUndefined();
  });
});
