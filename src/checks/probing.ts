import { startCommand } from '../command/command.ts';
import type { Clock } from '../core/clock.ts';
import type { Probe } from '../core/probe.ts';
import { lookAtDns } from './dns.ts';
import { lookAtFile } from './file.ts';
import { createFiles } from './files.ts';
import { lookAtHttp } from './http.ts';
import { lookAtIpvs } from './ipvs.ts';
import { createNames } from './names.ts';
import { type BeginLook, type StartRun, startLooks } from './run.ts';
import { lookAtTcp } from './tcp.ts';

/** Makes the runs of each kind of check; what runs share, such as threads, is shared by all that one of these made. */
export function createProbing(clock: Clock): (probe: Probe) => StartRun {
  const files = createFiles();
  const names = createNames();
  const lookOf = (probe: Exclude<Probe, { kind: 'exec' }>): BeginLook => {
    switch (probe.kind) {
      case 'http':
        return lookAtHttp(probe, names, files);
      case 'tcp':
        return lookAtTcp(probe, names);
      case 'dns':
        return lookAtDns(probe);
      case 'ipvs':
        return lookAtIpvs(probe, files);
      case 'file':
        return lookAtFile(probe, files);
      case 'always':
        return (look) => {
          look.judge(probe.passes, `always ${probe.passes ? 'up' : 'down'}`);
          return () => undefined;
        };
    }
  };
  return (probe) => {
    if (probe.kind !== 'exec') return startLooks(lookOf(probe), clock);
    const { command } = probe;
    return (timeoutMs, on) => startCommand({ command, timeoutMs, clock }, on);
  };
}
