// Places in generated code as their sources name them: real output of bundlers and compilers, and maps that are of no use.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type BuildOptions, buildSync } from 'esbuild';
import { placeOf, readFrames } from '../../../src/stalls/blame/frames.js';
import { createSourceMapper } from '../../../src/stalls/blame/source-maps.js';
import type { RawFrame } from '../../../src/stalls/loop/raw-frame.js';
import { root } from '../../support/run-node.js';

const app = realpathSync(mkdtempSync(join(tmpdir(), 'loopsight-source-maps-')));
after(() => rmSync(app, { recursive: true, force: true }));

const SOURCES: Readonly<Record<string, string>> = {
  'package.json': '{ "name": "shop", "type": "module" }',
  'tsconfig.json': JSON.stringify({
    compilerOptions: {
      module: 'nodenext',
      target: 'es2022',
      types: [],
      sourceMap: true,
      rootDir: 'src',
      outDir: 'compiled',
    },
    include: ['src'],
  }),
  'node_modules/tools/package.json': '{ "name": "tools", "main": "index.js" }',
  'node_modules/tools/index.js': 'exports.each = function each(run) {\n  run();\n};\n',
  'src/look.d.ts':
    'declare function look(): void;\ndeclare module "tools" { export function each(run: () => void): void }\n',
  'src/invoice.ts': `// Types vanish when code is compiled, so that lines move.
interface Invoice {
  readonly total: number;
}

export function parseInvoice(invoice: Invoice): number {
  look();
  return invoice.total;
}
`,
  'src/main.ts': `import { each } from 'tools';
import { parseInvoice } from './invoice.js';

class Shop {
  sell(total: number): number {
    return priceOf(total) + 1;
  }
}

const priceOf = (total: number): number => {
  return parseInvoice({ total }) + 1;
};

function sellOne(): void {
  new Shop().sell(5);
}

each(sellOne);
`,
};

/** Runs a program and prints the stack of the moment in which it calls \`look\`, as the capture function tells it. */
const RUNNER = `
import { Session } from 'node:inspector';
import { CAPTURE_EXPRESSION, installCapture } from './capture.mjs';
installCapture();
const session = new Session();
session.connect();
globalThis.look = () => session.post('Runtime.evaluate', { expression: CAPTURE_EXPRESSION }, (_, { result }) => {
  console.log(result.value);
});
await import(process.argv[2]);
`;

before(() => {
  for (const [file, text] of Object.entries(SOURCES)) {
    mkdirSync(dirname(join(app, file)), { recursive: true });
    writeFileSync(join(app, file), text);
  }
  const entry = join(root, 'src/stalls/loop/capture.ts');
  buildSync({ entryPoints: [entry], bundle: true, platform: 'node', format: 'esm', outfile: join(app, 'capture.mjs') });
  writeFileSync(join(app, 'run.mjs'), RUNNER);
});

/** The frames that a program has when it looks. */
function framesOf(file: string, nodeArguments: readonly string[] = []): RawFrame[] {
  const output = execFileSync(process.execPath, [...nodeArguments, join(app, 'run.mjs'), join(app, file)], {
    encoding: 'utf8',
  });
  return (JSON.parse(output) as { frames: RawFrame[] }).frames;
}

/** The application's and packages' frames as a new mapper names them: `function file:line`. */
function named(frames: readonly RawFrame[]): string[] {
  const mapped = createSourceMapper();
  return readFrames(frames)
    .filter(({ path, origin }) => (origin === 'application' || origin === 'package') && !path.endsWith('/run.mjs'))
    .map(mapped)
    .map((frame) => placeOf(frame, app))
    .map(({ function: name, file: place, line }) => `${name} ${place}:${line}`);
}

const stackOf = (file: string, nodeArguments?: readonly string[]) => named(framesOf(file, nodeArguments));

