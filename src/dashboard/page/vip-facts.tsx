import type { VipDetails } from '../why.ts';
import { Fact, Facts } from './facts.tsx';
import { momentOf } from './times.ts';

const shownAnnouncers = 12;

/** Who owns, claims and carries a VIP. */
export function VipFacts(props: {
  readonly facts: VipDetails;
  readonly nowMs: number;
  readonly hasAnnouncers: boolean;
}) {
  const { facts, nowMs, hasAnnouncers } = props;
  const { owner, announcers, carriers, isDrained } = facts;
  return (
    <>
      <Facts>
        <Fact name="Owner">
          {owner ?? 'not known: no member says, or they contradict each other'}
        </Fact>
        <Fact name="Claim">{claimWords(facts.claim, nowMs)}</Fact>
        <Fact name="Carried by">{carriers.join(', ') || 'nobody'}</Fact>
        <Fact name="Drained">{isDrained && 'yes, everywhere'}</Fact>
      </Facts>
      {hasAnnouncers && announcers.length > 0 && (
        <ul class="announcers">
          {announcers.slice(0, shownAnnouncers).map(({ member, role, sentence }) => (
            <li key={member}>
              <b>{member}</b> {role}
              <p>{sentence}</p>
            </li>
          ))}
          {announcers.length > shownAnnouncers && (
            <li>and {announcers.length - shownAnnouncers} more</li>
          )}
        </ul>
      )}
    </>
  );
}

function claimWords(claim: VipDetails['claim'], nowMs: number): string {
  if (claim === undefined) return 'none';
  const since = claim.since === undefined ? '' : ` since ${momentOf(claim.since, nowMs)}`;
  switch (claim.kind) {
    case 'member':
      return `held by ${claim.holder ?? 'somebody'}${since}`;
    case 'exazk':
      return `held by a member of ExaZK${since}`;
    case 'persistent':
      return `a znode that no session holds${since}: it stays until somebody deletes it`;
    case 'unreadable':
      return `held by somebody whose data is not ours${since}`;
  }
}
