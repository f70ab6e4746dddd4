import type { MemberDetails } from '../why.ts';
import { Fact, Facts } from './facts.tsx';
import { ageOf, momentOf } from './times.ts';

/** How a member is. */
export function MemberFacts({
  facts,
  nowMs,
}: {
  readonly facts: MemberDetails;
  readonly nowMs: number;
}) {
  const { presence, kind, since, isLeaving, isDrained, status } = facts;
  return (
    <>
      <Facts>
        <Fact name="Presence">
          {presence === 'gone'
            ? 'gone'
            : `${kind === 'exazk' ? 'ExaZK, ' : ''}present${since === undefined ? '' : ` since ${momentOf(since, nowMs)}`}`}
        </Fact>
        <Fact name="Health">{facts.health}</Fact>
        <Fact name="Drained">{isDrained && 'yes'}</Fact>
        <Fact name="Leaving">{isLeaving && (status?.leaving ?? 'yes')}</Fact>
        {status !== undefined && <StatusFacts status={status} nowMs={nowMs} />}
      </Facts>
      {status !== undefined && status.checks.length > 0 && (
        <ul class="checks" aria-label="Checks">
          {status.checks.map(({ name, verdict, detail }, index) => (
            <li key={index} class={verdict === 'down' ? 'bad' : ''}>
              <b>{verdict}</b> {name}
              {detail !== undefined && detail !== '' && <p>{detail}</p>}
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

function StatusFacts({
  status,
  nowMs,
}: {
  readonly status: NonNullable<MemberDetails['status']>;
  readonly nowMs: number;
}) {
  const { session, exabgp, config, version, startedAt, writtenAt, dampedUntil, settlesUntil } =
    status;
  return (
    <>
      <Fact name="Session">{`${session.belief}, timeout ${session.timeoutMs / 1000} s`}</Fact>
      <Fact name="ExaBGP">{exabgpWords(exabgp)}</Fact>
      <Fact name="Neighbors">{neighborWords(exabgp.neighbors)}</Fact>
      <Fact name="Settles until">{settlesUntil && momentOf(settlesUntil, nowMs)}</Fact>
      <Fact name="Damped until">{dampedUntil && momentOf(dampedUntil, nowMs)}</Fact>
      <Fact name="Configuration">{`${config.hash}, loaded ${momentOf(config.loadedAt, nowMs)}`}</Fact>
      <Fact name="Refused reload">
        {config.rejected && `${momentOf(config.rejected.at, nowMs)}: ${config.rejected.why}`}
      </Fact>
      <Fact name="vipkeeper">{`${version}, started ${momentOf(startedAt, nowMs)}`}</Fact>
      <Fact name="Written">{`${momentOf(writtenAt, nowMs)} (${ageOf(writtenAt, nowMs)} ago)`}</Fact>
    </>
  );
}

type Exabgp = NonNullable<MemberDetails['status']>['exabgp'];

function exabgpWords({ version, answers, isConnected }: Exabgp): string {
  const facts = [
    version ?? '',
    answers ? 'answers' : 'does not answer',
    isConnected === false ? 'too few neighbors are up' : '',
  ];
  return facts.filter((fact) => fact !== '').join(', ');
}

function neighborWords(neighbors: Exabgp['neighbors']): string | undefined {
  if (neighbors === undefined) return undefined;
  if (neighbors === 'unknowable') return 'not told by this ExaBGP';
  return Object.entries(neighbors)
    .map(([name, state]) => `${name} ${state}`)
    .join(', ');
}
