// Has every ES module below some folders rewritten as if all of its exports were traced, and says which no longer parse.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { SourceTextModule } from 'node:vm';
import { traceCode } from '../../../dist/esm/src/trace-patterns/es-code.js';

const EVERYTHING = { isReplaced: () => true, passes() {}, isThere: () => true };
const types = new Map();

function isEsFolder(folder) {
  const known = types.get(folder);
  if (known !== undefined) return known;
  const manifest = join(folder, 'package.json');
  const parent = dirname(folder);
  const isEs = existsSync(manifest)
    ? JSON.parse(readFileSync(manifest, 'utf8')).type === 'module'
    : parent !== folder && isEsFolder(parent);
  types.set(folder, isEs);
  return isEs;
}

const broken = [];
let modules = 0;
let changed = 0;
for (const folder of process.argv.slice(2)) {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const file = join(entry.parentPath, entry.name);
    if (!entry.isFile() || !/\.m?js$/.test(file) || (file.endsWith('.js') && !isEsFolder(dirname(file)))) continue;
    const code = readFileSync(file, 'utf8');
    const rewritten = traceCode(code, `file://${file}`, EVERYTHING);
    modules++;
    if (rewritten === code) continue;
    changed++;
    try {
      new SourceTextModule(rewritten);
    } catch (error) {
      broken.push(`${file}: ${error}`);
    }
  }
}
console.log(JSON.stringify({ modules, changed, broken }));
