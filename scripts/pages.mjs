// Bundles a page of browser/ into one HTML text: its script and style stand inside, so that it needs no other file.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';
import { build } from 'esbuild';

const OPTIONS = {
  bundle: true,
  minify: true,
  write: false,
  format: 'iife',
  target: ['chrome109', 'firefox115', 'safari16.4'],
  // uPlot's licence goes with it.
  legalComments: 'inline',
  logLevel: 'warning',
};

/** Ways to draw lines, join data and write dates that no page uses, and that uPlot keeps at hand for all: a tenth of it. */
const UNUSED_OF_UPLOT = /^.*\buPlot\.(join|fmtDate|tzDate) +=.*$|^.*\(paths\.(stepped|bars|spline) +=.*$/gm;

const withoutUnused = {
  name: 'without-unused',
  setup({ onLoad }) {
    onLoad({ filter: /uPlot\.esm\.js$/ }, ({ path }) => {
      const text = readFileSync(path, 'utf8');
      if (text.match(UNUSED_OF_UPLOT)?.length !== 6)
        throw new Error(`${path} is another one: see what can be left out`);
      return { contents: text.replace(UNUSED_OF_UPLOT, '').replace(/^\/\*\*/, '/*!') };
    });
  },
};

/** The page in `folder`, which has main.ts, style.css and index.html with a place for each. */
export async function bundlePage(folder) {
  const textOf = async (name) => {
    const { outputFiles } = await build({ ...OPTIONS, plugins: [withoutUnused], entryPoints: [join(folder, name)] });
    return outputFiles[0].text.trim();
  };
  const [style, script] = await Promise.all(['style.css', 'main.ts'].map(textOf));
  const parts = {
    style: `<style>${style.replaceAll('</style', '<\\/style')}</style>`,
    script: `<script>${script.replaceAll('</script', '<\\/script')}</script>`,
  };
  return readFileSync(join(folder, 'index.html'), 'utf8').replace(/<!-- (style|script) -->/g, (_, part) => parts[part]);
}

/** A page as short text. */
export function compressed(page) {
  const params = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY };
  return brotliCompressSync(page, { params }).toString('base64');
}
