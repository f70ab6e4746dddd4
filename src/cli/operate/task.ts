import type { FleetAccess } from '../fleet/access.ts';
import type { Task } from './change.ts';
import type { Subject } from './subject.ts';

/** What an operator wants of a service. */
export interface Wish extends Pick<Task, 'reason' | 'forMs' | 'who' | 'isForced'> {
  readonly isOn: boolean;
  readonly service: string;
  /** What is drained; undefined: the service's maintenance. */
  readonly subject: Subject | undefined;
}

/** The znode that stands for a wish, where this service has it. */
export function taskOf({ chroot, root, places }: FleetAccess, wish: Wish): Task {
  const { isOn, service, subject, ...note } = wish;
  const paths = places.get(service);
  const path =
    subject === undefined
      ? (paths?.maintenance ?? `${root}/maintenance/${service}`)
      : `${paths?.drains ?? `${root}/drain/${service}`}/${subject.znode}`;
  return {
    ...note,
    action: isOn ? 'set' : 'lift',
    service,
    drained: subject?.name,
    path: chroot + path,
    journal: `${chroot}${paths?.statuses ?? `${root}/status/${service}`}`,
  };
}
