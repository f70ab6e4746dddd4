import { useCallback, useEffect, useMemo, useState } from 'preact/hooks';
import type { Place } from '../why.ts';
import type { Message, SourceState } from '../wire.ts';
import { type Acting, ActingContext, type Operator, sendOrder } from './acting.ts';
import { type Address, addressOf, searchOf } from './address.ts';
import { Banner } from './banner.tsx';
import { browserClock } from './clock.ts';
import { DetailsPanel } from './details-panel.tsx';
import { type Filters, isServiceTroubled } from './filters.ts';
import { Header } from './header.tsx';
import { Legend } from './legend.tsx';
import { type Connection, listenToServer } from './live.ts';
import { applyMessage, emptyModel, type Model } from './model.ts';
import { Services } from './services.tsx';
import { Timeline } from './timeline.tsx';

/** What was heard last. */
interface Heard {
  readonly model: Model;
  readonly state: SourceState;
  /** Counts messages: whoever shows details asks for them again. */
  readonly count: number;
  /** The server's wall clock minus the browser's. */
  readonly clockOffsetMs: number;
}

const nothingHeard: Heard = {
  model: emptyModel,
  state: { isLive: false },
  count: 0,
  clockOffsetMs: 0,
};

const agesMs = 10_000;

export function App() {
  const [heard, setHeard] = useState(nothingHeard);
  const [connection, setConnection] = useState<Connection>({ kind: 'connecting' });
  const { address, setFilters, setPlace } = useAddress();
  const { model, state, count } = heard;
  const nowMs = useNow() + heard.clockOffsetMs;
  const { operator, refusal, acting, setOperator } = useOperator();

  useEffect(
    () =>
      listenToServer({
        onConnection: setConnection,
        onMessage: (message, isWhole) => setHeard((before) => hear(before, message, isWhole)),
      }),
    [],
  );

  useTitle(model);
  return (
    <ActingContext.Provider value={acting}>
      <a class="skip" href="#services">
        Skip to the VIPs
      </a>
      <Header
        connection={connection}
        state={state}
        root={model.fleet.root}
        nowMs={nowMs}
        operator={operator}
        refusal={refusal}
        onOperator={setOperator}
      />
      <div
        class={`body ${connection.kind === 'open' && state.isLive ? '' : 'stale'} ${address.place === undefined ? '' : 'looking'}`}
      >
        <main id="services" tabIndex={-1}>
          <Banner model={model} nowMs={nowMs} onLook={setPlace} />
          <Services
            isHeard={count > 0}
            model={model}
            address={address}
            nowMs={nowMs}
            onFilters={setFilters}
            onLook={setPlace}
          />
          <Legend />
        </main>
        <aside class="side">
          {address.place !== undefined && (
            <DetailsPanel
              place={address.place}
              heardCount={count}
              nowMs={nowMs}
              onClose={() => setPlace(undefined)}
            />
          )}
          <Timeline model={model} filters={address.filters} nowMs={nowMs} onLook={setPlace} />
        </aside>
      </div>
    </ActingContext.Provider>
  );
}

function hear(before: Heard, message: Message, isWhole: boolean): Heard {
  return {
    model: applyMessage(isWhole ? emptyModel : before.model, message),
    state: message.state,
    count: before.count + 1,
    clockOffsetMs: message.serverMs - browserClock.wallMs(),
  };
}

/** Filters and place, kept in the URL. A place is a step that Back takes back; typing in a filter is not. */
function useAddress() {
  const [address, setAddress] = useState<Address>(() => addressOf(location.search));
  useEffect(() => {
    const onBack = () => setAddress(addressOf(location.search));
    window.addEventListener('popstate', onBack);
    return () => window.removeEventListener('popstate', onBack);
  }, []);
  useEffect(() => {
    const search = searchOf(address);
    if (search !== location.search) history.replaceState(null, '', `${location.pathname}${search}`);
  }, [address]);
  const setFilters = useCallback(
    (filters: Filters) => setAddress((before) => ({ ...before, filters })),
    [],
  );
  const setPlace = useCallback(
    (place: Place | undefined) => setAddress((before) => ({ ...before, place })),
    [],
  );
  return { address, setFilters, setPlace };
}

/** Who acts by this page. A token that the server does not know is forgotten at once. */
function useOperator() {
  const [operator, set] = useState<Operator>();
  const [refusal, setRefusal] = useState<string>();
  const setOperator = useCallback((next: Operator | undefined) => {
    set(next);
    setRefusal(undefined);
  }, []);
  const acting = useMemo((): Acting | undefined => {
    if (operator === undefined) return undefined;
    return {
      async send(order) {
        const answer = await sendOrder(operator, order);
        if (answer.kind === 'stranger') {
          set(undefined);
          setRefusal(answer.sentence);
        }
        return answer;
      },
    };
  }, [operator]);
  return { operator, refusal, acting, setOperator };
}

/** The wall clock, for ages: not more often than in ten seconds, since every tick draws them anew. */
function useNow(): number {
  const [nowMs, setNowMs] = useState(browserClock.wallMs);
  useEffect(() => browserClock.every(agesMs, () => setNowMs(browserClock.wallMs())), []);
  // What has just happened is not a moment of the future.
  return Math.max(nowMs, browserClock.wallMs() - agesMs);
}

/** A tab in the background tells that something is wrong as well. */
function useTitle(model: Model): void {
  useEffect(() => {
    const services = [...model.services.values()];
    const count = services.filter(isServiceTroubled).length;
    document.title = count === 0 ? 'vipkeeper' : `(${count}!) vipkeeper`;
  }, [model]);
}
