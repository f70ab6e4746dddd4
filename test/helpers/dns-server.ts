import { createSocket } from 'node:dgram';
import { once } from 'node:events';

/** Records by `name TYPE`; a number is an RCODE, undefined no answer at all. */
export type Zone = Readonly<Record<string, readonly Buffer[] | number>>;

const typeNumbers: Readonly<Record<number, string>> = {
  1: 'A',
  2: 'NS',
  5: 'CNAME',
  6: 'SOA',
  12: 'PTR',
  15: 'MX',
  16: 'TXT',
  28: 'AAAA',
  33: 'SRV',
  257: 'CAA',
};

/** A name in wire format. */
export function wireName(name: string): Buffer {
  const labels = name.split('.').filter((label) => label !== '');
  return Buffer.concat([
    ...labels.flatMap((label) => [Buffer.from([label.length]), Buffer.from(label)]),
    Buffer.from([0]),
  ]);
}

/** Answers over UDP from a zone that may be changed while it runs; `queries` are what it was asked. */
export async function startDnsServer(zone: Zone, host = '127.0.0.1') {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  const queries: string[] = [];
  const from: string[] = [];
  const server = { zone, queries, from, port: 0, stop: () => socket.close() };
  socket.on('message', (message, sender) => {
    const labels: string[] = [];
    let at = 12;
    for (let length = message[at] ?? 0; length > 0; length = message[at] ?? 0) {
      labels.push(message.toString('latin1', at + 1, at + 1 + length).toLowerCase());
      at += length + 1;
    }
    const type = typeNumbers[message.readUInt16BE(at + 1)] ?? '?';
    const key = `${labels.join('.')} ${type}`;
    queries.push(key);
    from.push(sender.address);
    const found = server.zone[key];
    if (found === undefined) return;
    const records = typeof found === 'number' ? [] : found;
    const header = Buffer.alloc(12);
    message.copy(header, 0, 0, 2);
    header.writeUInt16BE(0x8180 | (typeof found === 'number' ? found : 0), 2);
    header.writeUInt16BE(1, 4);
    header.writeUInt16BE(records.length, 6);
    const answers = records.map((data) => {
      const head = Buffer.alloc(12);
      head.writeUInt16BE(0xc00c, 0);
      message.copy(head, 2, at + 1, at + 5);
      head.writeUInt32BE(3_600, 6);
      head.writeUInt16BE(data.length, 10);
      return Buffer.concat([head, data]);
    });
    socket.send(
      Buffer.concat([header, message.subarray(12, at + 5), ...answers]),
      sender.port,
      sender.address,
    );
  });
  socket.bind(0, host);
  await once(socket, 'listening');
  server.port = socket.address().port;
  return server as Omit<typeof server, 'zone'> & { zone: Zone };
}
