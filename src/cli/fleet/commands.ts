import { isVip, parseVip, type Vip } from '../../core/vip.ts';
import { buildFleetView } from '../../observe/build-fleet-view.ts';
import { explain } from '../../observe/explain.ts';
import { few } from '../../observe/few.ts';
import type { FleetView } from '../../observe/fleet-view.ts';
import { explainLines } from '../../observe/text/explain-text.ts';
import { whatIfLines } from '../../observe/text/what-if-text.ts';
import { UnreachableError } from '../../zookeeper/command-session.ts';
import { exitCodes } from '../exit-codes.ts';
import { type AccessFlags, type FleetAccess, findAccess } from './access.ts';
import { fail, print, printJson, styleOf } from './print.ts';
import { readFleet } from './read.ts';
import { printStatus, type StatusFlags, watchStatus } from './status.ts';
import { serviceAmong, subjectsOf, unknownSubjects, whatIf } from './what-if.ts';

export interface JsonFlag {
  readonly json?: boolean;
}

export interface WhatIfFlags {
  readonly down: readonly string[];
  readonly drain: readonly string[];
  readonly maintenance?: boolean;
}

/** Shows who owns and announces what. */
export async function runStatus(
  service: string | undefined,
  flags: AccessFlags & StatusFlags,
): Promise<void> {
  await withFleet(flags, async (access) => {
    if (flags.watch === true) {
      watchStatus(access, service, flags);
      return;
    }
    const view = await findFleet(access, service);
    if (view !== undefined) printStatus(view, flags);
  });
}

/** Says what decided about a VIP, at every member. */
export async function runExplain(text: string, flags: AccessFlags & JsonFlag): Promise<void> {
  const vip = vipOf(text);
  if (vip === undefined) return;
  await withFleet(flags, async (access) => {
    const view = buildFleetView(await readFleet(access));
    const found = explain(view.services, vip);
    if (found.length === 0) {
      fail(
        [`vipkeeper: no service in ${view.root} has ${vip}; ${thereAre(view)}`],
        exitCodes.noSuchVip,
      );
      return;
    }
    if (flags.json === true)
      printJson({ root: view.root, readAt: view.readAt, explanations: found });
    else print(found.flatMap((one) => explainLines(one, view.readAt, ownStyle())));
  });
}

/** Says who would announce what. */
export async function runWhatIf(
  typed: string | undefined,
  flags: AccessFlags & JsonFlag & WhatIfFlags,
): Promise<void> {
  await withFleet(flags, async (access) => {
    const found = await findFleet(access, typed);
    if (found === undefined) return;
    const names = { down: subjectsOf(flags.down), drain: subjectsOf(flags.drain) };
    const service = typed ?? serviceAmong(found, [...names.down, ...names.drain]);
    const without = (all: ReadonlySet<string>) =>
      new Set([...all].filter((name) => name !== service || typed !== undefined));
    const view = { ...found, services: found.services.filter(isOf(service)) };
    const question = {
      down: without(names.down),
      drain: without(names.drain),
      isMaintenance: flags.maintenance === true,
      config: access.config,
    };
    const unknown = unknownSubjects(view, question);
    if (unknown.length > 0)
      return fail(
        unknown.map((line) => `vipkeeper: ${line}`),
        exitCodes.noSuchVip,
      );
    const answers = whatIf(view, question).filter(isOf(service));
    if (flags.json === true) printJson({ root: view.root, readAt: view.readAt, services: answers });
    else print(answers.flatMap((answer) => whatIfLines(answer, ownStyle())));
    if (answers.some(({ vips }) => vips.some(({ isLost }) => isLost)))
      process.exitCode = exitCodes.problems;
  });
}

/** Every service passes where none is named. */
function isOf(service: string | undefined): (one: { readonly service: string }) => boolean {
  return (one) => service === undefined || one.service === service;
}

/** The VIPs that there are, to end a message about one that there is not. */
export function thereAre({ services }: FleetView): string {
  const vips = services.flatMap((service) => service.vips.map(({ vip }) => vip));
  return vips.length === 0 ? 'there is none' : `there are ${few(vips)}`;
}

function ownStyle() {
  return styleOf(process.stdout, process.env);
}

/** A VIP as somebody typed it; undefined, and said, when it is none. */
export function vipOf(text: string): Vip | undefined {
  const vip = parseVip(text);
  if (isVip(vip)) return vip;
  const problems = {
    notAnAddress: 'it is no address',
    badLength: 'its prefix length is none',
    hostBitsSet: 'it has bits behind its prefix length',
  };
  fail(
    [`vipkeeper: expected a VIP as 10.20.255.1, found ${JSON.stringify(text)}: ${problems[vip]}`],
    exitCodes.usage,
  );
  return undefined;
}

/** Hands ZooKeeper to a command, and says why where there is none. */
export async function withFleet(
  flags: AccessFlags,
  run: (access: FleetAccess) => Promise<void>,
): Promise<void> {
  const found = findAccess(flags);
  if (found.kind === 'wrong') {
    fail(found.lines, found.code);
    return;
  }
  try {
    await run(found.access);
  } catch (error) {
    if (!(error instanceof UnreachableError)) throw error;
    fail([`vipkeeper: ${error.message}`], exitCodes.unavailable);
  }
}

/** The fleet, or that service of it; undefined, and said, when there is no such service. */
export async function findFleet(
  access: FleetAccess,
  service: string | undefined,
): Promise<FleetView | undefined> {
  const view = buildFleetView(await readFleet(access, service));
  if (service === undefined || view.services.length > 0) return view;
  const all = buildFleetView(await readFleet(access)).services.map((one) => one.service);
  const known = all.length === 0 ? 'there is none' : `there are ${all.join(', ')}`;
  fail([`vipkeeper: no service ${service} in ${view.root}; ${known}`], exitCodes.noSuchVip);
  return undefined;
}
