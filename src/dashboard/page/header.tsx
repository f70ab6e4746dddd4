import type { SourceState } from '../wire.ts';
import { ActMode } from './act-mode.tsx';
import type { Operator } from './acting.ts';
import type { Connection } from './live.ts';
import { ThemeButton } from './theme.tsx';
import { ageOf, momentOf } from './times.ts';

interface HeaderProps {
  readonly connection: Connection;
  readonly state: SourceState;
  readonly root: string;
  readonly nowMs: number;
  readonly operator: Operator | undefined;
  /** Why nobody acts any more, when that was not asked for. */
  readonly refusal: string | undefined;
  readonly onOperator: (operator: Operator | undefined) => void;
}

/** What this is, and whether it is how things are. */
export function Header(props: HeaderProps) {
  const { connection, state, root, nowMs, operator, refusal, onOperator } = props;
  const stale = staleness(connection, state, nowMs);
  const isLive = connection.kind === 'open' && stale === undefined;
  return (
    <header>
      <div class="bar">
        <h1>
          vipkeeper <span class="root">{root}</span>
        </h1>
        <p class={stale === undefined ? 'live' : 'live lost'} role="status">
          <span aria-hidden="true">{isLive ? '\u25cf' : '\u25cb'}</span>{' '}
          {stale !== undefined ? 'Stale' : isLive ? 'Live' : 'Connecting'}
        </p>
        <ActMode operator={operator} onChange={onOperator} />
        <ThemeButton />
      </div>
      {refusal !== undefined && (
        <p class="notice unsure" role="alert">
          {refusal}
        </p>
      )}
      {stale !== undefined && (
        <p class="notice bad" role="alert">
          {stale}
        </p>
      )}
    </header>
  );
}

/** Why what is shown may not be how things are; undefined when it is. */
function staleness(connection: Connection, state: SourceState, nowMs: number): string | undefined {
  const asOf =
    state.readAt === undefined
      ? 'Nothing was read yet.'
      : `What you see is as of ${momentOf(state.readAt, nowMs)} (${ageOf(state.readAt, nowMs)} ago).`;
  switch (connection.kind) {
    case 'connecting':
      return undefined;
    case 'lost':
      return `The page's server does not answer since ${momentOf(connection.sinceMs, nowMs)}; trying again. ${asOf}`;
    case 'open':
      if (state.isLive) return undefined;
      return `The page's server does not reach ZooKeeper${state.detail === undefined ? '' : `: ${state.detail}`}. ${asOf}`;
  }
}
