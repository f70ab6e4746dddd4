// The service behind the VIPs of docker-compose.yml, beside vipkeeper in the same pod: puts the VIPs on the loopback,
// answers their datagrams with its name, and /healthcheck on port 8080.

import { execFileSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { createServer } from 'node:http';
import { hostname } from 'node:os';
import process from 'node:process';

const vips = process.argv.slice(2);
const name = hostname();

for (const vip of vips) {
  execFileSync('ip', ['address', 'replace', `${vip}/32`, 'dev', 'lo']);
  const socket = createSocket('udp4');
  socket.on('message', (message, { port, address }) =>
    socket.send(`${message} ${name}`, port, address),
  );
  socket.bind(7007, vip);
}
createServer((_request, response) => response.end(`${name}\n`)).listen(8080);
for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => process.exit(0));
