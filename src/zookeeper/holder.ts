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
  znode: Pick<Znode, 'owner' | 'data'>,
  session: string | undefined,
  identity: Identity,
): Holder {
  // Somebody made it by hand: it belongs to no session, so nobody's word stands behind it.
  if (znode.owner === undefined) return { kind: 'unmarked' };
  if (znode.owner === session) return { kind: 'self' };
  const content = parseZnodeData(znode.data);
  if (content.kind !== 'record') return { kind: 'unmarked' };
  const { member, instance } = content.record;
  if (member !== identity.member) return { kind: 'member', member };
  const own = identity.instance;
  const isDead = identity.fateOf(instance) === 'dead' && isOlder(instance, own);
  if (isSameProcess(instance, own) || isDead)
    return {
      kind: 'predecessor',
      sameSpeaker: isSameSpeaker(instance, own),
    };
  return { kind: 'twin', detail: `pid ${instance.pid} on host ${instance.host}` };
}
