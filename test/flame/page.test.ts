// The page of a flame graph in Chromium, as somebody uses it: mouse, keys, search, threads, and what a screen reader is told.
import assert from 'node:assert/strict';
import { after, before, type TestContext, test } from 'node:test';
import type { Profile } from '../../src/profile/profile.js';
import { type Browser, startChromium } from '../support/chromium.js';
import type { Page, PageOptions } from '../support/chromium-page.js';
import { eventually } from '../support/eventually.js';
import { writeDiffPage, writeFlamePage } from './flame-pages.js';
import { type MadeCall, madeCalls, madeProfile } from './made-profile.js';

const ROW = 20;
const MS = 1000;
const CALLS: readonly MadeCall[] = [
  {
    name: 'handle',
    selfUs: 10 * MS,
    calls: [
      { name: 'render', selfUs: 300 * MS, calls: [{ name: 'escape', package: '@acme/html', selfUs: 200 * MS }] },
      { name: 'emit', package: 'node', calls: [{ name: 'parse', package: 'ajv', selfUs: 90 * MS }] },
    ],
  },
  { name: '(idle)', origin: 'idle', selfUs: 400 * MS },
];
const PROFILE = madeProfile({ main: CALLS }, { notes: ['A note for whoever reads it.'] });
const THREADS = madeProfile({ main: CALLS, '[worker 1] resize': [{ name: 'resize', selfUs: 600 * MS }] });

let browser: Browser | undefined;
before(async (t) => {
  browser = await startChromium(t as TestContext);
});
after(() => browser?.close());

/** A test with a page of `profile`; at its end nothing must have been asked of a network, and nothing have gone wrong. */
function pageTest(name: string, shown: Profile | (() => Promise<string>), use: (page: Page) => Promise<void>): void {
  test(name, async (t) => {
    if (browser === undefined) {
      t.skip('chromium is missing');
      return;
    }
    const address = typeof shown === 'function' ? await shown() : await writeFlamePage(shown);
    const page = await browser.open(address, { height: 1000 });
    t.after(() => page.close());
    await use(page);
    assert.deepEqual(page.errors, []);
    assert.deepEqual(page.requests, [address]);
  });
}

const text = (page: Page, selector: string) =>
  page.evaluate<string>(`document.querySelector(${JSON.stringify(selector)}).innerText.replace(/\\s+/g, ' ').trim()`);
/** The name of the frame that is selected. */
const selected = (page: Page) => text(page, '.flame-details strong');
const crumbs = (page: Page) =>
  page.evaluate<string[]>("[...document.querySelectorAll('.flame-way button')].map((one) => one.textContent)");
const press = async (page: Page, ...keys: readonly string[]) => {
  for (const key of keys) await page.press(key);
};

/** The middle of what stands in a row, at a share of the width. */
async function placeOf(page: Page, row: number, share: number): Promise<readonly [x: number, y: number]> {
  const [left, top, width] = await page.evaluate<[number, number, number]>(
    "(() => { const box = document.querySelector('.flame-box'); const { left, top } = box.getBoundingClientRect(); return [left, top - box.scrollTop, box.clientWidth]; })()",
  );
  return [left + width * share, top + row * ROW + ROW / 2];
}

/** Moves the mouse to a frame and waits for what it says; the page may still be drawing what was chosen before. */
async function tells(page: Page, row: number, share: number, what: RegExp): Promise<void> {
  const ask = async () => {
    await page.hover(1, 1);
    await page.hover(...(await placeOf(page, row, share)));
    return text(page, '.flame-tooltip');
  };
  await eventually(ask, (told) => what.test(told));
}

/** The colour that is drawn there, after the next picture, as red, green and blue. */
async function colourAt(page: Page, row: number, share: number): Promise<readonly number[]> {
  return page.evaluate(`new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => {
    const canvas = document.querySelector('.flame-box canvas');
    const x = Math.round(${share} * canvas.width);
    resolve([...canvas.getContext('2d').getImageData(x, ${row * ROW + 3}, 1, 1).data].slice(0, 3));
  })))`);
}

