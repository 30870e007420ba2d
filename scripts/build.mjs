// Builds dist/: ES modules, CommonJS, the observer's program as a string inside both, and the demo.
import { execFileSync } from 'node:child_process';
import { chmodSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, buildSync } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const at = (...parts) => join(root, ...parts);

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
  const file = at(`dist/${format}/src/observer/program.js`);
  const compiled = readFileSync(file, 'utf8');
  if (!compiled.includes("'@observer-program@'")) throw new Error(`${file} has no place for the observer's program`);
  writeFileSync(
    file,
    compiled.replace("'@observer-program@'", () => program),
  );
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
