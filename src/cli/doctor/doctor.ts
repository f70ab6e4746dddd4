import { resolve } from 'node:path';
import { createClock } from '../../agent/clock.ts';
import { renderProblem } from '../../config/problem.ts';
import { exitCodes } from '../exit-codes.ts';
import { loadFile } from '../load.ts';
import { userName } from '../operator-name.ts';
import { examineEnsemble } from './ensemble.ts';
import { examineExabgp } from './exabgp.ts';
import { type Finding, findingLines, findingsOf } from './finding.ts';
import { createDoctorHost } from './host.ts';
import { examineNetwork } from './network.ts';
import { examineRights } from './rights.ts';

export interface DoctorOptions {
  readonly config: string;
  readonly exabgp: string;
  readonly exabgpConf: string;
  readonly exabgpEnv: string;
  readonly json?: true;
}

/** Looks at this host, and says on stdout what it found. */
export async function examine(options: DoctorOptions): Promise<void> {
  const findings = await findingsOfHost(options);
  const hasFailed = findings.some(({ verdict }) => verdict === 'failed');
  const lines =
    options.json === true
      ? [JSON.stringify({ ok: !hasFailed, findings }, undefined, 2)]
      : findingLines(findings, process.stdout.isTTY && process.env['NO_COLOR'] === undefined);
  for (const line of lines) process.stdout.write(`${line}\n`);
  if (hasFailed) process.exitCode = exitCodes.problems;
}

async function findingsOfHost(options: DoctorOptions): Promise<readonly Finding[]> {
  const clock = createClock();
  const host = createDoctorHost(clock, userName());
  const places = {
    program: options.exabgp,
    conf: options.exabgpConf,
    env: options.exabgpEnv,
  };
  const { ok, warning, failed, skipped } = findingsOf('configuration');
  // As ExaBGP's configuration names it, wherever this is typed.
  const file = resolve(options.config);
  const loaded = loadFile(file);
  if (loaded.kind === 'wrong') {
    return [
      ...loaded.problems.map((problem) =>
        failed(renderProblem(problem), `vipkeeper check -f ${file}`),
      ),
      skipped('what depends on it is not looked at'),
      ...(await examineExabgp(host, places, undefined)),
    ];
  }
  const { config, warnings } = loaded;
  const { member, services } = config.settings;
  const examined = await Promise.all([
    examineEnsemble(config, clock),
    examineExabgp(host, places, { config, file }),
    examineNetwork(host, config),
    examineRights(host, config, places.env),
  ]);
  return [
    ok(`${file}: member ${member} of ${services.map(({ name }) => name).join(', ')}`),
    ...warnings.map((text) => warning(text, 'docs/errors.md says what it means')),
    ...examined.flat(),
  ];
}
