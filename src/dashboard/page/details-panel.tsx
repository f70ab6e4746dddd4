import { useEffect, useState } from 'preact/hooks';
import type { Details, Place } from '../why.ts';
import { ActForm } from './act-form.tsx';
import { ActItem } from './act-item.tsx';
import { isSamePlace } from './address.ts';
import { CellFacts } from './cell-facts.tsx';
import { MemberFacts } from './member-facts.tsx';
import { MoveItem } from './move-item.tsx';
import { VipFacts } from './vip-facts.tsx';

interface PanelProps {
  readonly place: Place;
  /** Changes with every message: what is shown is asked for again. */
  readonly heardCount: number;
  readonly nowMs: number;
  readonly onClose: () => void;
}

type Answer =
  | { readonly kind: 'asking' }
  | { readonly kind: 'absent' }
  | { readonly kind: 'failed' }
  | { readonly kind: 'known'; readonly details: Details };

/** Why things are as they are at one place. */
export function DetailsPanel({ place, heardCount, nowMs, onClose }: PanelProps) {
  const close = () => {
    // The panel takes the focus with it otherwise; back where it came from, the keyboard goes on.
    document.querySelector<HTMLElement>('.matrix .selected')?.focus({ preventScroll: true });
    onClose();
  };
  const answer = useDetails(place, heardCount);
  const title = [place.vip, place.member].filter((name) => name !== undefined).join(' on ');
  return (
    <section class="details" aria-label="Why" onKeyDown={({ key }) => key === 'Escape' && close()}>
      <div class="title">
        <h2>{title}</h2>
        <button type="button" class="quiet" onClick={close} aria-label="Close details">
          {'\u2715'}
        </button>
      </div>
      {answer.kind === 'known' && <Actions details={answer.details} />}
      <div aria-live="polite">
        {answer.kind === 'asking' && <p class="remark">Asking&hellip;</p>}
        {answer.kind === 'failed' && <p class="remark">The server does not answer.</p>}
        {answer.kind === 'absent' && <p class="remark">The fleet has no such place any more.</p>}
        {answer.kind === 'known' && <Known details={answer.details} nowMs={nowMs} />}
      </div>
    </section>
  );
}

/** What can be done here. A member of ExaZK knows no drains. */
function Actions({ details }: { readonly details: Details }) {
  const { service, vip, member, ofVip, ofMember } = details;
  return (
    <>
      {vip !== undefined && ofVip !== undefined && (
        <ActForm key={vip} service={service} name={vip} isOn={ofVip.isDrained} />
      )}
      {member !== undefined && ofMember?.kind === 'vipkeeper' && (
        <ActForm key={member} service={service} name={member} isOn={ofMember.isDrained} />
      )}
    </>
  );
}

function Known({ details, nowMs }: { readonly details: Details; readonly nowMs: number }) {
  const { cell, ofVip, ofMember, problems, moves, acts } = details;
  return (
    <>
      {problems.map(({ kind, severity, subject, sentence }) => (
        <p key={`${kind} ${subject}`} class={`notice ${severity === 'error' ? 'bad' : 'unsure'}`}>
          {subject} {sentence}
        </p>
      ))}
      {cell !== undefined && ofMember !== undefined && (
        <CellFacts cell={cell} member={ofMember} nowMs={nowMs} />
      )}
      {ofVip !== undefined && (
        <>
          {cell !== undefined && <h3>The VIP</h3>}
          <VipFacts facts={ofVip} nowMs={nowMs} hasAnnouncers={cell === undefined} />
        </>
      )}
      {ofMember !== undefined && (
        <>
          {cell !== undefined && <h3>The member</h3>}
          <MemberFacts facts={ofMember} nowMs={nowMs} />
        </>
      )}
      {acts.length > 0 && (
        <>
          <h3>Drains and maintenance</h3>
          <ol>
            {acts.map((act) => (
              <ActItem
                key={`${act.at} ${act.kind} ${act.name} ${act.action}`}
                act={act}
                nowMs={nowMs}
              />
            ))}
          </ol>
        </>
      )}
      {moves.length > 0 && (
        <>
          <h3>Last moves</h3>
          <ol>
            {moves.map((move) => (
              <MoveItem
                key={`${move.at} ${move.vip} ${move.member} ${move.to}`}
                move={move}
                members={[move.member]}
                vips={[move.vip]}
                nowMs={nowMs}
              />
            ))}
          </ol>
        </>
      )}
    </>
  );
}

/** What the server knows of a place. The last answer stays until the next: live updates do not flicker. */
function useDetails(place: Place, heardCount: number): Answer {
  const [answer, setAnswer] = useState<{ readonly place: Place; readonly answer: Answer }>();
  useEffect(() => {
    const abort = new AbortController();
    void ask(place, abort.signal).then((next) => {
      if (next !== undefined) setAnswer({ place, answer: next });
    });
    return () => abort.abort();
  }, [place, heardCount]);
  return isSamePlace(answer?.place, place) && answer !== undefined
    ? answer.answer
    : { kind: 'asking' };
}

/** Undefined: nobody waits for the answer any more. */
async function ask(place: Place, signal: AbortSignal): Promise<Answer | undefined> {
  const query = new URLSearchParams(Object.entries(place).filter(([, name]) => name !== undefined));
  try {
    const response = await fetch(`why?${query}`, { signal });
    if (response.status === 404) return { kind: 'absent' };
    if (!response.ok) return { kind: 'failed' };
    return { kind: 'known', details: await response.json() };
  } catch {
    return signal.aborted ? undefined : { kind: 'failed' };
  }
}
