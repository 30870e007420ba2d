// Draws the pictures: node draw.mjs <folder of dashboards> <recording.json> <folder>. The packages of this folder must be installed.
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import puppeteer from 'puppeteer-core';
import { LARGEST_BYTES, small } from './small.mjs';

/** What is drawn: a dashboard, of which rows (by default all), how large. */
const PICTURES = [
  { name: 'overview', modes: ['light', 'dark'], rows: [1, 2], scale: 1.25 },
  { name: 'deploys', modes: ['light'], scale: 1.25 },
  { name: 'stalls', modes: ['light'], rows: [10, 11, 12], scale: 1.25 },
  { name: 'queues', modes: ['light'], scale: 1.25 },
  { name: 'functions', modes: ['light'], rows: [5, 17], scale: 1.25 },
  { name: 'service-level', modes: ['light'], scale: 1.25 },
];
/** Larger than any of them: Grafana leaves what is out of sight undrawn. */
const VIEWPORT = { width: 1600, height: 3200 };
const here = dirname(fileURLToPath(import.meta.url));
const modules = join(here, 'node_modules');
const HTML = `<!doctype html><meta charset="utf-8"><title>Loopsight</title><link rel="stylesheet" href="/page.css">
<style>@font-face { font-family: Inter; font-weight: 100 900; src: url(/fonts/inter/variable.woff2) }</style>
<div id="root"></div><script type="module" src="/page.js"></script>`;

async function bundle() {
  const { outputFiles } = await build({
    entryPoints: [join(here, 'page/main.jsx')],
    bundle: true,
    write: false,
    format: 'esm',
    minify: true,
    jsx: 'automatic',
    nodePaths: [modules],
    define: { 'process.env.NODE_ENV': '"production"', global: 'globalThis' },
    outdir: '/',
    // The letters of an editor that no panel shows.
    loader: { '.ttf': 'empty' },
    logLevel: 'error',
  });
  const contentsOf = (ending) => outputFiles.find(({ path }) => path.endsWith(ending))?.contents;
  return { script: contentsOf('.js'), styles: contentsOf('.css') };
}

/** What the page asks for: itself, the data, and Grafana's icons and letters where Grafana expects them. */
async function startServer(dashboards, { dashboards: answers, ...times }) {
  const { script, styles } = await bundle();
  const server = createServer(({ url = '/' }, response) => {
    const answer = (type, body) => response.writeHead(200, { 'content-type': type }).end(body);
    try {
      if (url === '/') answer('text/html', HTML);
      else if (url === '/page.js') answer('text/javascript', script);
      else if (url === '/page.css') answer('text/css', styles);
      else if (url.startsWith('/dashboard/')) answer('application/json', readFileSync(join(dashboards, basename(url))));
      else if (url.startsWith('/recording/')) {
        const recorded = { ...times, answers: answers[basename(url, '.json')] };
        answer('application/json', JSON.stringify(recorded));
      } else if (url.includes('/img/icons/')) answer('image/svg+xml', readFileSync(iconFile(url)));
      else if (url.includes('/fonts/inter/')) answer('font/woff2', readFileSync(letters()));
      else response.writeHead(404).end();
    } catch {
      response.writeHead(404).end();
    }
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  return server;
}

function iconFile(url) {
  return join(modules, '@grafana/ui/dist/public/img/icons', basename(dirname(url)), basename(url));
}

function letters() {
  return createRequire(import.meta.url).resolve('@fontsource-variable/inter/files/inter-latin-wght-normal.woff2');
}

async function shoot(browser, url, { name, rows, scale }, mode, nowMs) {
  const page = await browser.newPage();
  const problems = [];
  page.on('pageerror', (error) => problems.push(error.stack));
  // What was two minutes ago in the recording stays so.
  await page.evaluateOnNewDocument((nowMs) => {
    Date.now = () => nowMs;
  }, nowMs);
  await page.setViewport({ ...VIEWPORT, deviceScaleFactor: scale });
  await page.goto(`${url}#${encodeURIComponent(JSON.stringify({ name, mode, rows }))}`, { waitUntil: 'networkidle0' });
  const dashboard = await page.waitForSelector('#dashboard', { timeout: 20_000 }).catch((error) => {
    throw new Error([error.message, ...problems].join('\n'));
  });
  await page.evaluate(() => document.fonts.ready);
  await new Promise((resolve) => setTimeout(resolve, 500));
  const picture = await dashboard.screenshot();
  await page.close();
  if (problems.length > 0) throw new Error(problems.join('\n'));
  return small(picture);
}

const [dashboards, recordingFile, folder, only] = process.argv.slice(2);
const recording = JSON.parse(readFileSync(recordingFile, 'utf8'));
const server = await startServer(dashboards, recording);
const browser = await puppeteer.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--hide-scrollbars', '--font-render-hinting=none', '--lang=en-GB'],
});
try {
  for (const picture of PICTURES.filter(({ name }) => only === undefined || name === only)) {
    for (const mode of picture.modes) {
      const file = `${picture.name}${picture.modes.length > 1 ? `-${mode}` : ''}.png`;
      const drawn = await shoot(browser, `http://127.0.0.1:${server.address().port}/`, picture, mode, recording.toMs);
      if (drawn.length > LARGEST_BYTES)
        throw new Error(`${file} has ${drawn.length} bytes, more than ${LARGEST_BYTES}`);
      writeFileSync(join(folder, file), drawn);
      console.log(`${file}: ${Math.round(drawn.length / 1000)} kB`);
    }
  }
} finally {
  await browser.close();
  server.close();
}
