// Draws the live page and a flame graph of the demo: node pages.mjs <folder>. The packages of this folder must be installed.
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import puppeteer from 'puppeteer-core';
import { LARGEST_BYTES, small } from './small.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const SCALE = 1.25;
const WIDTH = 1280;
/** What stands beside a picture's parts. */
const MARGIN = 10;
/** The graphs of the page have something to show by then. */
const OLD_ENOUGH_S = 75;
const PATIENCE_MS = 120_000;

/** Starts the demo as `npm start` does, with its three faults; resolves with the address of its live page. */
async function startDemo() {
  const args = [join(root, 'scripts/start.mjs'), '--port=0', '--metrics-port=0', '--duration=600'];
  const demo = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'ignore'] });
  process.once('exit', () => demo.kill());
  demo.stdout.setEncoding('utf8');
  const address = await new Promise((resolve, reject) => {
    let said = '';
    demo.stdout.on('data', (text) => {
      said += text;
      const [, found] = /^Its live page (\S+)$/m.exec(said) ?? [];
      if (found !== undefined) resolve(found);
    });
    demo.once('exit', () => reject(new Error(`The demo did not start: ${said}`)));
  });
  return { demo, address };
}

/** Opens the live page, and waits until its graphs have something to show. */
async function openLivePage(page, address) {
  await page.goto(address);
  await page.waitForFunction(
    (seconds) =>
      fetch('/page/state.json?history=0')
        .then((response) => response.json())
        .then(({ process }) => process.uptimeS >= seconds),
    { timeout: PATIENCE_MS, polling: 1000 },
    OLD_ENOUGH_S,
  );
}

/** Its first parts, at a moment at which it says who blocks, before and after the picture is made. */
async function drawLivePage(page, mode) {
  await prefer(page, mode);
  const saysWho = () => /deriveKey/.test(document.querySelector('#headline').textContent);
  for (const endMs = performance.now() + PATIENCE_MS; performance.now() < endMs; ) {
    await page.waitForFunction(saysWho, { timeout: PATIENCE_MS });
    const picture = await drawDownTo(page, '#threads', MARGIN);
    if (await page.evaluate(saysWho)) return picture;
  }
  throw new Error('The page did not say for long enough who blocks');
}

/** Records the process behind `address` as a user does, and shows who derives keys. */
async function drawFlameGraph(page, address, folder) {
  const { process: observed } = await (await fetch(new URL('/page/state.json?history=0', address))).json();
  const file = join(folder, 'profile.html');
  const command = [
    join(root, 'dist/esm/src/cli/main.js'),
    'record',
    `${observed.pid}`,
    '--duration',
    '10s',
    '-o',
    file,
  ];
  execFileSync(process.execPath, command, { stdio: 'pipe' });
  await page.goto(pathToFileURL(file).href);
  await prefer(page, 'light');
  await page.type('input[type=search]', 'deriveKey');
  return drawDownTo(page, '.flame-box', 0);
}

async function prefer(page, mode) {
  await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: mode }]);
  // What moves from one colour to the other, and the graphs, which are drawn anew.
  await new Promise((resolve) => setTimeout(resolve, 1500));
}

async function drawDownTo(page, selector, margin) {
  const bottom = await page.$eval(selector, (part) => part.getBoundingClientRect().bottom);
  const clip = { x: 0, y: 0, width: WIDTH, height: Math.ceil(bottom) + margin };
  return page.screenshot({ clip, captureBeyondViewport: true });
}

const [folder] = process.argv.slice(2);
const temporary = mkdtempSync(join(tmpdir(), 'loopsight-pictures-'));
const { demo, address } = await startDemo();
const browser = await puppeteer.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--hide-scrollbars', '--font-render-hinting=none', '--lang=en-GB'],
});
try {
  const page = await browser.newPage();
  await page.setViewport({ width: WIDTH, height: 1000, deviceScaleFactor: SCALE });
  const pictures = [];
  await openLivePage(page, address);
  for (const mode of ['light', 'dark']) pictures.push([`live-page-${mode}.png`, await drawLivePage(page, mode)]);
  pictures.push(['flame-graph.png', await drawFlameGraph(page, address, temporary)]);
  for (const [file, picture] of pictures) {
    const drawn = await small(picture);
    if (drawn.length > LARGEST_BYTES) throw new Error(`${file} has ${drawn.length} bytes, more than ${LARGEST_BYTES}`);
    writeFileSync(join(folder, file), drawn);
    console.log(`${file}: ${Math.round(drawn.length / 1000)} kB`);
  }
} finally {
  await browser.close();
  demo.kill();
  rmSync(temporary, { recursive: true, force: true });
}
