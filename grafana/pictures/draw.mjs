// Draws the pictures: node draw.mjs <dashboard.json> <recording.json> <folder>. The packages of this folder must be installed.
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import puppeteer from 'puppeteer-core';
import sharp from 'sharp';

const SHOWN = [1, 101, 102, 103, 104, 105, 106, 2, 201, 202, 4, 401, 402, 403, 5, 501];
/** Larger than the dashboard: Grafana leaves what is out of sight undrawn. */
const VIEWPORT = { width: 1600, height: 2000, deviceScaleFactor: 2 };
const COLORS = 256;
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
async function startServer(dashboardFile, recordingFile) {
  const { script, styles } = await bundle();
  const server = createServer(({ url = '/' }, response) => {
    const answer = (type, body) => response.writeHead(200, { 'content-type': type }).end(body);
    try {
      if (url === '/') answer('text/html', HTML);
      else if (url === '/page.js') answer('text/javascript', script);
      else if (url === '/page.css') answer('text/css', styles);
      else if (url === '/dashboard.json') answer('application/json', readFileSync(dashboardFile));
      else if (url === '/recording.json') answer('application/json', readFileSync(recordingFile));
      else if (url.includes('/img/icons/')) answer('image/svg+xml', readFileSync(iconFile(url)));
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

async function shoot(browser, url, mode) {
  const page = await browser.newPage();
  const problems = [];
  page.on('pageerror', (error) => problems.push(error.stack));
  await page.setViewport(VIEWPORT);
  await page.goto(`${url}#${encodeURIComponent(JSON.stringify({ mode, shown: SHOWN }))}`, {
    waitUntil: 'networkidle0',
  });
  const dashboard = await page.waitForSelector('#dashboard', { timeout: 20_000 }).catch((error) => {
    throw new Error([error.message, ...problems].join('\n'));
  });
  await page.evaluate(() => document.fonts.ready);
  await new Promise((resolve) => setTimeout(resolve, 500));
  const picture = await dashboard.screenshot();
  await page.close();
  if (problems.length > 0) throw new Error(problems.join('\n'));
  return sharp(picture).png({ palette: true, colours: COLORS, effort: 10, compressionLevel: 9, dither: 0 }).toBuffer();
}

const [dashboardFile, recordingFile, folder] = process.argv.slice(2);
const server = await startServer(dashboardFile, recordingFile);
const browser = await puppeteer.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--hide-scrollbars', '--font-render-hinting=none', '--lang=en-GB'],
});
try {
  for (const mode of ['light', 'dark']) {
    const picture = await shoot(browser, `http://127.0.0.1:${server.address().port}/`, mode);
    writeFileSync(join(folder, `overview-${mode}.png`), picture);
    console.log(`overview-${mode}.png: ${Math.round(picture.length / 1000)} kB`);
  }
} finally {
  await browser.close();
  server.close();
}
