// Writes the committed rules, Kubernetes objects and docs/alerts.md from their source; with --check only says whether they
// are current. Runs under tsx.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { committedFiles } from '../grafana/rules/committed.js';
import { root } from './setup.mjs';

const dashboards = readdirSync(join(root, 'grafana/dashboards/loopsight'))
  .filter((name) => name.endsWith('.json'))
  .map((name) => name.slice(0, -'.json'.length))
  .sort();
let stale = 0;
for (const [file, text] of committedFiles(dashboards)) {
  const path = join(root, file);
  if (!process.argv.includes('--check')) writeFileSync(path, text);
  else if (!existsSync(path) || readFileSync(path, 'utf8') !== text) {
    stale++;
    console.log(`${file} differs from its source; run \`npm run rules\``);
  }
}
process.exitCode = stale === 0 ? 0 : 1;
