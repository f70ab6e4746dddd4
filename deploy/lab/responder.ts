import { createSocket } from 'node:dgram';
import { knownVips, probePort } from './plan.ts';

/**
 * Runs inside an LB's namespace: answers every probe to any VIP with the probe itself and this LB's name. It is bound
 * to each VIP, so that the answer comes from the address that was asked.
 */
export function runResponder(name: string): void {
  const label = Buffer.from(name);
  for (const { address, family } of knownVips) {
    const socket = createSocket(family === 'ipv4' ? 'udp4' : 'udp6');
    socket.on('message', (message, from) => {
      socket.send([message, label], from.port, from.address, () => {
        // An answer that cannot be sent is a lost probe, and is counted by the one who sent it.
      });
    });
    socket.on('error', (error) => {
      process.stderr.write(`${address}: ${error.message}\n`);
    });
    socket.bind(probePort, address);
  }
}
