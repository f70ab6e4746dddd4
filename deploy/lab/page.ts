import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { startDaemon } from './namespaces.ts';
import { znodeRoot, zooKeeperAddress, zooKeeperPort } from './plan.ts';
import { type Run, repositoryRoot } from './run.ts';

/** As `vipkeeper dashboard` has it. */
const usualPort = 9_469;

/**
 * Serves the page of a lab on this host's loopback, until the lab is removed. Its process is in the lab, where ZooKeeper
 * is reached, and goes with it; its socket was made here, and stays where it was made.
 * @returns its URL.
 */
export async function startPage(run: Run): Promise<string> {
  const server = await listen(usualPort).catch(() => listen(0));
  const { port, fd } = socketOf(server);
  startDaemon({
    run,
    node: 'zk',
    name: 'page',
    command: [
      process.execPath,
      join(repositoryRoot(), 'bin', 'vipkeeper'),
      'dashboard',
      ...['--zookeeper', `${zooKeeperAddress}:${zooKeeperPort}`, '--root', znodeRoot],
      ...['--listen', 'fd:3'],
    ],
    sockets: [fd],
  });
  // Ours is only a second name of what the page has now.
  server.close();
  return `http://127.0.0.1:${port}/`;
}

async function listen(port: number): Promise<Server> {
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

/** Node hands a socket to a child by its descriptor, and tells that in no other way. */
function socketOf(server: Server): { readonly port: number; readonly fd: number } {
  const address = server.address();
  const { _handle: handle } = server as unknown as { _handle?: { readonly fd: number } };
  if (typeof address !== 'object' || address === null || handle === undefined)
    throw new Error('the page has no socket');
  return { port: address.port, fd: handle.fd };
}
