import type { AnyRecord } from 'node:dns';
import { isIP } from 'node:net';
import type { DnsProbe } from '../core/probe.ts';
import type { BeginLook } from './run.ts';

/** Failures as DNS names them, by the codes of c-ares. */
const failures: Readonly<Record<string, string>> = {
  ENOTFOUND: 'no such name (NXDOMAIN)',
  ESERVFAIL: 'the server failed (SERVFAIL)',
  EREFUSED: 'the server refused (REFUSED)',
  ENOTIMP: 'the server cannot do that (NOTIMP)',
  EFORMERR: 'the server does not understand (FORMERR)',
  ECONNREFUSED: 'the server cannot be reached',
  ETIMEOUT: 'the server does not answer',
};

/** Asks one server, past every cache of this machine: each run has a resolver of its own. */
export function lookAtDns({ server, name, type, answers, source }: DnsProbe): BeginLook {
  const wanted = answers.map((answer) => comparable(answer, type));
  return (look, timeoutMs) => {
    look.waitsFor('the answer');
    const { Resolver } = process.getBuiltinModule('node:dns');
    // A lost datagram is asked for once more; c-ares waits twice as long then.
    const resolver = new Resolver({ timeout: Math.max(1, Math.floor(timeoutMs / 3)), tries: 2 });
    resolver.setServers([server]);
    if (source !== undefined && isIP(source) === 4) resolver.setLocalAddress(source);
    else if (source !== undefined) resolver.setLocalAddress('0.0.0.0', source);
    resolver.resolve(name, type, (error, records) => {
      if (error !== null) {
        const words = error.code === 'ENODATA' ? `no ${type} record` : failures[error.code ?? ''];
        look.judge(false, words ?? error.message);
        return;
      }
      const found = (Array.isArray(records) ? records : [records]).map(recordText);
      const known = new Set(found.map((text) => comparable(text, type)));
      const missing = answers.find((_, index) => !known.has(wanted[index] ?? ''));
      const list = `${type} ${found.join(', ')}`;
      look.judge(missing === undefined, missing === undefined ? list : `no ${missing} in ${list}`);
    });
    return () => resolver.cancel();
  };
}

/** A record as zone files write it. */
function recordText(record: string | readonly string[] | AnyRecord | object): string {
  if (typeof record === 'string') return record;
  // The parts of one TXT record are one text.
  if (Array.isArray(record)) return record.join('');
  // A CAA record is a flag and one property; those of the other types come in the order of zone files but for these.
  if ('critical' in record) {
    const [tag, value] = Object.entries(record).find(([key]) => key !== 'critical') ?? [];
    return `${record.critical} ${tag} "${value}"`;
  }
  if ('exchange' in record && 'priority' in record) return `${record.priority} ${record.exchange}`;
  if ('weight' in record && 'priority' in record && 'port' in record && 'name' in record)
    return `${record.priority} ${record.weight} ${record.port} ${record.name}`;
  return Object.values(record).join(' ');
}

/** Names do not tell capital letters from small ones, and end in a dot or not. */
function comparable(text: string, type: DnsProbe['type']): string {
  return type === 'TXT' || type === 'CAA' ? text : text.toLowerCase().replace(/\.$/, '');
}
