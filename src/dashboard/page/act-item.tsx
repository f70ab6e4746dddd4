import type { ActPart } from '../wire.ts';
import { whatWasDone, whyItWasDone } from './act-words.ts';
import { momentOf } from './times.ts';

interface ActItemProps {
  readonly act: ActPart;
  readonly service?: string | undefined;
  readonly nowMs: number;
  /** Absent: what is shown is about this place already, or it is about no place. */
  readonly onLook?: (() => void) | undefined;
}

/** One thing that somebody did: when, what, who and why. */
export function ActItem({ act, service, nowMs, onLook }: ActItemProps) {
  const what = (
    <>
      {service !== undefined && `${service} `}
      <b class="role done">{whatWasDone(act)}</b>
    </>
  );
  return (
    <li class="move">
      <time dateTime={act.at}>{momentOf(act.at, nowMs)}</time>
      <div>
        {onLook === undefined ? (
          what
        ) : (
          <button type="button" class="plain" onClick={onLook}>
            {what}
          </button>
        )}
        <p>{whyItWasDone(act, nowMs)}</p>
      </div>
    </li>
  );
}
