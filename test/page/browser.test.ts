// The page in Chromium: by clicking, by keys, by what a screen reader finds, dark and light, and on a small window.
import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { type Browser, startChromium } from '../support/chromium.js';
import type { Page, PageOptions } from '../support/chromium-page.js';
import { type Instrumented, startInstrumented } from '../support/instrumented.js';

interface Said {
  readonly app: string;
  readonly metrics: string;
}

let program: Instrumented<Said> | undefined;
let browser: Browser | undefined;

before(async () => {
  program = await startInstrumented<Said>('http-server.mjs', { LOOPSIGHT_PAGE: 'on', LOOPSIGHT_LOG: 'off' });
});
after(async () => {
  await browser?.close();
  await program?.[Symbol.asyncDispose]();
});

const LIVE = `document.querySelector('#connection').dataset.state === 'live'`;
const LEVEL = `document.querySelector('#verdict').dataset.level`;
const text = (selector: string) => `document.querySelector(${JSON.stringify(selector)}).textContent`;
const press = (selector: string) => `document.querySelector(${JSON.stringify(selector)}).click()`;

async function open(t: TestContext, options: PageOptions = {}): Promise<Page | undefined> {
  browser ??= await startChromium(t);
  if (browser === undefined || program === undefined) return undefined;
  const page = await browser.open(new URL('/', program.said.metrics).href, options);
  t.after(() => page.close());
  await page.waitFor(`${LIVE} && ${LEVEL} !== 'waiting'`);
  return page;
}

function block(ms: number): void {
  get(`${program?.said.app}/block?ms=${ms}`, { agent: false }).on('error', () => {});
}

test('the bundle is small, and needs nothing else', { timeout: 60_000 }, async (t) => {
  const page = await open(t);
  if (page === undefined) return;
  const html = await page.evaluate<string>(`fetch('/').then((response) => response.text())`);
  assert.ok(Buffer.byteLength(html) <= 120_000, `it has ${Buffer.byteLength(html)} bytes`);
  await page.waitFor(`document.querySelectorAll('#threads tbody tr').length > 0`);
  const hosts = new Set(page.requests.map((url) => new URL(url).host));
  assert.deepEqual([...hosts], [new URL(program?.said.metrics ?? '').host]);
  assert.deepEqual(page.errors, []);
});

test('while the loop is blocked it says so, by whom, and goes on', { timeout: 60_000 }, async (t) => {
  const page = await open(t);
  if (page === undefined) return;
  await page.waitFor(
    `${LEVEL} === 'fine' && ${text('#headline')} === 'The event loop is healthy.' && document.title.startsWith('Healthy · ')`,
  );
  block(7_000);
  await page.waitFor(`${text('#headline')}.includes('blocks the event loop, for')`);
  const first = await page.evaluate<string>(text('#headline'));
  await page.waitFor(`${text('#headline')} !== ${JSON.stringify(first)}`, 5_000);
  // Who it is and what the threads do comes with looks of their own, within the block.
  await page.waitFor(`${LEVEL} === 'critical' && /http-server\\.mjs:\\d+/.test(${text('#detail')})`);
  await page.waitFor(`/blocked/.test(${text('#threads tbody')})`);
  assert.match(await page.evaluate(text('#headline')), /blocks the event loop, for/);
  assert.equal(await page.evaluate(LIVE), true);
  // What is read out does not change with every second.
  const announced = await page.evaluate<string>(text('#announced'));
  assert.match(announced, /blocks the event loop/);
  await page.waitFor(`document.querySelectorAll('#stalls tbody tr').length > 0`);
  await page.waitFor(`!${text('#headline')}.includes('now.')`);
  // It is told of when it is over, which may be a moment later.
  await page.waitFor(`${text('#blockers tbody')}.includes('http-server.mjs')`);
  // The stack is there on demand.
  await page.evaluate(press('#stalls summary'));
  assert.ok(await page.evaluate<boolean>(`document.querySelector('#stalls details').open`));
  assert.deepEqual(page.errors, []);
});

test('a graph is drawn, moves with the keys, and stands still on request', { timeout: 60_000 }, async (t) => {
  const page = await open(t);
  if (page === undefined) return;
  await page.waitFor(`document.querySelectorAll('.graph canvas').length === 3`);
  // Something was drawn in the colour of the first line.
  const painted = `(() => {
    const canvas = document.querySelector('.graph canvas');
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    let count = 0;
    for (let at = 0; at < data.length; at += 4) if (data[at + 2] > data[at] + 60 && data[at + 3] > 100) count++;
    return count;
  })()`;
  await page.waitFor(`${painted} > 20`);
  await page.evaluate(`document.querySelector('.graph').focus()`);
  await page.press('ArrowLeft');
  await page.waitFor(`document.querySelector('.graph .moment').textContent !== ''`);
  const moment = await page.evaluate<string>(text('.graph .moment'));
  await page.press('ArrowLeft');
  await page.waitFor(`document.querySelector('.graph .moment').textContent !== ${JSON.stringify(moment)}`);
  assert.match(await page.evaluate(text('.graph [aria-live]')), /p99/);
  await page.click('#graphs button');
  assert.equal(await page.evaluate(`document.querySelector('#graphs button').getAttribute('aria-pressed')`), 'true');
  const process = await page.evaluate<string>(text('#process'));
  await page.waitFor(`new Promise((resolve) => setTimeout(() => resolve(true), 1500))`);
  assert.equal(await page.evaluate(text('#process')), process);
  await page.click('#graphs button');
  await page.waitFor(`${text('#process')} !== ${JSON.stringify(process)}`);
});

