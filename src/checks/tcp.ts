import { connect, isIP, type LookupFunction } from 'node:net';
import type { TcpProbe } from '../core/probe.ts';
import { type BeginLook, describeFailure } from './run.ts';

/** Makes one connection, and closes it as soon as it is made and, where asked for, the banner was read. */
export function lookAtTcp(
  { host, port, source, banner }: TcpProbe,
  lookup: LookupFunction,
): BeginLook {
  const wanted = Buffer.from(banner ?? '');
  return (look) => {
    look.waitsFor('the connection');
    const socket = connect({ host, port, lookup, ...fromSource(source) });
    socket.on('error', (error) => look.judge(false, describeFailure(error)));
    socket.on('connect', () => {
      if (wanted.length === 0) look.judge(true, 'connected');
      else look.waitsFor('the banner');
    });
    let said = Buffer.alloc(0);
    socket.on('data', (chunk) => {
      said = Buffer.concat([said, chunk]);
      const length = Math.min(said.length, wanted.length);
      const isSame = said.subarray(0, length).equals(wanted.subarray(0, length));
      if (isSame && length < wanted.length) return;
      const line = said.toString('latin1').split(/[\r\n]/)[0] ?? '';
      look.judge(isSame, isSame ? `connected: ${line}` : `another banner: ${line}`);
    });
    socket.on('close', () => look.judge(false, 'closed by the server before its banner'));
    return () => void socket.destroy();
  };
}

/** Options that make a connection leave from one of our addresses, to an address of the same family. */
export function fromSource(source: string | undefined): { localAddress?: string; family?: number } {
  return source === undefined ? {} : { localAddress: source, family: isIP(source) };
}