pageTest('what is under the mouse is named, with its own time and all of it', PROFILE, async (page) => {
  // 600 ms were not idle.
  await tells(page, 2, 0.4, /render src\/app\.js:\d+ · Your code Total 500 ms · 83\.3 % Self 300 ms · 50\.0 %/);
  assert.match(
    await text(page, '.flame-head'),
    /made\.js.*process 4711 · Node 24\.21\.0.*A note for whoever reads it\./,
  );
});

pageTest('a click zooms to a frame, and the way back is shown', PROFILE, async (page) => {
  await page.clickAt(...(await placeOf(page, 2, 0.9)));
  assert.deepEqual(await crumbs(page), ['main', 'handle', 'emit']);
  await tells(page, 3, 0.05, /^parse /);
  await page.click('.flame-way li:first-child button');
  assert.deepEqual(await crumbs(page), ['main']);
});

pageTest('everything can be reached with the keys', PROFILE, async (page) => {
  await page.evaluate("document.querySelector('.flame-box').focus()");
  await press(page, 'ArrowDown', 'ArrowDown', 'ArrowRight');
  assert.equal(await selected(page), 'emit');
  await press(page, 'ArrowLeft', 'Enter');
  assert.deepEqual(await crumbs(page), ['main', 'handle', 'render']);
  await press(page, 'Backspace');
  assert.deepEqual(await crumbs(page), ['main', 'handle']);
  await press(page, 'Escape');
  assert.deepEqual(await crumbs(page), ['main']);
  await press(page, '/');
  assert.equal(await page.evaluate('document.activeElement.type'), 'search');
});

pageTest('a search tells the share of what it finds, and leads from match to match', PROFILE, async (page) => {
  const before = await colourAt(page, 4, 0.97);
  // Without having gone to the graph before.
  await press(page, '/');
  await page.type('/parse|escape/');
  assert.equal(await text(page, '.flame-found'), '48.3 % matched in 2 functions');
  await press(page, 'Enter');
  assert.equal(await selected(page), 'escape', 'the widest first');
  await press(page, 'Enter');
  assert.equal(await selected(page), 'parse');
  assert.equal(await page.evaluate("document.querySelectorAll('.flame-hot tbody tr').length"), 2);
  await press(page, 'Escape');
  assert.equal(await text(page, '.flame-found'), '');
  assert.deepEqual(await colourAt(page, 4, 0.97), before);
});

pageTest('a package has one colour, which the legend leaves alone', PROFILE, async (page) => {
  assert.match(await text(page, '.flame-legend'), /Your code 51\.7 % @acme\/html 33\.3 % ajv 15\.0 %/);
  const own = await colourAt(page, 2, 0.8);
  const other = await colourAt(page, 3, 0.3);
  assert.notDeepEqual(own, other);
  await page.click('.flame-legend li:nth-child(2) button');
  const pixel = (row: number, share: number) =>
    page.evaluate<number>(`new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => {
      const canvas = document.querySelector('.flame-box canvas');
      resolve(canvas.getContext('2d').getImageData(${share} * canvas.width, ${row * ROW + 3}, 1, 1).data[3]);
    })))`);
  assert.ok((await pixel(2, 0.8)) < 100, 'what is not chosen stands back');
  assert.equal(await pixel(3, 0.3), 255);
  assert.equal(
    await page.evaluate("document.querySelector('[aria-pressed=true]').innerText.includes('@acme/html')"),
    true,
  );
});

pageTest('Node’s own code can be folded, and callers be seen from what they call', PROFILE, async (page) => {
  await page.click('.flame-tick input');
  await tells(page, 2, 0.9, /^parse /);
  await page.click('input[value=callers] + span');
  await tells(page, 2, 0.9, /^handle /);
  await page.clickAt(...(await placeOf(page, 1, 0.6)));
  await page.click('.flame-actions button:nth-child(4)');
  assert.deepEqual(await crumbs(page), ['Everything', 'escape']);
});

pageTest('in time, idle time is a gap', PROFILE, async (page) => {
  await page.click('input[value=time] + span');
  assert.match(await text(page, '.flame-axis'), /^0 µs 200 ms .*800 ms/);
  await tells(page, 1, 0.3, /^handle .*From 0 µs/);
  await page.hover(...(await placeOf(page, 1, 0.8)));
  assert.equal(await page.evaluate("document.querySelector('.flame-tooltip').hidden"), true);
});

