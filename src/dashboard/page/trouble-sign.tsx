import type { Severity } from '../../observe/fleet-view.ts';
import type { Trouble } from '../wire.ts';

/** Each kind of problem has a sign beside its colour. */
export const problemSigns: Readonly<Record<Severity, string>> = {
  error: '!',
  warning: '\u25b3',
  info: '\u00b7',
};

/** Marks what a problem is about. */
export function TroubleSign({ trouble }: { readonly trouble: Trouble | undefined }) {
  if (trouble === undefined) return null;
  return (
    <>
      <span class={`trouble ${trouble}`} role="img" aria-label={trouble} title={trouble}>
        {problemSigns[trouble]}
      </span>{' '}
    </>
  );
}
