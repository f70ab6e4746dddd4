import type { ClientFactory } from '../../src/zookeeper/client.ts';
import type { LibraryRequests } from '../../src/zookeeper/library.ts';

/** How many requests of each kind went out. */
export interface RequestCounts {
  reads: number;
  writes: number;
  heartbeats: number;
}

/** A factory whose clients add what they send to `counts`. */
export function countRequests(create: ClientFactory, counts: RequestCounts): ClientFactory {
  return (options, listener) => {
    const client = create(options, listener);
    return {
      connect: () => client.connect(),
      isConnected: () => client.isConnected(),
      timeoutMs: () => client.timeoutMs(),
      key: () => client.key(),
      drop: (detail) => client.drop(detail),
      kill: () => client.kill(),
      close: (done) => client.close(done),
      library: counted(client.library, counts),
    };
  };
}

const kinds: ReadonlyMap<string | symbol, keyof RequestCounts> = new Map([
  ['exists', 'reads'],
  ['getChildren', 'reads'],
  ['getData', 'reads'],
  ['create', 'writes'],
  ['setData', 'writes'],
  ['remove', 'writes'],
  // Replacing claims is rare: what commits is nearly always a heartbeat.
  ['transaction', 'heartbeats'],
]);

/** Every method is looked up once per call. */
function counted(library: LibraryRequests, counts: RequestCounts): LibraryRequests {
  return new Proxy(library, {
    get(target, name) {
      const kind = kinds.get(name);
      if (kind !== undefined) counts[kind] += 1;
      const method: unknown = Reflect.get(target, name);
      return typeof method === 'function' ? method.bind(target) : method;
    },
  });
}
