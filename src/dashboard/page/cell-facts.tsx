import { cellWords } from '../letters.ts';
import type { CellDetails, MemberDetails } from '../why.ts';
import { Fact, Facts } from './facts.tsx';
import { ageOf, momentOf } from './times.ts';

/** What one member does with one VIP, and why. */
export function CellFacts(props: {
  readonly cell: CellDetails;
  readonly member: MemberDetails;
  readonly nowMs: number;
}) {
  const { cell, member, nowMs } = props;
  const { role, record, rule, isOwner, holdsClaim } = cell;
  const isOld = member.presence === 'gone' && record !== undefined;
  return (
    <>
      <p class="why">
        {isOld && 'The member is gone. The last it said: '}
        {record?.sentence || `${cellWords[role].meaning}.`}
      </p>
      <Facts>
        <Fact name="Reason">{record?.reason}</Fact>
        <Fact name="Rule">{rule && `${rule.number}: ${rule.text}`}</Fact>
        <Fact name="Since">
          {record && `${momentOf(record.since, nowMs)} (${ageOf(record.since, nowMs)} ago)`}
        </Fact>
        <Fact name="Route">{record?.route}</Fact>
        <Fact name="Refused">{record?.refused}</Fact>
        <Fact name="Rank">
          {record?.rank !== undefined &&
            (record.rank === 0
              ? 'first to take it over'
              : `${record.rank} ${record.rank === 1 ? 'member comes' : 'members come'} before it`)}
        </Fact>
        <Fact name="Owner">{isOwner ? 'this member' : undefined}</Fact>
        <Fact name="Claim">{holdsClaim ? 'held by this member' : undefined}</Fact>
      </Facts>
    </>
  );
}
