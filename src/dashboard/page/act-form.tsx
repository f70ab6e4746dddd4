import { useRef, useState } from 'preact/hooks';
import { type Answer, useActing } from './acting.ts';

interface ActFormProps {
  readonly service: string;
  /** The member or VIP; absent: the maintenance of the service. */
  readonly name?: string;
  /** It is drained, or in maintenance, already. */
  readonly isOn: boolean;
}

const minuteMs = 60_000;
/** How long a drain may be, in minutes. */
const durations: readonly (readonly [minutes: number, words: string])[] = [
  [0, 'until it is undrained'],
  [15, '15 minutes'],
  [60, '1 hour'],
  [240, '4 hours'],
  [1440, '1 day'],
];

/**
 * Takes a member, a VIP or a service out, or back. What would take VIPs away from everybody is refused by the server first,
 * and done when that is confirmed once more. Nothing is drawn unless somebody acts.
 */
export function ActForm({ service, name, isOn }: ActFormProps) {
  const acting = useActing();
  const [reason, setReason] = useState('');
  const [minutes, setMinutes] = useState(0);
  const [state, setState] = useState<Answer | 'asking' | undefined>();
  const form = useRef<HTMLFormElement>(null);
  if (acting === undefined) return null;
  const action = name === undefined ? 'maintenance' : 'drain';
  const words = wordsOf(service, name, isOn);
  const send = async (isForced: boolean) => {
    setState('asking');
    const note = {
      ...(reason.trim() !== '' && { reason: reason.trim() }),
      ...(minutes > 0 && action === 'drain' && { forMs: minutes * minuteMs }),
    };
    const target = { action, isOn: !isOn, service, ...(name !== undefined && { name }) } as const;
    const answer = await acting.send({ ...target, isForced, ...(!isOn && note) });
    // Then nobody acts any more, and the page says why on top.
    setState(answer.kind === 'stranger' ? undefined : answer);
    if (answer.kind === 'done') setReason('');
  };
  const decide = (act: () => void) => () => {
    // The question takes the focus with it otherwise.
    form.current?.focus();
    act();
  };
  const isAsking = state === 'asking';
  const answer = isAsking ? undefined : state;
  const submit = (event: Event) => {
    event.preventDefault();
    if (!isAsking) void send(false);
  };
  return (
    <form ref={form} tabIndex={-1} class="act" aria-label={words} onSubmit={submit}>
      {!isOn && (
        <label>
          Reason
          <input
            maxLength={200}
            autocomplete="off"
            value={reason}
            onInput={({ currentTarget }) => setReason(currentTarget.value)}
          />
        </label>
      )}
      {!isOn && action === 'drain' && (
        <label>
          For
          <select
            value={minutes}
            onChange={({ currentTarget }) => setMinutes(Number(currentTarget.value))}
          >
            {durations.map(([value, text]) => (
              <option key={value} value={value}>
                {text}
              </option>
            ))}
          </select>
        </label>
      )}
      <button type="submit" class="quiet" aria-disabled={isAsking}>
        {words}
      </button>
      {answer?.kind === 'dark' && !isOn && (
        <div class="notice bad" role="alert">
          <p>{answer.sentence}</p>
          <button type="button" class="quiet" onClick={decide(() => void send(true))}>
            {words} all the same
          </button>{' '}
          <button type="button" class="quiet" onClick={decide(() => setState(undefined))}>
            Leave it
          </button>
        </div>
      )}
      <p role="status" class="remark">
        {isAsking && 'Asking\u2026'}
        {answer !== undefined && answer.kind !== 'dark' && answer.sentence}
      </p>
    </form>
  );
}

function wordsOf(service: string, name: string | undefined, isOn: boolean): string {
  if (name !== undefined) return `${isOn ? 'Undrain' : 'Drain'} ${name}`;
  return isOn ? `Take ${service} out of maintenance` : `Put ${service} into maintenance`;
}
