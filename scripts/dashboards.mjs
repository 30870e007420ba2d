// Writes grafana/dashboards/*.json from their source; with --check only says whether they are current. Runs under tsx.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { overview } from '../grafana/dashboards/overview.js';
import { root } from './setup.mjs';

const dashboards = { 'grafana/dashboards/overview.json': overview() };
let stale = 0;
for (const [file, dashboard] of Object.entries(dashboards)) {
  const path = join(root, file);
  const text = `${JSON.stringify(dashboard, null, 2)}\n`;
  if (!process.argv.includes('--check')) {
    writeFileSync(path, text);
    // In the house's format, so that the linter has nothing to say of it.
    execFileSync(process.execPath, [join(root, 'node_modules/@biomejs/biome/bin/biome'), 'format', '--write', path], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  } else if (!existsSync(path) || !isDeepStrictEqual(JSON.parse(readFileSync(path, 'utf8')), JSON.parse(text))) {
    stale++;
    console.log(`${file} differs from its source; run \`npm run dashboards\``);
  }
}
process.exitCode = stale === 0 ? 0 : 1;
