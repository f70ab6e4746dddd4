import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import { actPath, type Order } from '../wire.ts';

/**
 * Somebody who may act: kept in memory alone, so that the token is gone with the tab, and nothing that reads the browser's
 * storage finds it.
 */
export interface Operator {
  readonly who: string;
  readonly token: string;
}

/** What came of an order, as the server says it. `dark`: it takes VIPs away from everybody, and can be forced. */
export interface Answer {
  readonly kind: 'done' | 'dark' | 'stranger' | 'failed';
  readonly sentence: string;
}

/** Undefined: the page can only be looked at, now or ever. */
export interface Acting {
  send(order: Omit<Order, 'who'>): Promise<Answer>;
}

export const ActingContext = createContext<Acting | undefined>(undefined);

/** Whether somebody acts. */
export function useActing(): Acting | undefined {
  return useContext(ActingContext);
}

/** Whether the server was started with a token. */
export function canAct(): boolean {
  return document.documentElement.dataset['act'] !== undefined;
}

const kinds: Readonly<Record<number, Answer['kind']>> = {
  200: 'done',
  401: 'stranger',
  409: 'dark',
};

/** Sends an order to the server. Never rejects. */
export async function sendOrder(
  { who, token }: Operator,
  order: Omit<Order, 'who'>,
): Promise<Answer> {
  try {
    const response = await fetch(actPath.slice(1), {
      method: 'POST',
      headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
      body: JSON.stringify({ ...order, who }),
      credentials: 'omit',
    });
    const sentence = (await response.text()).trim();
    return { kind: kinds[response.status] ?? 'failed', sentence };
  } catch {
    const sentence = 'The server does not answer. Look whether it was done before you try again.';
    return { kind: 'failed', sentence };
  }
}
