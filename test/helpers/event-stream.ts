import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { createInterface } from 'node:readline';
import type { Message } from '../../src/dashboard/wire.ts';

export interface HeardEvent {
  readonly name: string;
  readonly message: Message;
}

export interface EventStream {
  /** The next event that is not a sign of life. Rejects when the server has ended the stream. */
  next(): Promise<HeardEvent>;
  close(): void;
}

/** Hears the server-sent events of the page, as a browser does. */
export async function listenToEvents(url: string): Promise<EventStream> {
  const asked = get(url);
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  response.on('error', () => undefined);
  const lines = createInterface(response)[Symbol.asyncIterator]();
  let name = '';
  return {
    async next() {
      for (;;) {
        const { value, done } = await lines.next();
        if (done === true) throw new Error('the stream has ended');
        const [, field, text = ''] = /^(event|data): (.*)$/.exec(value) ?? [];
        if (field === 'event') name = text;
        else if (field === 'data' && name !== 'beat') return { name, message: JSON.parse(text) };
      }
    },
    close: () => asked.destroy(),
  };
}
