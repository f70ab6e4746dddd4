import { connect } from 'node:net';

/** Where a server listens. */
interface Place {
  readonly host: string;
  readonly port: number;
}

/** A server's answer to a four-letter word, empty when it does not answer within a second. */
export async function askServer(place: Place, word: 'srvr' | 'cons' | 'mntr'): Promise<string> {
  const socket = connect({ host: place.host, port: place.port });
  socket.setTimeout(1_000, () => socket.destroy());
  let text = '';
  socket.on('data', (bytes) => {
    text += bytes.toString();
  });
  socket.on('error', () => {});
  socket.end(word);
  // Not by `once`, which a refused connection would make fail.
  await new Promise((resolve) => socket.on('close', resolve));
  return text;
}

/** Ids in hex of the sessions whose clients are connected to a server. */
export async function sessionsAt(place: Place): Promise<readonly string[]> {
  const text = await askServer(place, 'cons');
  return [...text.matchAll(/sid=0x([0-9a-f]+)/g)].map(([, id = '']) => id.padStart(16, '0'));
}

/** How many transactions a server has seen in its epoch. */
export async function transactionsAt(place: Place): Promise<number> {
  const zxid = /^Zxid: (0x[0-9a-f]+)/m.exec(await askServer(place, 'srvr'))?.[1];
  return Number(zxid) % 2 ** 32;
}
