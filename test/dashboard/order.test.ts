import { expect, it } from 'vitest';
import { parseOrder } from '../../src/dashboard/order.ts';

const drain = { action: 'drain', isOn: true, service: 'apex', name: 'lb1', who: 'jd' };
const maintenance = { action: 'maintenance', isOn: true, service: 'apex', who: 'jd' };

it.each([
  drain,
  { ...drain, name: '10.20.255.1/32', reason: 'a disk, Müller & Söhne', forMs: 1, isForced: true },
  { ...drain, isOn: false },
  maintenance,
  { ...maintenance, isOn: false, isForced: true, reason: 'a move' },
])('%j is an order', (order) => {
  expect(parseOrder(JSON.stringify(order))).toEqual({ isForced: false, ...order });
});

it.each<readonly [string, unknown, string]>([
  ['no object', [drain], 'JSON object'],
  ['nothing', null, 'JSON object'],
  ['another action', { ...drain, action: 'reboot' }, 'maintenance or drain'],
  ['no direction', { ...drain, isOn: undefined }, 'isOn'],
  ['a text for a truth', { ...drain, isForced: 'true' }, 'isForced'],
  ['a drain of nothing', { ...drain, name: undefined }, 'name'],
  ['a maintenance of a member', { ...maintenance, name: 'lb1' }, 'name'],
  ['a maintenance that ends by itself', { ...maintenance, forMs: 1 }, 'forMs'],
  ['an undrain that ends by itself', { ...drain, isOn: false, forMs: 1 }, 'forMs'],
  ['a drain for no time', { ...drain, forMs: 0 }, 'forMs'],
  ['a drain for parts of milliseconds', { ...drain, forMs: 1.5 }, 'forMs'],
  ['a drain for ever and a day', { ...drain, forMs: 1e15 }, 'forMs'],
  ['no service', { ...drain, service: undefined }, 'service'],
  ['nobody', { ...drain, who: undefined }, 'who'],
  ['a blank name', { ...drain, who: ' ' }, 'who is to be'],
  ['a number for a text', { ...drain, reason: 1 }, 'reason is to be'],
  [
    'an endless reason',
    { ...drain, reason: 'x'.repeat(201) },
    'reason is to be a text of 1 to 200',
  ],
  ['a line break', { ...drain, who: 'jd\nroot' }, 'who is to be'],
  ['a terminal’s escape', { ...drain, reason: '\u001b[2J' }, 'reason is to be'],
  ['text that runs backwards', { ...drain, reason: '\u202eabc' }, 'reason is to be'],
  ['what nobody asked for', { ...drain, path: '/zookeeper' }, '"path" is no part'],
  ['what every object has', JSON.parse('{"__proto__": "x"}'), '"__proto__" is no part'],
])('%s is none, and it is said why', (_, order, why) => {
  expect(parseOrder(JSON.stringify(order))).toContain(why);
});
