// Draws docs/pictures from the scripted deployment; with --redraw from the last recording. Takes some eight minutes.
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './setup.mjs';

const folder = join(root, 'grafana/pictures');
const cache = join(root, '.cache/pictures');
const recording = join(cache, 'recording.json');

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

for (const [command, argument] of [
  ['prometheus', '--version'],
  [process.env.CHROMIUM ?? '/usr/bin/chromium', '--version'],
]) {
  if (spawnSync(command, [argument]).status !== 0) {
    throw new Error(`${command} is missing: apt-get install prometheus chromium`);
  }
}
installPackages();
if (!process.argv.includes('--redraw') || !existsSync(recording)) {
  mkdirSync(cache, { recursive: true });
  execFileSync(process.execPath, [join(root, 'scripts/deploy.mjs')], {
    env: { ...process.env, LOOPSIGHT_DEPLOY_RECORDING: recording },
    stdio: 'inherit',
  });
}
const pictures = join(root, 'docs/pictures');
mkdirSync(pictures, { recursive: true });
execFileSync(
  process.execPath,
  [join(folder, 'draw.mjs'), join(root, 'grafana/dashboards/loopsight'), recording, pictures],
  { stdio: 'inherit' },
);
