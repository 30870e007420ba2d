// Writes grafana/dashboards/<set>/*.json from their source; with --check only says whether they are current. Runs under tsx.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { allDashboards } from '../grafana/dashboards/dashboards.js';
import { root } from './setup.mjs';

const folder = 'grafana/dashboards';
const check = process.argv.includes('--check');
const written = [];
let stale = 0;
for (const { file, dashboard } of allDashboards()) {
  const path = join(root, folder, file);
  const text = `${JSON.stringify(dashboard, null, 2)}\n`;
  if (!check) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    written.push(path);
  } else if (!existsSync(path) || !isDeepStrictEqual(JSON.parse(readFileSync(path, 'utf8')), JSON.parse(text))) {
    stale++;
    console.log(`${folder}/${file} differs from its source; run \`npm run dashboards\``);
  }
}
if (written.length > 0) {
  // In the house's format, so that the linter has nothing to say of them.
  execFileSync(
    process.execPath,
    [join(root, 'node_modules/@biomejs/biome/bin/biome'), 'format', '--write', ...written],
    {
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  );
}
process.exitCode = stale === 0 ? 0 : 1;
