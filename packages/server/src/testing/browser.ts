import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
} from 'playwright-core';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** WCAG 2.2 at levels A and AA. */
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

/** The list that Playwright gives by itself, which ours takes the place of. */
const PLAYWRIGHTS_OWN = [
  'AvoidUnnecessaryBeforeUnloadCheckSync',
  'DestroyProfileOnBrowserClose',
  'HttpsUpgrades',
  'HttpsFirstBalancedModeAutoEnable',
  'LensOverlay',
  'MediaRouter',
  'PaintHolding',
  'ThirdPartyStoragePartitioning',
  'AvoidCorsURLLoaderRestartOnRedirect',
  'OptimizationHints',
  'NetworkTimeServiceQuerying',
  'AimEnabled',
  'PreconnectToSearch',
];

/** What drops down from the address bar: two pages of its own in each window, half of what opening a window takes. */
const ADDRESS_BAR = ['WebUIOmniboxPopup', 'WebUIOmniboxAimPopup', 'WebUIOmniboxFullPopup'];

/** The installed Chromium, quiet on the network. */
export async function launchBrowser(): Promise<Browser> {
  return await chromium.launch({
    executablePath: process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium',
    args: [
      '--headless=new',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      `--disable-features=${[...PLAYWRIGHTS_OWN, ...ADDRESS_BAR].join()}`,
    ],
  });
}

export interface Visitor {
  context: BrowserContext;
  page: Page;
  /** What the browser complained of: errors, refusals of the content security policy, missing files. */
  complaints: string[];
  /**
   * Closes the window, at the end of every visit. Chromium can keep one that is still clearing what it has stored of a site;
   * it goes with the browser then, and the test is told by what it has seen.
   */
  leave(): Promise<void>;
}

const LEAVE_MS = 10_000;

/** A browser of its own: no cookies, and every complaint noted. */
export async function newVisitor(browser: Browser, options: BrowserContextOptions = {}): Promise<Visitor> {
  const context = await browser.newContext(options);
  context.setDefaultTimeout(15_000);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
  page.on('requestfailed', (request) => {
    const reason = request.failure()?.errorText;
    // Leaving a page breaks off what it still asked for.
    if (reason !== 'net::ERR_ABORTED') complaints.push(`failed: ${request.url()} ${reason}`);
  });
  page.on('console', (message) => {
    // A refusal is told in the document itself; files that are missing are noted below.
    const isRefusal = /server responded with a status of 4\d\d/.test(message.text());
    if (['error', 'warning'].includes(message.type()) && !isRefusal)
      complaints.push(`${message.type()}: ${message.text()}`);
  });
  page.on('response', (response) => {
    const kind = response.request().resourceType();
    if (response.status() >= 500) complaints.push(`${response.status()}: ${response.url()}`);
    if (response.status() >= 400 && !['document', 'fetch'].includes(kind))
      complaints.push(`${response.status()}: ${kind} ${response.url()}`);
  });
  const leave = () => Promise.race([context.close(), wait(LEAVE_MS, undefined, { ref: false })]);
  return { context, page, complaints, leave };
}

/** Each broken rule of WCAG with the elements that break it; empty when all is well. */
export async function accessibilityProblems(page: Page): Promise<string[]> {
  // Through the debugger, which the page's own policy does not bind.
  await page.evaluate(`${AXE}; undefined`);
  return await page.evaluate<string[]>(`
    axe.run(document, { runOnly: ${JSON.stringify(RULES)}, resultTypes: ['violations'] }).then(({ violations }) =>
      violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html, failureSummary }) => html + ' ' + failureSummary).join(' | ')))
  `);
}

/** Elements that reach beyond the right edge of the window, if the page can be scrolled sideways at all. */
export async function sidewaysOverflow(page: Page): Promise<string[]> {
  return await page.evaluate<string[]>(`(() => {
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width) return [];
    return [...document.body.querySelectorAll('*')]
      .filter((element) => element.getBoundingClientRect().right > width + 0.5)
      .map((element) => element.outerHTML.slice(0, 120));
  })()`);
}

/** Keeps a picture for people to look at, when `FLUXGATE_PICTURES` names a folder. */
export async function takePicture(page: Page, name: string): Promise<void> {
  const folder = process.env['FLUXGATE_PICTURES'];
  if (!folder) return;
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
}

const WIDTHS = [320, 768, 1280];
const SCHEMES = ['light', 'dark'] as const;

/**
 * What is wrong with a page's look at all widths and in both colour schemes; empty when all is well. A long page may
 * be looked at closely at some widths only.
 */
export async function looksBad(page: Page, name: string, closely = WIDTHS): Promise<string[]> {
  const found: string[] = [];
  // A heading stands there before its style sheet does.
  await page.waitForLoadState();
  for (const colorScheme of SCHEMES) {
    await page.emulateMedia({ colorScheme });
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: 800 });
      const problems = await sidewaysOverflow(page);
      if (closely.includes(width)) problems.push(...(await accessibilityProblems(page)));
      found.push(...problems.map((problem) => `${name} ${width} ${colorScheme}: ${problem}`));
      await takePicture(page, `${name}-${width}-${colorScheme}`);
    }
  }
  return found;
}
