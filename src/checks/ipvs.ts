import type { IpvsProbe } from '../core/probe.ts';
import type { Files } from './files.ts';
import { type RealServers, readRealServers } from './ipvs-table.ts';
import type { BeginLook } from './run.ts';

/** Counts real servers. Remembers the last result, which stands between the thresholds; the first one passes there. */
export function lookAtIpvs(probe: IpvsProbe, files: Files): BeginLook {
  const { service, drop, restore, table } = probe;
  let hadEnough = true;
  const hasEnough = (weighted: number) => {
    if (weighted <= drop) hadEnough = false;
    else if (weighted >= restore) hadEnough = true;
    return hadEnough;
  };
  return (look) => {
    look.waitsFor(`a look at ${table}`);
    return files.read(table, (error, text) => {
      const found = error === null ? readRealServers(text, service) : undefined;
      if (error !== null) look.judge(false, `${table} cannot be read: ${error.code}`);
      else if (found === 'notATable') look.judge(false, `${table} is not a table of IPVS`);
      else look.judge(hasEnough(found?.weighted ?? 0), describe(service, found));
    });
  };
}

/** `tcp 10.20.255.1:80: 3 of 4 real servers`. */
function describe(service: IpvsProbe['service'], found: RealServers | undefined): string {
  const words =
    found === undefined ? 'not in the table' : `${found.weighted} of ${found.count} real servers`;
  if ('mark' in service) return `mark ${service.mark}: ${words}`;
  const { protocol, address, port } = service;
  return `${protocol} ${address.includes(':') ? `[${address}]` : address}:${port}: ${words}`;
}
