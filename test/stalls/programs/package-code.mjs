// expect {"function": "renderPage", "cause": "javascript", "thread": "main"}
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run, stallMs } from './harness.mjs';

const folder = mkdtempSync(join(tmpdir(), 'loopsight-'));
const engine = join(folder, 'node_modules/slow-engine');
mkdirSync(engine, { recursive: true });
writeFileSync(
  join(engine, 'index.js'),
  `exports.render = function render(ms) {
    const end = performance.now() + ms;
    let sum = 0;
    while (performance.now() < end) for (let i = 0; i < 1000; i++) sum += Math.sqrt(i);
    return sum;
  };`,
);
const { render } = createRequire(join(folder, 'app.js'))('slow-engine');
rmSync(folder, { recursive: true });

function renderPage() {
  return render(stallMs);
}

await run(['renderPage', () => void renderPage()]);
