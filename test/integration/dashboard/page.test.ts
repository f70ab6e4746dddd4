import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createClock } from '../../../src/agent/clock.ts';
import { createDashboard, type Dashboard } from '../../../src/dashboard/server.ts';
import type { FleetView, ServiceView } from '../../../src/observe/fleet-view.ts';
import {
  builtPage,
  hasChromium,
  inPage,
  launchBrowser,
  openPage,
  overflowOf,
  takePicture,
  violationsOf,
} from '../../helpers/browser.ts';
import { failOver, generateFleet, generateService } from '../../helpers/generated-fleet.ts';
import { waitFor } from '../../helpers/wait.ts';

const small = generateService({ members: 3, vips: 4 });
const web = generateService({ service: 'web', members: 5, vips: 6, hasStandby: true });
const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };
/** A banner of some height. */
const sickProblems = small.vips.map(
  ({ vip }) =>
    ({
      kind: 'conflict',
      severity: 'error',
      subject: vip,
      sentence: 'is owned by lb1, says lb1; is owned by lb4, says lb4',
    }) as const,
);
const large = generateService({ members: 100, vips: 300, hasStandby: true });

describe.skipIf(!hasChromium())('the page', () => {
  let browser: Browser;
  let dashboard: Dashboard;
  let port: number;

  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());
  beforeEach(async () => {
    dashboard = build();
    ({ port } = await dashboard.start({ host: '127.0.0.1', port: 0 }));
  });
  afterEach(() => dashboard.stop());

  function build(files = builtPage()): Dashboard {
    return createDashboard({ clock: createClock(), files, names: [] });
  }

  function tell(...services: readonly ServiceView[]): void {
    const readAt = new Date().toISOString();
    const view: FleetView = { ...generateFleet(), readAt, services };
    dashboard.update({ state: { isLive: true, readAt }, view });
  }

  function open(query = '', options?: BrowserContextOptions) {
    return openPage(browser, `http://127.0.0.1:${port}/${query}`, options);
  }

  it('shows who announces, owns and stands by, and changes while one looks', async () => {
    tell(small);
    const { page, complaints } = await open();
    await page.getByRole('grid').waitFor();
    expect(await rowsOf(page)).toEqual([
      '10.20.255.1/32 lb1 owner · ·',
      '10.20.255.2/32 lb2 · owner ·',
      '10.20.255.3/32 lb3 · · owner',
      '10.20.255.4/32 lb1 owner · ·',
    ]);
    tell({ ...failOver(small, 'lb1', new Date().toISOString()), maintenance: { who: 'jd' } });
    await page.getByRole('heading', { name: '1 warning' }).waitFor();
    expect(await rowsOf(page)).toContain('10.20.255.1/32 backup: lb2, lb3 – backup backup');
    expect(await page.getByRole('columnheader', { name: 'lb1, gone' }).count()).toBe(1);
    await page.getByText('apex: every member withdraws all its VIPs (by jd)').waitFor();
    await page.getByRole('region', { name: 'Moves' }).getByText('lb2, lb3').first().waitFor();
    expect(await page.title()).toBe('(1!) vipkeeper');
    expect(complaints).toEqual([]);
  });

  it('shows names from ZooKeeper as text, whatever they say', async () => {
    const evil = '<img src=x onerror="document.title=`owned`">';
    const [member] = small.members;
    if (member === undefined) throw new Error('the generated service has members');
    tell({
      ...small,
      service: evil,
      members: [{ ...member, member: evil }, ...small.members.slice(1)],
      maintenance: { who: evil, why: evil },
      problems: [{ kind: 'gone', severity: 'error', subject: evil, sentence: evil }],
      moves: failOver(small, 'lb1', evil).moves.map((move) => ({ ...move, sentence: evil })),
    });
    const { page, complaints } = await open();
    await page.getByText(evil).first().waitFor();
    await page.getByRole('gridcell').first().click();
    await page.getByRole('heading', { name: `10.20.255.1/32 on ${evil}` }).waitFor();
    expect(await page.locator('img').count()).toBe(0);
    expect(complaints).toEqual([]);
  });

  it('keeps filters in the address', async () => {
    tell(failOver(small, 'lb1', new Date().toISOString()), web);
    const { page } = await open('?vip=255.1');
    await page.getByRole('combobox').selectOption('apex');
    await page.getByLabel('Member', { exact: true }).fill('lb2');
    await page.getByLabel('Only problems').check();
    expect(await rowsOf(page)).toEqual(['10.20.255.1/32 backup: lb2, lb3 backup']);
    await waitFor(() => new URL(page.url()).search, { what: 'the address' });
    const { search } = new URL(page.url());
    expect(search).toBe('?service=apex&member=lb2&vip=255.1&problems=1');
    await page.reload();
    expect(await rowsOf(page)).toEqual(['10.20.255.1/32 backup: lb2, lb3 backup']);
    await page.getByLabel('VIP', { exact: true }).fill('nothing');
    await page.getByRole('combobox').selectOption('web');
    await page.getByRole('button', { name: 'Show everything' }).click();
    await page.getByRole('grid').nth(1).waitFor();
    expect(new URL(page.url()).search).toBe('');
  });

  it('is walked by the keyboard alone', async () => {
    tell(failOver(small, 'lb1', new Date().toISOString()));
    const { page } = await open();
    await page.getByRole('grid').waitFor();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    expect(await focused(page)).toBe('services');
    await page.getByLabel('Only problems').focus();
    await page.keyboard.press('Tab');
    expect(await focused(page)).toBe('1,1');
    for (const [key, at] of [
      ['ArrowRight', '1,2'],
      ['ArrowUp', '0,2'],
      ['ArrowUp', '0,2'],
      ['Control+End', '4,3'],
      ['Home', '4,0'],
      ['Control+Home', '0,0'],
      ['ArrowDown', '1,0'],
      ['ArrowRight', '1,1'],
      ['ArrowRight', '1,2'],
    ] as const) {
      await page.keyboard.press(key);
      expect([key, await focused(page)]).toEqual([key, at]);
    }
    expect(await inPage(page, 'getComputedStyle(document.activeElement).outlineStyle')).toBe(
      'solid',
    );
    await page.keyboard.press('Enter');
    const why = page.getByRole('region', { name: 'Why' });
    await why
      .getByText('announced as backup, because its claim has been missing')
      .first()
      .waitFor();
    await why.getByText('self med 200').waitFor();
    // Details follow the focus, which stays where it is.
    await page.keyboard.press('ArrowDown');
    await why.getByRole('heading', { name: '10.20.255.2/32 on lb2' }).waitFor();
    expect(await focused(page)).toBe('2,2');
    await page.getByRole('button', { name: 'Close details' }).focus();
    await page.keyboard.press('Enter');
    await why.waitFor({ state: 'detached' });
    expect(await focused(page)).toBe('2,2');
    await page.keyboard.press('Enter');
    await why.waitFor();
    await page.keyboard.press('Escape');
    await why.waitFor({ state: 'detached' });
    await page.keyboard.press('Tab');
    expect(await focused(page)).not.toMatch(/^\d+,\d+$/);
  });

  it('reaches every service, and says how many are shown', async () => {
    const services = Array.from({ length: 45 }, (_, index) =>
      generateService({ service: `s${index + 10}`, members: 1, vips: 1 }),
    );
    tell(...services);
    const { page } = await open('?at=s53&at=10.20.255.1%2F32&at=');
    const sections = page.getByRole('region', { name: /^Service s/ });
    await page.getByRole('status').getByText('41 of 45 services shown').waitFor();
    expect(await sections.count()).toBe(41);
    await page.getByRole('button', { name: 'Show 4 more' }).click();
    await page.getByRole('region', { name: 'Service s54' }).waitFor();
    expect(await sections.count()).toBe(45);
    expect(await page.getByText('services shown').count()).toBe(0);
  });

  it('shows what is said of a cell beside it, on a phone too, and keeps it in sight', async () => {
    tell({ ...small, problems: sickProblems });
    const { page } = await open('', phone);
    const cell = page.locator('[data-at="4,3"]');
    await cell.tap();
    await page.getByRole('heading', { name: '10.20.255.4/32 on lb3' }).waitFor();
    const [cellBox, detailsBox] = await Promise.all(
      [cell, page.getByRole('region', { name: 'Why' })].map((one) => one.boundingBox()),
    );
    expect((cellBox?.y ?? 0) + (cellBox?.height ?? 0)).toBeLessThanOrEqual(detailsBox?.y ?? 0);
    expect(await rowsOf(page)).toContain('10.20.255.1/32 ! lb1 O · ·');
    expect(await overflowOf(page)).toBe(0);
    await page.getByRole('button', { name: 'Close details' }).tap();
    await page.getByRole('region', { name: 'Why' }).waitFor({ state: 'detached' });
  });

  it('says that it is stale when it hears nothing, and comes back by itself, anew with another version', async () => {
    tell(small);
    const { page } = await open();
    await page.getByRole('status').getByText('Live').waitFor();
    dashboard.update({
      state: { isLive: false, detail: 'connection refused' },
      view: generateFleet(),
    });
    await page.getByText('does not reach ZooKeeper: connection refused').waitFor();
    await dashboard.stop();
    await page.getByText('does not answer since').waitFor();
    await page.getByRole('status').getByText('Stale').waitFor();
    dashboard = build();
    await dashboard.start({ host: '127.0.0.1', port });
    tell(failOver(small, 'lb1', new Date().toISOString()));
    await page.getByRole('status').getByText('Live').waitFor();
    expect(await rowsOf(page)).toContain('10.20.255.1/32 backup: lb2, lb3 – backup backup');

    const isLoaded = page.waitForEvent('load');
    await dashboard.stop();
    const files = builtPage();
    dashboard = build({ ...files, script: `${files.script};` });
    await dashboard.start({ host: '127.0.0.1', port });
    tell(small);
    await isLoaded;
    expect(await rowsOf(page)).toContain('10.20.255.1/32 lb1 owner · ·');
  });

  it('is live in more tabs than a browser opens connections', async () => {
    tell(small);
    const { page, complaints } = await open();
    const others = Array.from({ length: 6 }, async () => {
      const other = await page.context().newPage();
      await other.goto(page.url());
      return other;
    });
    const tabs = [page, ...(await Promise.all(others))];
    const show = (among: readonly Page[], head: string) =>
      Promise.all(among.map((tab) => tab.getByRole('rowheader', { name: head }).first().waitFor()));
    await show(tabs, '10.20.255.1/32 lb1');
    tell(failOver(small, 'lb1', new Date().toISOString()));
    await show(tabs, '10.20.255.1/32 backup: lb2, lb3');
    // A connection is left for what is asked.
    await tabs[4]?.locator('[data-at="1,2"]').click();
    await tabs[4]?.getByRole('heading', { name: 'Last moves' }).waitFor();
    // It is nobody's own.
    await page.close();
    tell(small);
    await show(tabs.slice(1), '10.20.255.1/32 lb1');
    expect(complaints).toEqual([]);
  });

  it('shows 100 members by 300 VIPs, and a change in them, at once', async () => {
    tell(large);
    const openedMs = performance.now();
    const { page } = await open();
    await page.getByRole('grid').waitFor();
    const firstMs = performance.now() - openedMs;
    expect(await page.locator('[role=gridcell]').count()).toBeLessThan(3_000);
    expect(await page.getByRole('grid').getAttribute('aria-rowcount')).toBe('301');
    await inPage(page, watchFrames);
    const toldMs = performance.now();
    tell(failOver(large, 'lb007', new Date().toISOString(), 3));
    await page.getByText('backup: lb008 +2').first().waitFor();
    const changeMs = performance.now() - toldMs;
    const longestMs = await inPage<number>(page, 'window.longest');
    await page.locator('[data-at="1,1"]').focus();
    await page.keyboard.press('Control+End');
    expect(await focused(page)).toBe('300,100');
    await inPage(page, 'document.querySelector(".scroller").scrollTo(0, 0)');
    await page.getByText('10.20.255.1/32', { exact: true }).first().waitFor();
    expect(await focused(page)).toBe('300,100');
    console.log(
      `100 x 300: first paint ${Math.round(firstMs)} ms, change ${Math.round(changeMs)} ms, longest frame ${Math.round(longestMs)} ms`,
    );
  });

  describe('looks right', () => {
    const sick: ServiceView = {
      ...failOver(small, 'lb1', new Date().toISOString()),
      drains: [{ name: 'lb9', kind: 'unknown', who: 'jd', why: 'new kernel', isExpired: false }],
    };
    const noted = { kind: 'drain', name: 'lb012', who: 'jd@jump1', source: 'command' } as const;
    const fallen: ServiceView = {
      ...failOver(large, 'lb007', new Date().toISOString(), 3),
      acts: [
        { ...noted, action: 'set', why: 'new kernel', at: minutesAgo(50) },
        { ...noted, action: 'lifted', at: minutesAgo(20) },
      ],
    };

    it.each<readonly [string, readonly ServiceView[], BrowserContextOptions, string | undefined]>([
      ['light', [sick, web], { viewport: { width: 1280, height: 760 } }, '1,2'],
      ['dark', [sick, web], { viewport: { width: 1280, height: 760 }, colorScheme: 'dark' }, '1,2'],
      ['phone', [sick, web], { ...phone, reducedMotion: 'reduce' }, undefined],
      ['large', [fallen], { viewport: { width: 1440, height: 800 } }, undefined],
    ])(
      '%s: nothing overflows, and where details are open axe finds nothing wrong',
      async (name, services, options, at) => {
        tell(...services);
        const { page } = await open('', options);
        await page.getByRole('grid').first().waitFor();
        if (at !== undefined) {
          await page.locator(`[data-at="${at}"]`).first().click();
          await page.getByRole('heading', { name: 'Last moves' }).waitFor();
        }
        await takePicture(page, name);
        expect(await overflowOf(page)).toBe(0);
        // Axe takes seconds, and for the large fleet a minute; it is the theme that makes a difference to it.
        if (at !== undefined) expect(await violationsOf(page)).toEqual([]);
      },
    );
  });
});

/** Every row that is drawn, as it is read: its head, and what each member does. */
async function rowsOf(page: Page): Promise<readonly string[]> {
  const rows = page.getByRole('row').filter({ has: page.getByRole('rowheader') });
  await rows.first().waitFor();
  const texts = await rows.allInnerTexts();
  return texts.map((text) => text.replace(/\s+/g, ' ').trim());
}

/** Where the focus is: a place in a matrix, an id, or a name. */
function focused(page: Page): Promise<string> {
  return inPage(
    page,
    '(({ dataset, id, tagName }) => dataset.at ?? (id || tagName))(document.activeElement)',
  );
}

/** Remembers the longest time between two frames. */
const watchFrames = `{
  let last = performance.now();
  window.longest = 0;
  const look = (now) => {
    window.longest = Math.max(window.longest, now - last);
    last = now;
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}`;

function minutesAgo(minutes: number): string {
  return new Date(Date.now() - minutes * 60_000).toISOString();
}
