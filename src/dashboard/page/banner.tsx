import { useState } from 'preact/hooks';
import type { Problem, Severity } from '../../observe/fleet-view.ts';
import type { Place } from '../why.ts';
import type { Model, ServiceModel } from './model.ts';
import { momentOf } from './times.ts';

interface BannerProps {
  readonly model: Model;
  readonly nowMs: number;
  readonly onLook: (place: Place) => void;
}

/** Each with a sign beside its colour. */
const severities: readonly Severity[] = ['error', 'warning', 'info'];
const signs: Readonly<Record<Severity, string>> = { error: '!', warning: '\u25b3', info: '\u00b7' };
const tones: Readonly<Record<Severity, string>> = { error: 'bad', warning: 'unsure', info: '' };
const shownAtFirst = 5;

/** What somebody must not overlook: maintenance, what cannot be read, and every problem. */
export function Banner({ model, nowMs, onLook }: BannerProps) {
  const services = [...model.services.values()];
  const problems = services
    .flatMap((service) => service.about.problems.map((problem) => ({ service, problem })))
    .sort((one, other) => rank(one.problem) - rank(other.problem));
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
      {problems.length > 0 && (
        <Problems problems={problems} hasManyServices={services.length > 1} onLook={onLook} />
      )}
    </section>
  );
}

function rank({ severity }: Problem): number {
  return severities.indexOf(severity);
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
  readonly problems: readonly { readonly service: ServiceModel; readonly problem: Problem }[];
  readonly hasManyServices: boolean;
  readonly onLook: (place: Place) => void;
}

function Problems({ problems, hasManyServices, onLook }: ProblemsProps) {
  const [isOpen, setIsOpen] = useState(false);
  const shown = isOpen ? problems : problems.slice(0, shownAtFirst);
  const [worst] = problems;
  if (worst === undefined) return null;
  return (
    <div class={`notice ${tones[worst.problem.severity]}`}>
      <h2>{countsOf(problems.map(({ problem }) => problem.severity))}</h2>
      <ul>
        {shown.map(({ service, problem }) => (
          <li key={`${service.service} ${problem.kind} ${problem.subject}`}>
            <span aria-hidden="true">{signs[problem.severity]}</span>{' '}
            {hasManyServices && <>{service.service}: </>}
            <Sentence service={service} problem={problem} onLook={onLook} />
          </li>
        ))}
      </ul>
      {problems.length > shownAtFirst && (
        <button
          type="button"
          class="link"
          aria-expanded={isOpen}
          onClick={() => setIsOpen(!isOpen)}
        >
          {isOpen ? 'Show fewer' : `Show all ${problems.length}`}
        </button>
      )}
    </div>
  );
}

/** `2 errors, 1 warning`. */
function countsOf(found: readonly Severity[]): string {
  return severities
    .map((severity) => [found.filter((one) => one === severity).length, severity] as const)
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
  readonly problem: Problem;
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
