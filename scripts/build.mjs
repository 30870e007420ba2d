// Builds dist/: ES modules, CommonJS, the observer's program as a string inside both, the dashboards, the schema
// of the configuration file, and the demo.
// With --release without source maps, which are for working on Loopsight: what is published is as readable as its source.
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build, buildSync } from 'esbuild';
import { bundlePage, compressed } from './pages.mjs';
import { prune } from './prune.mjs';

const withMaps = !process.argv.includes('--release');
const root = join(dirname(fileURLToPath(import.meta.url)), '..');
/** The place of what is built apart from it, in a text that is compiled. */
const placeOf = (name) => new RegExp(`(['"])@${name}@\\1`);
const at = (...parts) => join(root, ...parts);
/** Everything is built beside dist/ and put in its place at the end: programs may run from it meanwhile. */
const next = (...parts) => join(root, 'dist.next', ...parts);

const REGISTER_BUNDLE = {
  bundle: true,
  allowOverwrite: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20.19',
  // Read at each start of a program; its source is in the files beside it.
  minifyWhitespace: true,
  sourcemap: withMaps,
  logLevel: 'warning',
};

/**
 * What `loopsight/register` runs, in one piece for the main thread and one for workers: it runs at each start of a program
 * and of a worker, and loading fifty modules would be most of its cost. Its copies of our modules meet those of `loopsight`
 * in the shared state (src/shared-state.ts).
 */
function bundleRegister() {
  const pieces = ['src/register-main.ts', 'src/register-worker.ts'].map((name) => at(name));
  buildSync({ ...REGISTER_BUNDLE, entryPoints: pieces, outdir: next('cjs/src') });

  // An ES module cannot choose what it imports and be done in the same turn, and importing CommonJS costs a worker 5 ms:
  // the pieces become functions of one file, and get Node's own modules, which is all that they require, in another way.
  const [main, worker] = pieces;
  const { outputFiles } = buildSync({ ...REGISTER_BUNDLE, entryPoints: [worker], sourcemap: false, write: false });
  buildSync({
    ...REGISTER_BUNDLE,
    entryPoints: [main],
    outfile: next('esm/src/register.js'),
    banner: { js: "import { isMainThread } from 'node:worker_threads';\nfunction runMain(require) {" },
    footer: {
      js: `}
function runWorker(require) {
${outputFiles[0].text}}
(isMainThread ? runMain : runWorker)((name) => process.getBuiltinModule(name));`,
    },
  });
  for (const name of ['register-main', 'register-worker']) {
    for (const ending of ['js', 'js.map', 'd.ts']) rmSync(next(`esm/src/${name}.${ending}`), { force: true });
  }
}

/** The observer's program, as one CommonJS text that needs no file. */
function bundleObserver() {
  const result = buildSync({
    entryPoints: [at('src/observer/thread.ts')],
    bundle: true,
    // With short names it is a third smaller, and it is in the package four times; its source is in the files beside it.
    minify: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20.19',
    write: false,
    legalComments: 'none',
    logLevel: 'warning',
  });
  return result.outputFiles[0].text;
}

/** `text` with `value` as a string in the place of that name. */
function fill(text, name, value, where) {
  if (!placeOf(name).test(text)) throw new Error(`${where} has no place for ${name}`);
  return text.replace(placeOf(name), () => JSON.stringify(value));
}

function fillFile(file, name, value) {
  writeFileSync(next(file), fill(readFileSync(next(file), 'utf8'), name, value, file));
}

function compile(project, folder) {
  const tsc = at('node_modules/typescript/bin/tsc');
  execFileSync(
    process.execPath,
    [
      tsc,
      '-p',
      at(project),
      '--outDir',
      next(folder),
      ...(withMaps ? [] : ['--sourceMap', 'false', '--inlineSources', 'false']),
    ],
    { stdio: 'inherit' },
  );
}

rmSync(next(), { recursive: true, force: true });
compile('tsconfig.esm.json', 'esm');
compile('tsconfig.cjs.json', 'cjs');
writeFileSync(next('cjs/package.json'), '{ "type": "commonjs" }\n');

const livePage = compressed(await bundlePage(at('browser/page')));
const observer = bundleObserver();
const program = placeOf('live-page').test(observer) ? fill(observer, 'live-page', livePage, '') : observer;
bundleRegister();
for (const name of [
  'cjs/src/register-main',
  'esm/src/register',
  'cjs/src/observer/program',
  'esm/src/observer/program',
]) {
  fillFile(`${name}.js`, 'observer-program', program);
}
const flamePage = await bundlePage(at('browser/flame'));
for (const format of ['esm', 'cjs']) {
  fillFile(`${format}/src/profile/flame/flame-asset.js`, 'flame-page', flamePage);
  fillFile(`${format}/src/page/page-asset.js`, 'live-page', livePage);
}
for (const format of ['esm', 'cjs']) chmodSync(next(`${format}/src/cli/main.js`), 0o755);

// What `loopsight dashboards` writes, without the spaces that are for readers of the repository.
for (const file of readdirSync(at('grafana/dashboards'), { recursive: true }).filter((name) =>
  name.endsWith('.json'),
)) {
  const target = next('grafana/dashboards', file);
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, JSON.stringify(JSON.parse(readFileSync(at('grafana/dashboards', file), 'utf8'))));
}

// What editors know of loopsight.config.json.
const { configFileSchema } = await import(pathToFileURL(next('esm/src/config-file/schema.js')).href);
writeFileSync(next('config.schema.json'), `${JSON.stringify(configFileSchema(), undefined, 2)}\n`);

const demo = readdirSync(at('demo')).filter((name) => name.endsWith('.ts'));
await build({
  entryPoints: demo.map((name) => at('demo', name)),
  outdir: next('demo'),
  bundle: false,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  sourcemap: true,
  keepNames: true,
  logLevel: 'warning',
});

if (!withMaps) {
  const entry = (name) => [`src/${name}.js`, `src/${name}.d.ts`];
  const entries = ['index', 'register', 'traced', 'exporter', 'test', 'nestjs'].flatMap(entry);
  prune(next('esm'), [...entries, ...entry('vitest'), 'src/cli/main.js']);
  prune(next('cjs'), [
    ...entries,
    'src/jest.cjs',
    'src/register-main.js',
    'src/register-worker.js',
    'src/doctor/in-program.js',
    'src/record/in-program.js',
  ]);
}

const last = at('dist.last');
rmSync(last, { recursive: true, force: true });
if (existsSync(at('dist'))) renameSync(at('dist'), last);
renameSync(next(), at('dist'));
rmSync(last, { recursive: true, force: true });