function bundle(folder: string, options: BuildOptions): void {
  buildSync({
    entryPoints: [join(app, 'src/main.ts')],
    bundle: true,
    format: 'esm',
    platform: 'node',
    outdir: join(app, folder),
    outExtension: { '.js': '.mjs' },
    logLevel: 'error',
    absWorkingDir: app,
    ...options,
  });
}

const STACK = [
  'parseInvoice src/invoice.ts:7',
  'priceOf src/main.ts:11',
  'Shop.sell src/main.ts:6',
  'sellOne src/main.ts:15',
  'each node_modules/tools/index.js:2',
  '<anonymous> src/main.ts:18',
];
// The name of a class is in no map, and goes when it is one of a minifier.
const MINIFIED_STACK = STACK.map((place) => place.replace('Shop.sell', 'sell'));

describe('code is named as in its source', () => {
  const BUNDLES: Readonly<Record<string, BuildOptions>> = {
    'a bundle with its map beside it': { sourcemap: 'linked' },
    'a bundle with its map in it': { sourcemap: 'inline' },
    'a bundle that does not speak of its map': { sourcemap: 'external' },
    'a minified bundle': { sourcemap: 'linked', minify: true },
    'a minified bundle without the sources in its map': { sourcemap: 'linked', minify: true, sourcesContent: false },
    'a minified bundle with a source root': { sourcemap: 'linked', minify: true, sourceRoot: `file://${app}/built` },
    'a minified CommonJS bundle': { sourcemap: 'linked', minify: true, format: 'cjs', outExtension: { '.js': '.cjs' } },
  };
  for (const [what, options] of Object.entries(BUNDLES)) {
    test(what, () => {
      const folder = what.replaceAll(' ', '-');
      bundle(folder, options);
      const ending = options.outExtension?.['.js'] ?? '.mjs';
      assert.deepEqual(stackOf(`${folder}/main${ending}`), options.minify === true ? MINIFIED_STACK : STACK);
    });
  }

  const REWRITTEN: Readonly<Record<string, (map: { sources: string[] }) => object>> = {
    'sources as webpack names them': (map) => ({
      ...map,
      sources: map.sources.map((source) => `webpack://shop/./${source.slice(3)}`),
    }),
    'sources as Next.js names them': (map) => ({
      ...map,
      sources: map.sources.map((source) => `webpack-internal:///(rsc)/./${source.slice(3)}`),
    }),
    'sources as URLs': (map) => ({ ...map, sources: map.sources.map((source) => `file://${app}/${source.slice(3)}`) }),
    'a source root': (map) => ({ ...map, sourceRoot: '..', sources: map.sources.map((source) => source.slice(3)) }),
    'sections, as Turbopack writes them': (map) => ({
      version: 3,
      sections: [{ offset: { line: 0, column: 0 }, map }],
    }),
  };
  for (const [what, rewrite] of Object.entries(REWRITTEN)) {
    test(`a map with ${what}`, () => {
      const folder = what.replaceAll(/\W+/g, '-');
      bundle(folder, { sourcemap: 'linked', minify: true });
      const file = join(app, folder, 'main.mjs.map');
      writeFileSync(file, JSON.stringify(rewrite(JSON.parse(readFileSync(file, 'utf8')))));
      assert.deepEqual(stackOf(`${folder}/main.mjs`), MINIFIED_STACK);
    });
  }

  test('output of the TypeScript compiler', () => {
    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    execFileSync(process.execPath, [tsc, '-p', app]);
    assert.deepEqual(stackOf('compiled/main.js'), STACK);
  });

  test('code that a loader compiles in memory', () => {
    const tsx = `file://${join(root, 'node_modules/tsx/dist/loader.mjs')}`;
    assert.deepEqual(stackOf('src/main.ts', ['--import', tsx]), STACK);
  });
});