pageTest('threads can be left out', THREADS, async (page) => {
  assert.deepEqual(await crumbs(page), ['Everything']);
  await page.click('.flame-threads summary');
  await page.click('.flame-threads label:nth-of-type(1) input');
  assert.equal(await text(page, '.flame-threads summary'), '1 of 2 threads');
  assert.deepEqual(await crumbs(page), ['[worker 1] resize']);
  assert.equal(await page.evaluate("document.querySelectorAll('.flame-hot tbody tr').length"), 1);
  await page.click('.flame-threads label:nth-of-type(2) input');
  assert.equal(await page.evaluate("document.querySelector('.flame-empty').hidden"), false);
});

const [worker] = madeProfile({ resize: [{ name: 'resize', selfUs: 600 * MS }] }).threads;
const POOL: Profile = {
  ...THREADS,
  threads: [3, 5].flatMap((threadId) => (worker === undefined ? [] : [{ ...worker, threadId }])),
};
pageTest('threads of one name are told apart', POOL, async (page) => {
  await page.click('.flame-threads summary');
  await page.click('.flame-threads label:nth-of-type(1) input');
  assert.deepEqual(await crumbs(page), ['resize (thread 5)']);
});

pageTest('flames grow upwards', PROFILE, async (page) => {
  const rows = 4;
  await page.click('input[value=flame] + span');
  await tells(page, rows - 1, 0.5, /^main /);
  await page.evaluate("document.querySelector('.flame-box').focus()");
  await press(page, 'ArrowUp', 'ArrowUp');
  assert.equal(await selected(page), 'handle');
});

pageTest('a screen reader is told of the frame, and has all of it as a table', PROFILE, async (page) => {
  await page.evaluate("document.querySelector('.flame-box').focus()");
  await press(page, 'ArrowDown', 'ArrowDown');
  const nodes = await page.accessible();
  const named = (role: string) => nodes.filter((node) => node.role === role).map(({ name }) => name);
  assert.match(named('treeitem')[0] ?? '', /^render, src\/app\.js:\d+, Total 500 ms · 83\.3 %, Self 300 ms · 50\.0 %/);
  assert.deepEqual(named('tree'), ['Flame graph; the table below has the same functions']);
  assert.deepEqual(named('table'), ['Hottest functions']);
  assert.deepEqual(named('columnheader').slice(0, 4), ['Function', 'Where', 'Self', 'Self time']);
  assert.deepEqual(named('rowheader'), ['render', 'escape', 'parse', 'handle', 'emit']);
  assert.deepEqual(
    nodes.filter(({ role, name }) => /^(?:button|checkbox|radio|searchbox|tree)$/.test(role) && name === ''),
    [],
  );
  await page.click('.flame-hot th:nth-child(5) button');
  assert.equal(await page.evaluate("document.querySelector('.flame-hot tbody th').innerText"), 'handle');
  assert.equal(await page.evaluate("document.querySelector('[aria-sort]').innerText"), 'Total');
});

pageTest('dark where that is preferred, at once', PROFILE, async (page) => {
  const brightness = async () => (await colourAt(page, 1, 0.9)).reduce((sum, one) => sum + one, 0) / 3;
  const light = await brightness();
  const background = await page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
  const dark: PageOptions = { dark: true, height: 1000 };
  await page.prefer(dark);
  await eventually(brightness, (now) => now < light * 0.7);
  assert.notEqual(await page.evaluate('getComputedStyle(document.body).backgroundColor'), background);
});

