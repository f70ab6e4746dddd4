import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { expect, it } from 'vitest';
import { Feed } from '../../src/dashboard/feed.ts';
import type { FleetView } from '../../src/observe/fleet-view.ts';
import { createFakeClock } from '../helpers/fake-clock.ts';
import { generateFleet } from '../helpers/generated-fleet.ts';

/** A page's connection that takes what it is given, or, while it is full, keeps it waiting. */
class Page extends EventEmitter {
  readonly heard: string[] = [];
  writableLength = 0;

  write(text: string): void {
    this.heard.push(/^event: (\w+)/.exec(text)?.[1] ?? text);
  }

  destroy(): void {
    this.emit('close');
  }

  get response(): ServerResponse {
    return this as unknown as ServerResponse;
  }
}

function setUp() {
  const clock = createFakeClock();
  const feed = new Feed(clock, 'v1');
  const page = new Page();
  feed.subscribe(page.response);
  let rows = 0;
  const change = () => {
    rows += 1;
    const view: FleetView = generateFleet({ members: 1, vips: rows });
    feed.update({ state: { isLive: true }, view });
    clock.advance(500);
  };
  return { clock, feed, page, change };
}

it('tells a page that was too slow everything when it has caught up', () => {
  const { page, change } = setUp();
  change();
  page.writableLength = 10_000_000;
  change();
  change();
  expect(page.heard).toEqual(['whole', 'change']);
  page.writableLength = 0;
  page.emit('drain');
  change();
  expect(page.heard).toEqual(['whole', 'change', 'whole', 'change']);
});

it('gives signs of life while somebody listens, and keeps no timer when nobody does', () => {
  const { clock, page } = setUp();
  clock.advance(9_000);
  expect(page.heard).toEqual(['whole', 'beat', 'beat']);
  page.destroy();
  expect(clock.timerCount).toBe(0);
});
