import { buildFleetView } from '../../observe/build-fleet-view.ts';
import type { FleetView } from '../../observe/fleet-view.ts';
import { statusLines } from '../../observe/text/status-text.ts';
import { timeText } from '../../observe/text/times.ts';
import { exitCodes } from '../exit-codes.ts';
import type { FleetAccess } from './access.ts';
import { print, printJson, styleOf } from './print.ts';
import { watchFleet } from './read.ts';

export interface StatusFlags {
  readonly json?: boolean;
  readonly watch?: boolean;
  readonly all?: boolean;
}

/** Writes the status of a fleet once; the exit code tells whether something is wrong. */
export function printStatus(view: FleetView, flags: StatusFlags): void {
  if (flags.json === true) printJson(view);
  else print(linesOf(view, flags));
  if (hasProblems(view)) process.exitCode = exitCodes.problems;
}

/** What may well be meant so, as in the middle of an upgrade, is shown and counts for nothing. */
function hasProblems({ services, refusals }: FleetView): boolean {
  const problems = services.flatMap((service) => service.problems);
  return refusals.length > 0 || problems.some(({ severity }) => severity !== 'info');
}

/** Writes the status anew at every change, over the last one on a terminal, until it is stopped. */
export function watchStatus(
  access: FleetAccess,
  service: string | undefined,
  flags: StatusFlags,
): void {
  let last: FleetView | undefined;
  const show = (notice: readonly string[]) => {
    if (flags.json === true) {
      if (last !== undefined && notice.length === 0) printJson(last, true);
    } else {
      print([...clearScreen(), ...notice, ...(last === undefined ? [] : linesOf(last, flags))]);
    }
  };
  const reader = watchFleet(access, service, {
    read(reading) {
      last = buildFleetView(reading);
      show([]);
    },
    lost: (detail) => show([`ZooKeeper: ${detail}; ${ageOf(last)}`, '']),
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void reader.close(500).then(() => process.exit(exitCodes.ok)));
}

function ageOf(last: FleetView | undefined): string {
  return last === undefined
    ? 'nothing is known yet'
    : `what follows is of ${timeText(last.readAt)}`;
}

function clearScreen(): readonly string[] {
  return process.stdout.isTTY ? ['\u001b[H\u001b[2J\u001b[3J'] : [];
}

function linesOf(view: FleetView, { all = false }: StatusFlags): readonly string[] {
  return statusLines(view, { style: styleOf(process.stdout, process.env), isWhole: all });
}