test('two times are compared, chosen in a graph or as they are suggested', { timeout: 60_000 }, async (t) => {
  const page = await open(t);
  if (page === undefined) return;
  await page.waitFor(`document.querySelectorAll('.graph canvas').length === 3`);
  await page.evaluate(press('#compare button'));
  await page.waitFor(`document.querySelectorAll('#compare tbody tr').length >= 7`);
  assert.match(await page.evaluate(text('#compare [role=status]')), /^A: .* to .*\. B: .* to /);
  // What is above the graph may become longer or shorter at any time.
  const drag = async (from: number, to: number) => {
    const place = await page.evaluate<{ x: number; y: number; width: number }>(`(() => {
      const plot = document.querySelector('.graph .u-over');
      plot.scrollIntoView({ block: 'center' });
      const { x, y, width } = plot.getBoundingClientRect();
      return { x, y, width };
    })()`);
    await page.drag([place.x + place.width * from, place.y + 60], [place.x + place.width * to, place.y + 60]);
  };
  await drag(0.5, 0.7);
  await page.waitFor(`${text('#compare [role=status]')}.includes('Range A is chosen')`);
  assert.equal(
    await page.evaluate(`document.querySelectorAll('#compare input')[3].value`),
    '0',
    'B is still to be chosen',
  );
  await drag(0.75, 0.95);
  await page.waitFor(`${text('#compare [role=status]')}.startsWith('A: ')`);
  const [, a, b] = /^A: (.*?)\. B: (.*?)\./.exec(await page.evaluate(text('#compare [role=status]'))) ?? [];
  assert.notEqual(a, b, 'one drag is one range');
  assert.deepEqual(page.errors, []);
});

test('a flame graph is recorded on demand', { timeout: 60_000 }, async (t) => {
  const page = await open(t);
  if (page === undefined) return;
  await page.waitFor(`!document.querySelector('#profile').hidden`);
  await page.evaluate(press('#profile input[value="1"]'));
  await page.evaluate(press('#profile button.strong'));
  block(900);
  await page.waitFor(`${text('#profile [role=status]')}.includes('Recorded at')`, 30_000);
  await page.waitFor(
    `document.querySelector('#profile .flame canvas, #profile .flame svg, #profile .flame [role]') !== null`,
  );
  await page.evaluate(press('#profile button.strong'));
  await page.waitFor(`!document.querySelector('#profile label[hidden]')`, 30_000);
  assert.deepEqual(page.errors, []);
});

test('it can be used without eyes and without a mouse', { timeout: 60_000 }, async (t) => {
  const page = await open(t);
  if (page === undefined) return;
  await page.waitFor(`document.querySelectorAll('#threads tbody tr').length > 0`);
  const found = await page.accessible();
  const has = (role: string, name: RegExp) => found.some((one) => one.role === role && name.test(one.name));
  for (const landmark of ['banner', 'main', 'contentinfo'])
    assert.ok(has(landmark, /./s) || found.some((one) => one.role === landmark), landmark);
  for (const heading of ['Who blocks', 'Threads', 'Queues', 'Functions', 'Tasks', 'Stalls', 'Compare two times']) {
    assert.ok(has('heading', new RegExp(`^${heading}$`)), heading);
  }
  assert.ok(has('heading', /event loop/), 'the verdict is a heading');
  assert.ok(has('table', /^Threads and their event loops$/), 'tables have captions');
  assert.ok(has('columnheader', /^Thread$/) && has('rowheader', /^main$/));
  assert.ok(found.filter(({ role }) => role === 'button').every(({ name }) => name !== ''));
  assert.ok(
    found.filter(({ role }) => ['spinbutton', 'radio', 'checkbox'].includes(role)).every(({ name }) => name !== ''),
  );
  // Every stop of the tab key is seen: it has an outline, or its label has.
  const stops: string[] = [];
  for (let index = 0; index < 12; index++) {
    await page.press('Tab');
    stops.push(
      await page.evaluate<string>(`(() => {
        const one = document.activeElement;
        const seen = one.type === 'radio' ? one.nextElementSibling : one;
        return getComputedStyle(seen).outlineStyle + ' ' + one.tagName;
      })()`),
    );
  }
  assert.match(stops[0] ?? '', / A$/);
  for (const stop of stops) assert.doesNotMatch(stop, /^none/, stops.join(', '));
});