describe('without a map that can be used, code is named as it runs', () => {
  const MAPS: Readonly<Record<string, (map: string) => void>> = {
    missing: (map) => rmSync(map),
    'no JSON': (map) => writeFileSync(map, '<html>'),
    null: (map) => writeFileSync(map, 'null'),
    'JSON of something else': (map) => writeFileSync(map, '{"private":"key"}'),
    'with what are no numbers': (map) => writeFileSync(map, '{"version":3,"sources":["a.ts"],"mappings":"A**A;é"}'),
    'with numbers without an end': (map) =>
      writeFileSync(map, `{"version":3,"sources":["a.ts"],"mappings":"${'g'.repeat(100)}A"}`),
    'with sources that it does not have': (map) =>
      writeFileSync(map, JSON.stringify({ version: 3, sources: [null], mappings: 'AAAA' })),
    'with sections of nothing': (map) => writeFileSync(map, '{"version":3,"sections":[null,{}]}'),
    'a folder': (map) => {
      rmSync(map);
      mkdirSync(map);
    },
    'a device without an end': (map) => pointTo(map, '/dev/zero'),
    'another machine': (map) => pointTo(map, 'https://127.0.0.1:1/main.mjs.map'),
    'no address': (map) => pointTo(map, '%ZZ'),
    'larger than the limit': (map) => writeFileSync(map, readFileSync(map, 'utf8').padEnd(33 * 1024 * 1024)),
  };

  function pointTo(map: string, url: string): void {
    rmSync(map);
    const file = map.replace(/\.map$/, '');
    writeFileSync(file, readFileSync(file, 'utf8').replace(/sourceMappingURL=.*/, `sourceMappingURL=${url}`));
  }

  // With a hash in their names, which must not outlive the deploy.
  const FOLDERS = { whole: 'parseInvoice', short: '<minified>' } as const;
  const fileIn = (folder: string) => join(folder, 'index-3f2a9c1b.mjs');
  const frames = new Map<string, RawFrame[]>();

  before(() => {
    for (const folder of Object.keys(FOLDERS)) {
      bundle(folder, { sourcemap: 'linked', minify: folder === 'short', entryNames: 'index-3f2a9c1b' });
      frames.set(folder, framesOf(fileIn(folder)));
      cpSync(join(app, folder), join(app, `${folder}-kept`), { recursive: true });
    }
  });
  for (const [what, spoil] of Object.entries(MAPS)) {
    test(`a map that is ${what}`, () => {
      for (const [folder, name] of Object.entries(FOLDERS)) {
        rmSync(join(app, folder), { recursive: true, force: true });
        cpSync(join(app, `${folder}-kept`), join(app, folder), { recursive: true });
        assert.match(named(frames.get(folder) ?? [])[0] ?? '', /^parseInvoice src\/invoice\.ts:7$/);
        spoil(join(app, `${fileIn(folder)}.map`));
        assert.match(named(frames.get(folder) ?? [])[0] ?? '', new RegExp(`^${name} ${folder}/index\\.mjs:\\d+$`));
      }
    });
  }
});

test('a source outside of the application is named without the folders of the machine', () => {
  bundle('outside', { sourcemap: 'linked' });
  const file = join(app, 'outside/main.mjs.map');
  const map = JSON.parse(readFileSync(file, 'utf8')) as { sources: string[] };
  const sources = map.sources.map((_source, index) => `../../../../../../../home/ada/private/${index}.ts`);
  writeFileSync(file, JSON.stringify({ ...map, sources }));
  for (const place of stackOf('outside/main.mjs')) assert.match(place, / private\/\d\.ts:\d+$/);
});

test('a frame is mapped once: what the disk says later changes nothing', () => {
  bundle('again', { sourcemap: 'linked' });
  const mapped = createSourceMapper();
  const text = readFileSync(join(app, 'again/main.mjs'), 'utf8');
  const line = text.slice(0, text.indexOf('look()')).split('\n').length;
  const [frame] = readFrames([['parseInvoice', join(app, 'again/main.mjs'), line, 3, false]]);
  assert.ok(frame !== undefined);
  const first = mapped(frame);
  rmSync(join(app, 'again'), { recursive: true });
  assert.deepEqual(mapped(frame), first);
  assert.notEqual(first.path, frame.path, 'the first look must have found the map');
});
