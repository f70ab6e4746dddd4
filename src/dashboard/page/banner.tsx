import { useState } from 'preact/hooks';
import type { Severity } from '../../observe/fleet-view.ts';
import type { Place } from '../why.ts';
import type { Model, ServiceModel, ServiceProblem } from './model.ts';
import { momentOf } from './times.ts';
import { problemSigns } from './trouble-sign.tsx';

interface BannerProps {
  readonly model: Model;
  readonly nowMs: number;
  readonly onLook: (place: Place) => void;
}

const severities: readonly Severity[] = ['error', 'warning', 'info'];
const tones: Readonly<Record<Severity, string>> = { error: 'bad', warning: 'unsure', info: '' };
const shownAtFirst = 5;
/** When everything is wrong in a thousand services. */
const shownAtMost = 200;

/** What somebody must not overlook: maintenance, what cannot be read, and every problem. */
export function Banner({ model, nowMs, onLook }: BannerProps) {
  const services = [...model.services.values()];
  const problems = services
    .flatMap((service) => service.problems.map((problem) => ({ service, problem })))
    .sort((one, other) => one.problem.rank - other.problem.rank);
  const counts = countsOf(services);
  return (
    <section class="banners" aria-label="What needs attention">
      {services.map((service) => (
        <Maintenance key={service.service} service={service} nowMs={nowMs} />
      ))}
      {model.fleet.refusals.map(({ path, why }) => (
        <p key={path} class="notice unsure">
          <b>Not readable</b> {path}: {why}
        </p>
      ))}
      {/* Always there, or screen readers would not tell of a change. */}
      <p class="unseen" role="status">
        {countWords(counts)}
      </p>
      {problems.length > 0 && (
        <Problems
          problems={problems}
          counts={counts}
          hasManyServices={services.length > 1}
          onLook={onLook}
        />
      )}
    </section>
  );
}

function Maintenance({
  service,
  nowMs,
}: {
  readonly service: ServiceModel;
  readonly nowMs: number;
}) {
  const { maintenance } = service.about;
  if (maintenance === undefined) return null;
  const { who, why, since } = maintenance;
  const facts = [
    since === undefined ? '' : `since ${momentOf(since, nowMs)}`,
    who === undefined ? '' : `by ${who}`,
    why ?? '',
  ].filter((fact) => fact !== '');
  return (
    <p class="notice aside">
      <b>Maintenance</b> {service.service}: every member withdraws all its VIPs
      {facts.length > 0 && ` (${facts.join(', ')})`}
    </p>
  );
}

interface ProblemsProps {
  readonly problems: readonly {
    readonly service: ServiceModel;
    readonly problem: ServiceProblem;
  }[];
  readonly counts: Counts;
  readonly hasManyServices: boolean;
  readonly onLook: (place: Place) => void;
}

function Problems({ problems, counts, hasManyServices, onLook }: ProblemsProps) {
  const [isOpen, setIsOpen] = useState(false);
  const told = problems.slice(0, shownAtMost);
  const shown = isOpen ? told : problems.slice(0, shownAtFirst);
  const [worst] = problems;
  const untold = counts.error + counts.warning + counts.info - told.length;
  if (worst === undefined) return null;
  return (
    <div class={`notice ${tones[worst.problem.severity]}`}>
      <h2>{countWords(counts)}</h2>
      <ul>
        {shown.map(({ service, problem }) => (
          <li key={`${service.service} ${problem.key}`}>
            <span aria-hidden="true">{problemSigns[problem.severity]}</span>{' '}
            {hasManyServices && <>{service.service}: </>}
            <Sentence service={service} problem={problem} onLook={onLook} />
          </li>
        ))}
      </ul>
      {isOpen && untold > 0 && (
        <p>and {untold} more, marked in the matrices; Only problems leaves what they are about.</p>
      )}
      {problems.length > shownAtFirst && (
        <button
          type="button"
          class="link"
          aria-expanded={isOpen}
          onClick={() => setIsOpen(!isOpen)}
        >
          {isOpen ? 'Show fewer' : showWords(told.length, untold)}
        </button>
      )}
    </div>
  );
}

type Counts = ServiceModel['about']['problemCounts'];

function countsOf(services: readonly ServiceModel[]): Counts {
  const count = (severity: Severity) =>
    services.reduce((sum, { about }) => sum + about.problemCounts[severity], 0);
  return { error: count('error'), warning: count('warning'), info: count('info') };
}

function showWords(told: number, untold: number): string {
  return untold > 0 ? `Show ${told} of ${told + untold}` : `Show all ${told}`;
}

/** `2 errors, 1 warning`. */
function countWords(counts: Counts): string {
  return severities
    .map((severity) => [counts[severity], severity] as const)
    .filter(([count]) => count > 0)
    .map(([count, severity]) => `${count} ${nouns[severity][count === 1 ? 0 : 1]}`)
    .join(', ');
}

const nouns: Readonly<Record<Severity, readonly [string, string]>> = {
  error: ['error', 'errors'],
  warning: ['warning', 'warnings'],
  info: ['remark', 'remarks'],
};

/** What is wrong; its subject leads to the member or VIP, where it is one. */
function Sentence(props: {
  readonly service: ServiceModel;
  readonly problem: ServiceProblem;
  readonly onLook: (place: Place) => void;
}) {
  const { service, problem, onLook } = props;
  const { subject, sentence } = problem;
  const place = service.vips.has(subject)
    ? { service: service.service, vip: subject }
    : service.members.has(subject)
      ? { service: service.service, member: subject }
      : undefined;
  return (
    <>
      {place === undefined ? (
        <b>{subject}</b>
      ) : (
        <button type="button" class="link" onClick={() => onLook(place)}>
          {subject}
        </button>
      )}{' '}
      {sentence}
    </>
  );
}
