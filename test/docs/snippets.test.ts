// Every TypeScript snippet of the README and every @example of the code is run, against the built package.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { transform } from 'esbuild';
import { root } from '../support/instrumented.js';

// Within the repository, so that what it has installed is found.
const folder = join(root, '.cache', 'snippets');

before(() => {
  rmSync(folder, { recursive: true, force: true });
  // What an application of the docs has installed beside what the repository has.
  mkdirSync(join(folder, 'node_modules'), { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "name": "application" }');
  symlinkSync(root, join(folder, 'node_modules/loopsight'), 'dir');
  symlinkSync(join(root, 'test/libraries/node_modules/@nestjs'), join(folder, 'node_modules/@nestjs'), 'dir');
});
after(() => rmSync(folder, { recursive: true, force: true }));

async function run(name: string, code: string): Promise<void> {
  const { code: compiled } = await transform(code, { loader: 'ts', format: 'esm', target: 'node20.19' });
  const file = join(folder, `${name.replaceAll(/\W/g, '-')}.mjs`);
  writeFileSync(file, compiled);
  const env = { ...process.env, OTEL_EXPORTER_PROMETHEUS_PORT: '0' };
  await promisify(execFile)(process.execPath, [file], { env, timeout: 60_000 });
}

function filesBelow(path: string): string[] {
  if (!statSync(path).isDirectory()) return path.endsWith('.ts') ? [path] : [];
  return readdirSync(path)
    .sort()
    .flatMap((name) => filesBelow(join(path, name)));
}

/** `expression; // value` becomes a check that the expression is shown as the value. */
function withChecks(example: string): string {
  return example.replaceAll(/^(?!\s*(?:const|let|await|import)\b)(.+?); \/\/ (.+)$/gm, (_line, expression, value) => {
    return `assert.equal(show(${expression}), show(${/^[[{'"\d]/.test(value) ? `(${value})` : JSON.stringify(value)}));`;
  });
}

// What examples speak of without making it.
const CONTEXT = `
  import assert from 'node:assert/strict';
  import { MeterProvider } from '@opentelemetry/sdk-metrics';
  import { registerInstrumentations } from '@opentelemetry/instrumentation';
  import { SeriesTable } from ${JSON.stringify(join(root, 'dist/esm/src/prometheus/snapshot.js'))};
  import { parseText } from ${JSON.stringify(join(root, 'dist/esm/src/prometheus/parse.js'))};
  import { createFigures } from ${JSON.stringify(join(root, 'dist/esm/src/status/figures.js'))};
  const show = (value) => typeof value === 'string' ? value : JSON.stringify(value);
  const meterProvider = new MeterProvider();
  const table = new SeriesTable();
  const text = '# TYPE up gauge\\nup 1\\n';
  const now = parseText(text);
  const repository = { find: () => 1, save: () => 2 };
`;

const EXAMPLES = [join(root, 'src'), join(root, 'instrumentations')].flatMap(filesBelow).flatMap((file) => {
  const blocks = readFileSync(file, 'utf8').matchAll(
    /@example\n((?: \*.*\n)+?) \*\/\n(?:export (?:async )?[a-z]+ (\w+))?/g,
  );
  return [...blocks].map(([, block = '', symbol = 'an example']) => ({
    file: relative(root, file),
    symbol,
    code: block
      .replaceAll(/^ \* ?/gm, '')
      .replaceAll(/^```.*$/gm, '')
      .replaceAll('\\@', '@'),
  }));
});

test('the code has examples', () => {
  assert.ok(EXAMPLES.length >= 15, `${EXAMPLES.length} examples`);
});

for (const { file, symbol, code } of EXAMPLES) {
  // Values that depend on the machine are shown, not promised.
  const promises = !['detectService', 'describeHealth'].includes(symbol);
  test(`the example of ${symbol} in ${file}`, async () => {
    const compiled = join(root, 'dist/esm', file.replace(/\.ts$/, '.js'));
    const names = ['start', 'current', 'traced', 'Traced', 'traceMethods', 'queueMonitor', 'monitorQueue'];
    const known = `import { ${names.join(', ')}, getLoopsightInstrumentations } from 'loopsight';`;
    const own = names.includes(symbol) ? '' : `import { ${symbol} } from ${JSON.stringify(compiled)};`;
    const imports = own.includes('getLoopsightInstrumentations') ? known : `${known}\n${own}`;
    await run(`${file}-${symbol}`, `${imports}\n${CONTEXT}\n${promises ? withChecks(code) : code}`);
  });
}

for (const page of [
  'README.md',
  'docs/commands.md',
  'docs/metrics.md',
  'docs/configuration.md',
  'docs/stalls.md',
  'docs/waiting.md',
  'docs/blocking-calls.md',
  'docs/time-accounting.md',
  'docs/tracing-without-code.md',
  'docs/test-suites.md',
  'docs/tasks.md',
  'docs/logging.md',
  'docs/exporter.md',
  'docs/cardinality.md',
]) {
  const blocks = [...readFileSync(join(root, page), 'utf8').matchAll(/^```ts\n(.*?)^```$/gms)];
  blocks.forEach(([, code = ''], index) => {
    test(`TypeScript snippet ${index + 1} of ${page}`, () => run(`${page}-${index}`, code));
  });
}
