// Builds dist/: ES modules, CommonJS, the observer's program as a string inside both, and the demo.
import { execFileSync } from 'node:child_process';
import { chmodSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, buildSync } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
/** The place of the observer's program in src/observer/program.ts. */
const MARKER = /(['"])@observer-program@\1/;
const at = (...parts) => join(root, ...parts);

/**
 * `loopsight/register` as one file: it runs at each start of a program, and loading fifty modules would be most of its cost.
 * Its copies of our modules meet those of `loopsight` in the shared state (src/shared-state.ts).
 */
function bundleRegister(format) {
  buildSync({
    entryPoints: [at('src/register.ts')],
    outfile: at(`dist/${format}/src/register.js`),
    allowOverwrite: true,
    bundle: true,
    platform: 'node',
    format,
    target: 'node20.19',
    sourcemap: true,
    logLevel: 'warning',
  });
}

/** The observer's program, as one CommonJS text that needs no file. */
function bundleObserver() {
  const result = buildSync({
    entryPoints: [at('src/observer/thread.ts')],
    bundle: true,
    minifySyntax: true,
    minifyWhitespace: true,
    keepNames: false,
    platform: 'node',
    format: 'cjs',
    target: 'node20.19',
    write: false,
    legalComments: 'none',
    logLevel: 'warning',
  });
  return result.outputFiles[0].text;
}

function compile(project) {
  execFileSync(process.execPath, [at('node_modules/typescript/bin/tsc'), '-p', at(project)], { stdio: 'inherit' });
}

rmSync(at('dist'), { recursive: true, force: true });
compile('tsconfig.esm.json');
compile('tsconfig.cjs.json');
writeFileSync(at('dist/cjs/package.json'), '{ "type": "commonjs" }\n');

const program = JSON.stringify(bundleObserver());
for (const format of ['esm', 'cjs']) {
  bundleRegister(format);
  for (const name of ['register.js', 'observer/program.js']) {
    const file = at(`dist/${format}/src/${name}`);
    const compiled = readFileSync(file, 'utf8');
    if (!MARKER.test(compiled)) throw new Error(`${file} has no place for the observer's program`);
    writeFileSync(
      file,
      compiled.replace(MARKER, () => program),
    );
  }
  chmodSync(at(`dist/${format}/src/cli/main.js`), 0o755);
}

const demo = readdirSync(at('demo')).filter((name) => name.endsWith('.ts'));
await build({
  entryPoints: demo.map((name) => at('demo', name)),
  outdir: at('dist/demo'),
  bundle: false,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  sourcemap: true,
  keepNames: true,
  logLevel: 'warning',
});
