// The packed tarball in applications: both module formats, both ways of TypeScript to resolve it, both kinds of decorators.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type App, createApp } from '../support/packed.js';
import { newerNode, root, runWithoutStalls } from '../support/run-node.js';

const TYPESCRIPT = join(root, 'node_modules/typescript/bin/tsc');

const BODY = `
class Till {
  @Traced() async pay(total: number): Promise<number> { return total * 2 }
  @Traced('till.static') static open(): string { return 'open' }
}
const charge: (order: { total: number }) => Promise<number> = traced('charge', async (order: { total: number }) => order.total);
export async function main(): Promise<void> {
  const options: LoopsightOptions = { port: 0, serviceName: 'checkout' };
  const handle: LoopsightHandle = start(options);
  queueMonitor('mail').added();
  const sum = (await new Till().pay(1)) + (await charge({ total: 3 }));
  const endpoint: Endpoint | undefined = await handle.endpoint;
  const text = await (await fetch(endpoint!.url)).text();
  const shown = ['Till.pay', 'till.static', 'charge'].filter((name) => text.includes(\`code_function_name="\${name}"\`));
  console.log(sum, Till.open(), shown.join(), text.includes('service_name="checkout"'));
  await handle.stop();
}
main();
`;
const IMPORTS = `
import { type Endpoint, type LoopsightHandle, type LoopsightOptions, queueMonitor, start } from 'loopsight';
import { Traced, traced } from 'loopsight/traced';
import 'loopsight/register';
`;
// `till.static` is called after the scrape.
const SAID = '5 open Till.pay,charge';

let app: App;
before(async () => {
  app = await createApp();
  for (const name of ['@types/node', 'undici-types']) app.link(name, join(root, 'node_modules', name));
});
after(() => app?.remove());

describe('TypeScript', () => {
  const RESOLVERS = {
    'module node16, an ES module': { file: 'app.mts', out: 'app.mjs', compiler: { module: 'node16' } },
    'module node16, CommonJS': { file: 'app.cts', out: 'app.cjs', compiler: { module: 'node16' } },
    'module nodenext': { file: 'app.mts', out: 'app.mjs', compiler: { module: 'nodenext' } },
    'moduleResolution bundler': {
      file: 'app.mts',
      out: 'app.mjs',
      compiler: { module: 'esnext', moduleResolution: 'bundler' },
    },
  };
  for (const [title, { file, out, compiler }] of Object.entries(RESOLVERS)) {
    for (const experimentalDecorators of [false, true]) {
      const kind = experimentalDecorators ? 'legacy' : 'standard';
      test(`${title}, ${kind} decorators: compiles with our types checked, and runs`, async () => {
        const place = `${kind}-${title.replaceAll(/\W+/g, '-')}`;
        app.write(`${place}/${file}`, `${IMPORTS}${BODY}`);
        const compilerOptions = {
          ...compiler,
          experimentalDecorators,
          target: 'es2022',
          lib: ['es2023', 'esnext.disposable', 'esnext.decorators'],
          types: ['node'],
          strict: true,
          exactOptionalPropertyTypes: true,
          skipLibCheck: false,
        };
        app.write(`${place}/tsconfig.json`, JSON.stringify({ compilerOptions, files: [file] }));
        const compiled = await app.run([TYPESCRIPT, '-p', place]);
        assert.deepEqual(compiled, { code: 0, signal: null, stdout: '', stderr: '' });
        const run = await app.run([`${place}/${out}`]);
        // register has started already, and its options stay.
        assert.deepEqual(run, { code: 0, signal: null, stdout: `${SAID} false\n`, stderr: '' });
      });
    }
  }

  test('a file that Node strips of its types', async (t) => {
    // Node 20 does not.
    const command = newerNode();
    if (command === undefined) return t.skip('no Node 22 or newer is at hand');
    const file = app.write(
      'strip.mts',
      `import { traced } from 'loopsight/traced'; const twice: (n: number) => number = traced('twice', (n: number) => n * 2); console.log(twice(2));`,
    );
    const flags = ['--disable-warning=ExperimentalWarning', '--experimental-strip-types'];
    const run = await app.run([...flags, '--import', 'loopsight/register', file], { command });
    assert.deepEqual(run, { code: 0, signal: null, stdout: '4\n', stderr: '' });
  });
});

describe('JavaScript', () => {
  const text = `
const handle = start({ port: 0, serviceName: 'checkout' });
const mail = queueMonitor('mail');
mail.added();
class Till { async pay(total) { return total * 2 } }
traceMethods(Till, ['pay']);
const till = new Till();
const charge = traced('charge', async (order) => order.total);
(async () => {
  const sum = (await till.pay(1)) + (await charge({ total: 3 }));
  const body = await (await fetch((await handle.endpoint).url)).text();
  const shown = ['Till.pay', 'charge'].filter((name) => body.includes(\`code_function_name="\${name}"\`));
  console.log(sum, shown.join(), body.includes('service_name="checkout"'), body.includes('queue_name="mail"'));
  mail.added(); // A queue that nobody holds is forgotten with its series.
  await handle.stop();
})();
`;
  const NAMES = {
    esm: `import { queueMonitor, start } from 'loopsight'; import { traced, traceMethods } from 'loopsight/traced';`,
    cjs: `const { queueMonitor, start } = require('loopsight'); const { traced, traceMethods } = require('loopsight/traced');`,
  };
  for (const [format, ending] of [
    ['esm', 'mjs'],
    ['cjs', 'cjs'],
  ] as const) {
    test(`${format}: start() serves what was recorded`, async () => {
      const run = await runWithoutStalls([app.write(`app.${ending}`, `${NAMES[format]}${text}`)]);
      assert.deepEqual(run, { code: 0, signal: null, stdout: '5 Till.pay,charge true true\n', stderr: '' });
    });
  }
});
