// Watches the VIPs of docker-compose.yml from the router: a datagram to each every 20 ms, and a line whenever another LB
// answers, or answers were missing:
//   10.99.0.1 lb2, was lb1; 3 lost, silent for 71 ms

import { createSocket } from 'node:dgram';
import process from 'node:process';

const everyMs = 20;

for (const vip of process.argv.slice(2)) watch(vip);
for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => process.exit(0));

function watch(vip) {
  const socket = createSocket('udp4');
  let sent = 0;
  let last = { sequence: 0, name: 'nobody', atMs: performance.now() };
  let isSilent = false;
  // Nobody answers while no route leads there.
  socket.on('error', () => undefined);
  socket.on('message', (message) => {
    const [sequence, name] = `${message}`.split(' ');
    const next = { sequence: Number(sequence), name, atMs: performance.now() };
    const lost = next.sequence - last.sequence - 1;
    if (lost > 0 || name !== last.name) {
      const silence = Math.round(next.atMs - last.atMs);
      say(`${vip} ${name}, was ${last.name}; ${lost} lost, silent for ${silence} ms`);
    }
    last = next;
    isSilent = false;
  });
  setInterval(() => {
    sent += 1;
    socket.send(`${sent}`, 7007, vip, () => undefined);
    if (isSilent || performance.now() - last.atMs < 1000) return;
    isSilent = true;
    say(`${vip} nobody, was ${last.name}; silent for a second`);
  }, everyMs);
}

function say(line) {
  process.stdout.write(`${new Date().toISOString()} ${line}\n`);
}