const HOSTILE = '</script><img src=x onerror="document.title=`broken`"><!--';
pageTest(
  'names that are HTML are only names',
  madeProfile(
    {
      [HOSTILE]: [{ name: HOSTILE, package: HOSTILE, selfUs: 10, calls: [{ name: '\u202egnirts', selfUs: 3 }] }],
    },
    { title: HOSTILE, notes: [HOSTILE] },
  ),
  async (page) => {
    await page.clickAt(...(await placeOf(page, 1, 0.5)));
    assert.equal(await page.evaluate('document.title'), HOSTILE);
    assert.ok((await text(page, '.flame-details')).startsWith(HOSTILE));
    assert.equal(await page.evaluate("document.querySelectorAll('img').length"), 0);
    await page.evaluate(
      "document.body.append(Object.assign(document.createElement('script'), { text: 'document.title = `broken`' }))",
    );
    assert.equal(await page.evaluate('document.title'), HOSTILE, 'the policy lets no other script run');
    page.errors.splice(0);
  },
);

pageTest('20,000 frames are all there, and are found', madeProfile({ main: madeCalls(20_000) }), async (page) => {
  await page.click('input[type=search]');
  await page.type('render1');
  assert.match(await text(page, '.flame-found'), /^\d+\.\d % matched in \d{2,} functions$/);
  await press(page, 'Enter');
  assert.match(await selected(page), /^render1/);
  // The page has as many elements as what is in sight.
  assert.ok((await page.evaluate<number>("document.querySelectorAll('*').length")) < 1000);
});

const deep = (depth: number): MadeCall => ({
  name: `level${depth}`,
  selfUs: 100,
  calls: depth < 90 ? [deep(depth + 1)] : [],
});
pageTest(
  'a press finds what is under the mouse in a deep stack, too',
  madeProfile({ main: [deep(1)] }),
  async (page) => {
    const scrolled = () => page.evaluate<number>("document.querySelector('.flame-box').scrollTop");
    await page.evaluate("document.querySelector('.flame-box').scrollTop = 50 * 20");
    await page.clickAt(...(await placeOf(page, 70, 0.1)));
    assert.equal(await selected(page), 'level70');
    assert.match((await crumbs(page)).join(), /^main,level1,level2,level3,level67,level68,level69,level70$/);
    assert.equal(await scrolled(), 50 * 20);
  },
);

pageTest(
  'a process that was idle has nothing to show',
  madeProfile({ main: [{ name: '(idle)', origin: 'idle', selfUs: 9 }] }),
  async (page) => {
    assert.equal(await page.evaluate("document.querySelector('.flame-empty').checkVisibility()"), true);
    await page.click('input[value=callers] + span');
    await page.click('input[value=flame] + span');
  },
);

const BEFORE = madeProfile({
  main: [
    { name: 'same', selfUs: 50 },
    { name: 'dearer', selfUs: 20 },
    { name: 'old', selfUs: 30 },
  ],
});
const AFTER = madeProfile({
  main: [
    { name: 'same', selfUs: 100 },
    { name: 'dearer', selfUs: 80 },
    { name: 'fresh', selfUs: 20 },
  ],
});
pageTest(
  'a difference is red where it is dearer and blue where it is cheaper',
  () => writeDiffPage(BEFORE, AFTER),
  async (page) => {
    const rowOf = (name: string) =>
      page.evaluate<string>(
        `[...document.querySelectorAll('.flame-hot tbody tr')].find((row) => row.innerText.startsWith('${name}')).innerText.replace(/\\s+/g, ' ')`,
      );
    assert.equal(await rowOf('dearer'), 'dearer src/app.js:3 +20.0 points 20.0 % 40.0 % +20.0 points 20.0 % 40.0 %');
    assert.match(await rowOf('old'), /^old src\/app\.js:4 −30\.0 points 30\.0 % 0\.0 %/);
    // The widest first: same (50 %), dearer (30 %), then what only one of both has.
    assert.deepEqual(await colourAt(page, 2, 0.3), await colourAt(page, 1, 0.3));
    const [red = 0, , blue = 0] = await colourAt(page, 2, 0.7);
    assert.ok(red > blue);
    const [redOfOld = 0, , blueOfOld = 0] = await colourAt(page, 2, 0.87);
    assert.ok(redOfOld < blueOfOld);
    await tells(page, 2, 0.87, /^old .*Total 30\.0 % → 0\.0 % \(−30\.0 points\).*Seen only before/);
    await page.click('input[value=after] + span');
    await tells(page, 2, 0.95, /^fresh .*Seen only after/);
  },
);
