import type { Holder } from '../core/event.ts';
import { type Instance, isSameProcess, isSameSpeaker } from '../core/instance.ts';
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
  if (isSameProcess(instance, identity.instance) || identity.fateOf(instance) === 'dead')
    return {
      kind: 'predecessor',
      sameSpeaker: isSameSpeaker(instance, identity.instance),
    };
  return { kind: 'twin', detail: `pid ${instance.pid} on host ${instance.host}` };
}
