// Draws docs/pictures: dashboards from the scripted deployment, the live page and a flame graph from the demo.
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { root, setUp } from './setup.mjs';

const HELP = `npm run pictures               all pictures, in some ten minutes
npm run pictures -- --redraw   the dashboards, from the last recording
npm run pictures -- --pages    the live page and a flame graph, in two minutes; needs no Prometheus`;

const folder = join(root, 'grafana/pictures');
const cache = join(root, '.cache/pictures');
const recording = join(cache, 'recording.json');
const pictures = join(root, 'docs/pictures');

/** The packages that draw are large, and nothing else needs them. */
function installPackages() {
  const stamp = join(folder, 'node_modules/.installed');
  const wanted = createHash('sha256')
    .update(readFileSync(join(folder, 'package-lock.json')))
    .digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  console.log('Installing the packages that draw …');
  execFileSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error', '--ignore-scripts'], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  writeFileSync(stamp, wanted);
}

function requireTool(command, argument) {
  if (spawnSync(command, [argument]).status === 0) return;
  throw new Error(`${command} is missing: apt-get install prometheus chromium`);
}

const run = (script, ...args) => execFileSync(process.execPath, [script, ...args], { stdio: 'inherit' });

function drawDashboards(isRedrawn) {
  requireTool('prometheus', '--version');
  if (!isRedrawn || !existsSync(recording)) {
    mkdirSync(cache, { recursive: true });
    execFileSync(process.execPath, [join(root, 'scripts/deploy.mjs')], {
      env: { ...process.env, LOOPSIGHT_DEPLOY_RECORDING: recording },
      stdio: 'inherit',
    });
  }
  run(join(folder, 'draw.mjs'), join(root, 'grafana/dashboards/loopsight'), recording, pictures);
}

const { values } = parseArgs({
  options: { help: { type: 'boolean' }, redraw: { type: 'boolean' }, pages: { type: 'boolean' } },
});
if (values.help) {
  console.log(HELP);
  process.exit();
}
requireTool(process.env.CHROMIUM ?? '/usr/bin/chromium', '--version');
installPackages();
mkdirSync(pictures, { recursive: true });
if (!values.pages) drawDashboards(values.redraw);
if (!values.redraw) {
  setUp();
  run(join(folder, 'pages.mjs'), pictures);
}
