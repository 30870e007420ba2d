// An application that imports Loopsight, in one file made by esbuild or webpack: the endpoint's thread needs no file.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { build } from 'esbuild';
import { type App, createApp, installTool } from '../support/packed.js';
import { runWithoutStalls } from '../support/run-node.js';

const SOURCE = `
import { queueMonitor, start, traced } from 'loopsight';
const handle = start({ port: 0 });
const mail = queueMonitor('mail');
mail.added();
traced('charge', () => 1)();
handle.endpoint.then(async (endpoint) => {
  const text = await (await fetch(endpoint.url)).text();
  const own = /^loopsight_self_snapshot_age_seconds/m.test(text);
  console.log(own, ['loopsight_eventloop_lag_seconds_bucket', 'code_function_name="charge"', 'queue_name="mail"'].every((part) => text.includes(part)));
  mail.added(); // A queue that nobody holds is forgotten with its series.
  await handle.stop();
});
`;
// What a bundle with register in it says: it starts first, so that start() is the one that runs already.
const SOURCES = { 'start()': SOURCE, 'loopsight/register': `import 'loopsight/register';${SOURCE}` };

interface Compiler {
  run(done: (error: Error | null, stats?: { hasErrors(): boolean; toString(): string }) => void): void;
  close(done: () => void): void;
}

let app: App;
before(async () => {
  app = await createApp();
});
after(() => app?.remove());

/** Runs the bundle where no package can be found. */
async function assertServes(file: string): Promise<void> {
  const run = await runWithoutStalls([file], { cwd: join(app.folder, 'out') });
  assert.deepEqual(run, { code: 0, signal: null, stdout: 'true true\n', stderr: '' });
}

const IS_MATRIX = process.env.LOOPSIGHT_PACKAGE_MATRIX === 'all';
/** What is minified has lost more; `LOOPSIGHT_PACKAGE_MATRIX=all` for both. */
const MINIFIED = IS_MATRIX ? [false, true] : [true];
/** webpack takes long: without the matrix it makes each of the two formats once. */
const WEBPACK_CUT = ['start() esm', 'loopsight/register cjs'];

for (const [title, source] of Object.entries(SOURCES)) {
  for (const format of ['esm', 'cjs'] as const) {
    for (const minify of MINIFIED) {
      const name = `${title.replaceAll(/\W/g, '')}-${format}-${minify}`;
      const ending = format === 'esm' ? 'mjs' : 'cjs';

      describe(`${title}, ${format}${minify ? ', minified' : ''}`, () => {
        test('esbuild', async () => {
          const entry = app.write(`${name}.js`, source);
          const outfile = join(app.folder, 'out', `esbuild-${name}.${ending}`);
          const result = await build({
            entryPoints: [entry],
            outfile,
            bundle: true,
            minify,
            format,
            platform: 'node',
            logLevel: 'silent',
            // What esbuild's users put before ES modules that hold CommonJS.
            banner:
              format === 'esm'
                ? {
                    js: "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);",
                  }
                : {},
          });
          assert.deepEqual(result.warnings, []);
          await assertServes(outfile);
        });

        if (!IS_MATRIX && !WEBPACK_CUT.includes(`${title} ${format}`)) return;
        test('webpack', async () => {
          const require = createRequire(join(await installTool('webpack'), 'package.json'));
          const webpack = require('webpack') as (options: object) => Compiler;
          const entry = app.write(`${name}.mjs`, source);
          const folder = join(app.folder, 'out');
          mkdirSync(folder, { recursive: true });
          const filename = `webpack-${name}.${ending}`;
          const compiler = webpack({
            mode: minify ? 'production' : 'development',
            devtool: false,
            target: 'node20.19',
            entry,
            output: { path: folder, filename, module: format === 'esm', clean: false },
            experiments: { outputModule: format === 'esm' },
          });
          const text = await new Promise<string>((resolve, reject) =>
            compiler.run((error, stats) =>
              compiler.close(() => {
                if (error !== null) reject(error);
                else if (stats?.hasErrors() !== false) reject(new Error(stats?.toString()));
                else resolve(stats.toString());
              }),
            ),
          );
          assert.doesNotMatch(text, /WARNING/);
          await assertServes(join(folder, filename));
        });
      });
    }
  }
}
