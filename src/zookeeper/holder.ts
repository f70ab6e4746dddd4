import type { Holder } from '../core/event.ts';
import { type Instance, isOlder, isSameProcess, isSameSpeaker } from '../core/instance.ts';
import type { MemberId } from '../core/settings.ts';
import type { Znode } from './requests.ts';
import { parseZnodeData } from './znode-data.ts';

/** Who we are, and what the host knows about processes. */
export interface Identity {
  readonly member: MemberId;
  readonly instance: Instance;
  fateOf(instance: Instance): 'alive' | 'dead' | 'elsewhere';
}

/** Who holds a znode that carries our member id or our VIP. `session` is our own session's id in hex. */
export function classifyHolder(
  path: string,
  znode: Pick<Znode, 'owner' | 'data'>,
  session: string | undefined,
  identity: Identity,
): Holder {
  // Somebody made it by hand: it belongs to no session, so nobody's word stands behind it.
  if (znode.owner === undefined) return { kind: 'persistent', path };
  const isOurSession = znode.owner === session;
  const own = identity.instance;
  const content = parseZnodeData(znode.data);
  if (content.kind !== 'record') return { kind: isOurSession ? 'self' : 'unmarked' };
  const { member, instance } = content.record;
  const predecessor: Holder = { kind: 'predecessor', sameSpeaker: isSameSpeaker(instance, own) };
  // A continued session holds what an earlier life announced: whether its routes still stand has to be seen to first.
  if (isOurSession) return isSameProcess(instance, own) ? { kind: 'self' } : predecessor;
  if (member !== identity.member) return { kind: 'member', member };
  const isDead = identity.fateOf(instance) === 'dead' && isOlder(instance, own);
  if (isSameProcess(instance, own) || isDead) return predecessor;
  return { kind: 'twin', detail: `pid ${instance.pid} on host ${instance.host}` };
}
