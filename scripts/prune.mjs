// Removes from a built folder what no entry point reaches: the observer's modules, which are published inside its program.
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

const SPECIFIER = /(?:\bfrom|\bimport|\brequire\(|\bimport\()\s*['"](\.{1,2}\/[^'"]+)['"]/g;

/** Keeps what `entries` import, and the types beside it; returns the number of files that were removed. */
export function prune(folder, entries) {
  const reached = new Set();
  const visit = (file) => {
    if (reached.has(file) || !existsSync(file)) return;
    reached.add(file);
    for (const [, specifier] of readFileSync(file, 'utf8').matchAll(SPECIFIER)) {
      const target = resolve(dirname(file), specifier);
      visit(target);
      if (file.endsWith('.d.ts')) visit(target.replace(/\.js$/, '.d.ts'));
    }
  };
  for (const entry of entries) visit(join(folder, entry));
  const unreached = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(?:js|d\.ts)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !reached.has(file));
  for (const file of unreached) rmSync(file);
  return unreached.length;
}
