import type { Finding } from '../../../src/cli/doctor/finding.ts';
import type { DoctorHost } from '../../../src/cli/doctor/host.ts';
import type { Config } from '../../../src/config/config.ts';
import { load, valid } from '../../config/load.ts';

export interface FakeHost extends Partial<DoctorHost> {
  readonly files?: Readonly<Record<string, string>>;
  /** Programs that there are, with what they print; undefined: they fail. */
  readonly programs?: Readonly<Record<string, string | undefined>>;
}

/** A host on which all is well, but for what is planted. */
export function fakeHost({ files = {}, programs, ...more }: FakeHost = {}): DoctorHost {
  const known: Readonly<Record<string, string | undefined>> = {
    exabgp: 'ExaBGP : 4.2.21\nPython : 3.11.2',
    '/usr/bin/vipkeeper': '',
    flock: '',
    logger: '',
    ...programs,
  };
  return {
    readText: (path) => files[path],
    find: (program) => (program in known ? program : undefined),
    run: (program) => {
      const stdout = known[program];
      const failure = stdout === undefined ? `${program}: no` : undefined;
      return Promise.resolve({ failure, stdout: stdout ?? '' });
    },
    uid: 0,
    user: 'root',
    ...more,
  };
}

/** A valid configuration of lb1, with more at its top and in its service. */
export function configOf(top = '', service = ''): Config {
  const text = `
zookeeper: { hosts: [zk1] }
${top}
services:
  apex:
    vips: { 10.20.255.1: lb1, 10.20.255.2: lb2 }
    checks: [{ tcp: "127.0.0.1:80" }]
${service}`;
  return valid(load(text, { hostname: 'lb1' })).config;
}

/** As a person reads them. */
export function lines(findings: readonly Finding[]): readonly string[] {
  return findings.map(
    ({ verdict, check, detail, fix }) =>
      `${verdict} ${check}: ${detail}${fix === undefined ? '' : `; ${fix}`}`,
  );
}
