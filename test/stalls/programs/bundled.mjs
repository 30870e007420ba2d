// expect {"function": "compressAvatar", "cause": "javascript", "thread": "main"}
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { transformSync } from 'esbuild';
import { run, stallMs } from './harness.mjs';

const source = `
function compressAvatar(durationMs) {
  const endMs = performance.now() + durationMs;
  let pixels = 0;
  while (performance.now() < endMs) for (let row = 0; row < 1000; row++) pixels += Math.sqrt(row);
  return pixels;
}
export function upload(durationMs) {
  return compressAvatar(durationMs) + compressAvatar(0);
}`;
const { code } = transformSync(source, {
  minify: true,
  sourcemap: 'inline',
  sourcefile: 'src/avatar.js',
  format: 'esm',
});
const folder = mkdtempSync(join(tmpdir(), 'loopsight-'));
const file = join(folder, 'app.mjs');
writeFileSync(file, code);
const { upload } = await import(pathToFileURL(file).href);
process.on('exit', () => rmSync(folder, { recursive: true }));

await run(['compressAvatar', () => void upload(stallMs)]);
