import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import type { AxeResults } from 'axe-core';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { onTestFinished } from 'vitest';
import type { PageFiles } from '../../src/dashboard/assets.ts';
import { launcherOf } from './agent-process.ts';

const executablePath = '/usr/bin/chromium';

/** Whether this machine has Debian's Chromium. */
export function hasChromium(): boolean {
  return existsSync(executablePath);
}

/** Chromium without its sandbox, which root cannot have. */
export function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath, args: ['--no-sandbox'] });
}

/** The page as the build made it. */
export function builtPage(): PageFiles {
  launcherOf('vipkeeper');
  const read = (name: string) =>
    readFileSync(new URL(`../../dist/dashboard/${name}`, import.meta.url), 'utf8');
  return { script: read('page.js'), relay: read('relay.js'), style: read('page-style.css') };
}

export interface OpenPage {
  readonly page: Page;
  /** Errors, what its policy refused, and whatever else stands on the console: nothing should. */
  readonly complaints: readonly string[];
}

/** Opens a page in a profile of its own, until the test ends. Desktop, light, unless said otherwise. */
export async function openPage(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<OpenPage> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  onTestFinished(() => context.close());
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (said) => complaints.push(said.text()));
  await page.goto(url);
  return { page, complaints };
}

/** What runs in the browser is text: its globals are none of this process. */
export function inPage<Value>(page: Page, script: string): Promise<Value> {
  return page.evaluate<Value>(script);
}

/** Pixels by which a page is wider than its window. */
export function overflowOf(page: Page): Promise<number> {
  return inPage(
    page,
    '(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)(document.documentElement)',
  );
}

/** `docs/pictures` with VIPKEEPER_PICTURES=docs/pictures: pictures for the documents are made anew. */
const pictures = resolve(process.env['VIPKEEPER_PICTURES'] ?? 'results/pictures');

/** Keeps a picture of what is in the window. */
export async function takePicture(page: Page, name: string): Promise<void> {
  mkdirSync(pictures, { recursive: true });
  await page.screenshot({ path: join(pictures, `${name}.png`) });
}

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What axe-core finds by the rules of WCAG 2.2 A and AA, and by good practice. */
export async function violationsOf(page: Page): Promise<readonly string[]> {
  await inPage(page, axe);
  const { violations } = await inPage<AxeResults>(
    page,
    "axe.run({ resultTypes: ['violations'], preload: false })",
  );
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
}
