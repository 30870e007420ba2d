// Installed by npm and pnpm beside both lines of OpenTelemetry: no warning, one api, and our metrics in the application's SDK.
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { installTool, packTarball } from '../support/packed.js';
import { newerNode, runNode } from '../support/run-node.js';

const LINES = {
  'api 1.9, SDK 2.12': { api: '1.9.1', sdk: '2.12.0', instrumentation: '0.223.0', command: process.execPath },
  'api 1.10, SDK 3.1': { api: '~1.10.0', sdk: '^3.1.0', instrumentation: '^0.301.0', command: newerNode() },
};

const PROGRAM = `
import { registerInstrumentations } from '@opentelemetry/instrumentation';
import { AggregationTemporality, InMemoryMetricExporter, MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { getLoopsightInstrumentations } from 'loopsight';
const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
const meterProvider = new MeterProvider({ readers: [new PeriodicExportingMetricReader({ exporter })] });
const disable = registerInstrumentations({ meterProvider, instrumentations: [getLoopsightInstrumentations()] });
await meterProvider.forceFlush();
const names = exporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(({ metrics }) => metrics.map(({ descriptor }) => descriptor.name)));
console.log(names.includes('nodejs.eventloop.time'), names.includes('process.cpu.time'));
disable();
await meterProvider.shutdown();
`;

type Install = (cwd: string) => Promise<{ readonly command: string; readonly args: readonly string[] }>;

const PEERS = ['--no-audit', '--no-fund', '--prefer-offline', '--no-package-lock'];
const MANAGERS: Readonly<Record<string, Install>> = {
  npm: async () => ({ command: 'npm', args: ['install', ...PEERS] }),
  'npm --strict-peer-deps': async () => ({ command: 'npm', args: ['install', '--strict-peer-deps', ...PEERS] }),
  pnpm: async (cwd) => {
    const pnpm = join(await installTool('pnpm'), 'node_modules/pnpm/bin/pnpm.cjs');
    const args = [pnpm, 'install', '--prefer-offline', '--strict-peer-dependencies', `--store-dir=${cwd}/.store`];
    // On the Node of the shell, as npm is: what it installs then runs on the one under test.
    return { command: 'node', args };
  },
};

/** Every copy of the api below `folder`, links counted once. */
function copiesOfApi(folder: string): readonly string[] {
  const found = new Set<string>();
  for (const entry of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (entry.endsWith(join('@opentelemetry', 'api', 'package.json'))) found.add(realpathSync(join(folder, entry)));
  }
  return [...found];
}

/** Each line by one of the strict ones; `LOOPSIGHT_PACKAGE_MATRIX=all` for each by all of them. */
const CUT: Readonly<Record<string, string>> = {
  'api 1.9, SDK 2.12': 'npm --strict-peer-deps',
  'api 1.10, SDK 3.1': 'pnpm',
};
const isTried = (line: string, manager: string) =>
  process.env.LOOPSIGHT_PACKAGE_MATRIX === 'all' || CUT[line] === manager;

for (const [title, { api, sdk, instrumentation, command }] of Object.entries(LINES)) {
  describe(title, () => {
    for (const [manager, install] of Object.entries(MANAGERS).filter(([name]) => isTried(title, name))) {
      test(`${manager}: no warning, one api, metrics in the application's own provider`, async (t) => {
        if (command === undefined) return t.skip('needs Node 22.15 or newer; LOOPSIGHT_TEST_NODE24 names none');
        const folder = mkdtempSync(join(tmpdir(), 'loopsight-peers-'));
        t.after(() => rmSync(folder, { recursive: true, force: true }));
        const dependencies = {
          '@opentelemetry/api': api,
          '@opentelemetry/sdk-metrics': sdk,
          '@opentelemetry/instrumentation': instrumentation,
          loopsight: `file:${await packTarball()}`,
        };
        writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'shop', private: true, dependencies }));
        writeFileSync(join(folder, 'app.mjs'), PROGRAM);
        const { command: tool, args } = await install(folder);
        const installed = await runNode(args, { cwd: folder, command: tool, timeoutMs: 120_000 });
        assert.equal(installed.code, 0, installed.stdout + installed.stderr);
        assert.doesNotMatch(installed.stdout + installed.stderr, /peer/i);
        assert.equal(copiesOfApi(join(folder, 'node_modules')).length, 1);
        const run = await runNode(['app.mjs'], { cwd: folder, command });
        assert.deepEqual(run, { code: 0, signal: null, stdout: 'true true\n', stderr: '' });
      });
    }
  });
}