test('text is readable in the dark and in the light', { timeout: 60_000 }, async (t) => {
  for (const dark of [true, false]) {
    const page = await open(t, { dark });
    if (page === undefined) return;
    await page.waitFor(`document.querySelectorAll('#threads tbody tr').length > 0`);
    const bad = await page.evaluate<string[]>(CONTRASTS);
    assert.deepEqual(bad, [], dark ? 'dark' : 'light');
    const picture = join(tmpdir(), `loopsight-page-${process.pid}.png`);
    await page.picture(picture);
    const { length } = readFileSync(picture);
    rmSync(picture);
    assert.ok(length > 10_000, 'the picture shows something');
    assert.equal(
      await page.evaluate<boolean>(`(() => {
        const [r] = getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number);
        return r < 60;
      })()`),
      dark,
    );
  }
});

test('a window of 360 pixels has room for everything, and so has a wide one', { timeout: 60_000 }, async (t) => {
  const page = await open(t, { width: 360, height: 740 });
  if (page === undefined) return;
  await page.waitFor(`document.querySelectorAll('#threads tbody tr').length > 0`);
  await page.evaluate(press('#graphs button'));
  // As long as they get.
  await page.evaluate(`(() => {
    const row = document.querySelector('#threads tbody tr');
    row.dataset.level = 'critical';
    ['renderer', 'blocked 999\u00a0ms', '99 %', '999 ms', '0.999', '99.9 MiB']
      .forEach((text, place) => { row.children[place].textContent = text; });
  })()`);
  // Tables that do not fit can be scrolled, which nobody sees.
  const cut = `[...document.querySelectorAll('.scroller')]
    .filter((table) => table.scrollWidth > table.clientWidth).map((table) => table.closest('section').id)`;
  assert.equal(await page.evaluate('document.documentElement.scrollWidth'), 360);
  assert.deepEqual(await page.evaluate(cut), []);
  await page.prefer({ width: 1280, height: 800 });
  await page.waitFor(`document.querySelector('.graph canvas').clientWidth > 600`);
  assert.deepEqual(await page.evaluate(cut), []);
});

test('with a token it asks for it, and keeps it to the window', { timeout: 60_000 }, async (t) => {
  await using closed = await startInstrumented<Said>('http-server.mjs', {
    LOOPSIGHT_PAGE: 'on',
    LOOPSIGHT_TOKEN: 'the token',
    LOOPSIGHT_LOG: 'off',
  });
  browser ??= await startChromium(t);
  if (browser === undefined) return;
  const page = await browser.open(new URL('/', closed.said.metrics).href);
  t.after(() => page.close());
  await page.waitFor(`!document.querySelector('#sign-in').hidden`);
  assert.equal(await page.evaluate(`document.querySelector('#shown').hidden`), true);
  await page.type('not the token');
  await page.press('Enter');
  await page.waitFor(`${text('#sign-in-error')} !== ''`);
  await page.evaluate(`document.querySelector('#token').value = ''; document.querySelector('#token').focus()`);
  await page.type('the token');
  await page.press('Enter');
  await page.waitFor(`${LIVE} && ${LEVEL} !== 'waiting'`);
  assert.equal(await page.evaluate(`document.querySelector('#sign-in').hidden`), true);
  assert.equal(await page.evaluate('document.cookie + localStorage.length'), '0');
  assert.ok(page.requests.every((url) => !url.includes('token')));
});

// Of every text that is seen: the contrast with what is behind it, after WCAG 2.2 (1.4.3).
const CONTRASTS = `(() => {
  const channels = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const luminance = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((one) => one / 255).map((one) => (one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4));
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const behind = (element) => {
    for (let one = element; one !== null; one = one.parentElement) {
      const back = channels(getComputedStyle(one).backgroundColor);
      if (back[3] !== 0) return back;
    }
    return [255, 255, 255];
  };
  const bad = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    const element = node.parentElement;
    if (node.textContent.trim() === '' || element.closest('script, style, .unseen, .skip, [hidden]') !== null) continue;
    if (element.getClientRects().length === 0) continue;
    const style = getComputedStyle(element);
    const [one, other] = [luminance(channels(style.color)), luminance(behind(element))].sort((a, b) => b - a);
    const ratio = (one + 0.05) / (other + 0.05);
    const isLarge = parseFloat(style.fontSize) >= 24;
    if (ratio < (isLarge ? 3 : 4.5)) bad.push(node.textContent.trim().slice(0, 40) + ' ' + ratio.toFixed(2));
  }
  return bad;
})()`;
