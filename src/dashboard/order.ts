import type { Order } from './wire.ts';

const textsMax = { service: 63, name: 63, reason: 200, who: 40 } as const;
const forMsMax = 366 * 24 * 3_600_000;

/** Reads an order; a text says what is wrong with it. Pure. */
export function parseOrder(body: string): Order | string {
  const order = objectOf(body);
  if (order === undefined) return 'An order is a JSON object.';
  const { action, isOn, isForced = false, forMs, ...texts } = order;
  const wrong = wrongText(texts);
  if (wrong !== undefined) return wrong;
  const { service, name, reason, who } = texts as Partial<Record<keyof typeof textsMax, string>>;
  if (action !== 'maintenance' && action !== 'drain')
    return 'action is to be maintenance or drain.';
  if (typeof isOn !== 'boolean' || typeof isForced !== 'boolean')
    return 'isOn, and isForced if it is there, are to be true or false.';
  if (service === undefined || who === undefined) return 'service and who are needed.';
  if ((action === 'drain') !== (name !== undefined))
    return 'name is needed for a drain, and for nothing else.';
  if (forMs !== undefined && (action !== 'drain' || !isOn || !isDuration(forMs)))
    return `forMs is for a drain alone, in whole milliseconds, at most ${forMsMax}.`;
  return {
    action,
    isOn,
    isForced,
    service,
    who,
    ...(name !== undefined && { name }),
    ...(reason !== undefined && { reason }),
    ...(forMs !== undefined && { forMs }),
  };
}

function objectOf(body: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(body);
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

function wrongText(texts: Readonly<Record<string, unknown>>): string | undefined {
  for (const [key, value] of Object.entries(texts)) {
    if (!Object.hasOwn(textsMax, key)) return `${JSON.stringify(key)} is no part of an order.`;
    const max = textsMax[key as keyof typeof textsMax];
    // They reach znodes and terminals: nothing that moves a cursor or turns a line around.
    if (
      typeof value !== 'string' ||
      value.trim() === '' ||
      value.length > max ||
      /\p{C}/u.test(value)
    )
      return `${key} is to be a text of 1 to ${max} printable characters.`;
  }
  return undefined;
}

function isDuration(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) > 0 && Number(value) <= forMsMax;
}
