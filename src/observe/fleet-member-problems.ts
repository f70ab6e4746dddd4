import type { Found, PlainService } from './fleet-problems.ts';
import type { MemberView } from './fleet-view.ts';
import type { StatusRecord } from './status-record.ts';
import { timeText } from './text/times.ts';

/** What is wrong with single members. */
export function memberProblems(
  { members, vips }: PlainService,
  readAtMs: number,
): readonly Found[] {
  const owners = new Set(vips.map(({ owner }) => owner));
  return members
    .filter(({ kind }) => kind === 'vipkeeper')
    .flatMap((member) =>
      member.presence === 'gone'
        ? goneProblems(member, owners.has(member.member))
        : presentProblems(member, readAtMs),
    );
}

/** One that left on purpose and owns nothing has simply been taken away. */
function goneProblems({ member, status }: MemberView, isOwner: boolean): readonly Found[] {
  if (status?.leaving !== undefined && !isOwner) return [];
  const leaving = status?.leaving;
  const isOrderly = leaving === 'stopping';
  const how = isOrderly ? 'stopped in order' : 'stopped, dead, or cut off';
  const left = leaving === undefined || isOrderly ? '' : ` it was leaving (${leaving}),`;
  const last =
    status === undefined ? '' : `,${left} and wrote last at ${timeText(status.writtenAt)}`;
  return [['gone', member, `is gone from ZooKeeper: ${how}${last}`]];
}

function presentProblems(view: MemberView, readAtMs: number): readonly Found[] {
  const { member, health, status } = view;
  const found: Found[] = [];
  if (health === 'down') found.push(['unhealthy', member, `is unhealthy${failing(status)}`]);
  if (status === undefined) return found;
  const { session, exabgp, dampedUntil, config } = status;
  if (['suspended', 'blind'].includes(session.belief))
    found.push([
      'blind',
      member,
      `is ${session.belief}: it cannot believe what it knows of ZooKeeper`,
    ]);
  if (!exabgp.answers) found.push(['cutOff', member, 'has an ExaBGP that does not answer']);
  else if (exabgp.isConnected === false)
    found.push([
      'cutOff',
      member,
      `is cut off from its routers: ${neighborText(exabgp.neighbors)}`,
    ]);
  if (dampedUntil !== undefined && Date.parse(dampedUntil) > readAtMs)
    found.push([
      'damped',
      member,
      `fell too often, and leaves its VIPs to others until ${timeText(dampedUntil)} at most`,
    ]);
  if (config.rejected !== undefined)
    found.push([
      'rejected',
      member,
      `goes on with its configuration of ${timeText(config.loadedAt)}, since it rejected the one of ${timeText(config.rejected.at)}: ${config.rejected.why}`,
    ]);
  const refused = Object.entries(status.vips).filter(([, { refused }]) => refused !== undefined);
  const [first] = refused;
  if (first !== undefined) {
    const more = refused.length === 1 ? '' : `, and ${refused.length - 1} more`;
    found.push([
      'refused',
      member,
      `was refused the route of ${first[0]}: ${first[1].refused}${more}`,
    ]);
  }
  return found;
}

function failing(status: StatusRecord | undefined): string {
  const failed = status?.checks.find(({ verdict }) => verdict === 'down');
  if (failed === undefined) return '';
  return `: check ${failed.name}${failed.detail === undefined ? '' : ` (${failed.detail})`}`;
}

/** How many neighbors are up, in words. */
function neighborText(neighbors: StatusRecord['exabgp']['neighbors']): string {
  if (neighbors === undefined) return 'neighbors not known yet';
  if (neighbors === 'unknowable') return 'its ExaBGP cannot tell of neighbors';
  const states = Object.values(neighbors);
  return `${states.filter((state) => state === 'up').length} of ${states.length} neighbors up`;
}
