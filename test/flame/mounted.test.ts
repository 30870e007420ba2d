// The flame graph as a part of another page: drawn anew under the hands of somebody, and removed.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildSync } from 'esbuild';
import { startChromium } from '../support/chromium.js';
import { root } from '../support/instrumented.js';
import { writeHtml } from './flame-pages.js';
import { type MadeCall, madeProfile } from './made-profile.js';

const CALLS = (renderUs: number, more: readonly MadeCall[] = []): readonly MadeCall[] => [
  {
    name: 'handle',
    calls: [
      { name: 'render', selfUs: renderUs },
      { name: 'parse', selfUs: 400 },
    ],
  },
  ...more,
];

function pageWithMount(): string {
  const contents = "import { mountFlame } from './browser/flame/flame.js'; globalThis.mountFlame = mountFlame;";
  const script = buildSync({
    stdin: { contents, resolveDir: root, loader: 'ts' },
    bundle: true,
    write: false,
    format: 'iife',
    logLevel: 'silent',
  }).outputFiles[0]?.text;
  return writeHtml(
    `<!doctype html><meta charset="utf-8"><h1>A page</h1><div id="place"></div><script>${script}</script>`,
  );
}

test('another profile is drawn in the place of the last, and what was looked at stays', async (t) => {
  const browser = await startChromium(t);
  if (browser === undefined) return;
  t.after(() => browser.close());
  const page = await browser.open(pageWithMount());
  const show = (call: string, calls: readonly MadeCall[]) =>
    page.evaluate(`void (${call.replace('$', () => JSON.stringify(madeProfile({ main: calls })))})`);
  const crumbs = () =>
    page.evaluate<string>("[...document.querySelectorAll('.flame-way button')].map((one) => one.textContent).join()");
  const text = (selector: string) => page.evaluate<string>(`document.querySelector('${selector}').innerText`);

  await show("globalThis.flame = mountFlame(document.querySelector('#place'), $, { heading: false })", CALLS(600));
  assert.equal(await page.evaluate("document.querySelectorAll('h1').length"), 1);
  await page.evaluate("document.querySelector('.flame-box').focus()");
  for (const key of ['ArrowDown', 'ArrowDown', 'ArrowDown', 'Enter']) await page.press(key);
  assert.equal(await crumbs(), 'main,handle,render');
  await page.evaluate("document.querySelector('input[type=search]').focus()");
  await page.type('parse');
  assert.equal(await text('.flame-found'), '40.0 % matched in 1 function');

  // Another order of functions, other widths: the same frame is found by its name.
  await show('flame.update($)', CALLS(100, [{ name: 'fresh', selfUs: 1500 }]));
  assert.equal(await crumbs(), 'main,handle,render');
  assert.equal(await text('.flame-found'), '20.0 % matched in 1 function');

  // It is gone: its caller is what is left of it.
  await show('flame.update($)', CALLS(0));
  assert.equal(await crumbs(), 'main,handle');

  await page.evaluate('flame.destroy(); flame.destroy()');
  assert.equal(await page.evaluate("document.querySelector('#place').childElementCount"), 0);
  assert.deepEqual(page.errors, []);
});
