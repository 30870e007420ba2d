// What speedscope itself reads out of files: its own page is loaded with them, and its table of functions is read.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from '../support/chromium.js';
import { root } from '../support/run-node.js';

/** The shares of a function in percent, as the table shows them. */
export interface ReadShares {
  readonly total: number;
  readonly self: number;
}

const PAGE = `file://${join(root, 'node_modules/speedscope/dist/release/index.html')}`;

/** Imports a file, which gets its name from `name`, into speedscope; resolves to its functions by name. */
export async function readBySpeedscope(
  browser: Browser,
  folder: string,
  name: string,
  content: string | Uint8Array,
): Promise<ReadonlyMap<string, ReadShares>> {
  const script = join(folder, `${name}.js`);
  const base64 = Buffer.from(content).toString('base64');
  writeFileSync(script, `speedscope.loadFileFromBase64(${JSON.stringify(name)}, ${JSON.stringify(base64)})`);
  const page = await browser.open(`${PAGE}#localProfilePath=${script}`);
  try {
    // It shows the samples in time first; 3 is the key for the table.
    await page.waitFor(`document.body.innerText.includes('Sandwich')`);
    await page.press('3');
    const rows = await page.waitFor<readonly (readonly string[])[]>(`(() => {
      const rows = [...document.querySelectorAll('tr')].map((row) => [...row.children].map((cell) => cell.innerText));
      return rows.length > 1 ? rows.slice(1) : undefined;
    })()`);
    return new Map(
      rows.map(([total = '', self = '', name = '']) => [name.trim(), { total: share(total), self: share(self) }]),
    );
  } finally {
    await page.close();
  }
}

// `659.05ms (53%)`, and `>99%` or `<0.01%` at the ends.
function share(cell: string): number {
  const [, bound, percent] = /\(([<>]?)([\d.]+)%\)/.exec(cell) ?? [];
  if (percent === undefined) throw new Error(`no share in ${JSON.stringify(cell)}`);
  return bound === '>' ? 100 : Number(percent);
}
