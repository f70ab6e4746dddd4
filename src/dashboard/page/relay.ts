import { openEvents, type ServerEvent } from './events.ts';

/*
 * What all tabs of a browser share: one connection to the server. Browsers open six to a server at most, and a tab holds
 * its own for as long as it is open, so that the seventh would wait for ever.
 */

/** What a tab says: it wants everything, or it is closed. */
export type TabWord = 'open' | 'bye';
/** What it hears: an event of the server, or that it is not heard any more. */
export type Relayed = ServerEvent | 'lost';

const tabs = new Set<MessagePort>();
let close: (() => void) | undefined;
/** Nothing was heard since the connection was opened: the whole is still to come, for all. */
let isOpening = false;

addEventListener('connect', (event) => {
  const [tab] = event instanceof MessageEvent ? event.ports : [];
  if (tab === undefined) return;
  tab.onmessage = ({ data }: MessageEvent<TabWord>) => {
    if (data === 'bye') leave(tab);
    else {
      tabs.add(tab);
      open();
    }
  };
});

/** A tab that comes needs everything, which the server tells to those who connect. */
function open(): void {
  if (isOpening) return;
  close?.();
  isOpening = true;
  close = openEvents({
    hear: (event) => {
      isOpening = false;
      tell(event);
    },
    lost: () => {
      isOpening = false;
      close = undefined;
      tell('lost');
    },
  });
}

function leave(tab: MessagePort): void {
  tabs.delete(tab);
  if (tabs.size > 0) return;
  close?.();
  close = undefined;
  isOpening = false;
}

function tell(what: Relayed): void {
  for (const tab of tabs) tab.postMessage(what);
}
