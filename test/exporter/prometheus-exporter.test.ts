// The exporter in processes of its own: ports, ends, blocked loops, callbacks that hang, and places without threads.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { type Run, root, runNode } from '../support/run-node.js';

const folder = mkdtempSync(join(tmpdir(), 'loopsight-exporter-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const url = (path: string) => JSON.stringify(pathToFileURL(join(root, path)).href);
const PRELUDE = `
import { PrometheusExporter } from ${url('dist/esm/src/exporter.js')};
import metrics from ${url('node_modules/@opentelemetry/sdk-metrics/build/src/index.js')};
import api from ${url('node_modules/@opentelemetry/api/build/src/index.js')};
const { MeterProvider } = metrics;
const { DiagLogLevel, diag } = api;
const provide = (exporter) => new MeterProvider({ readers: [exporter] });
const read = async (url) => { const response = await fetch(url); return { status: response.status, text: await response.text() }; };
// A scrape that finds the main thread busy is answered without its figures, or with the last ones.
const readUntil = async (url, isIt) => { for (;;) { const answer = await read(url); if (isIt(answer)) return answer; } };
`;

let programs = 0;
function run(program: string, env: Record<string, string> = {}, flags: readonly string[] = []): Promise<Run> {
  const file = join(folder, `${programs++}.mjs`);
  writeFileSync(file, PRELUDE + program);
  return runNode([...flags, file], { env });
}

const busy: Server = createServer();
let port = 0;
before(async () => {
  await new Promise<void>((resolve) => busy.listen(0, '127.0.0.1', resolve));
  const address = busy.address();
  port = typeof address === 'object' ? (address?.port ?? 0) : 0;
});
after(() => busy.close());

const quiet = (stdout: string): Run => ({ code: 0, signal: null, stdout, stderr: '' });

for (const observer of ['on', 'off']) {
  const env = { LOOPSIGHT_OBSERVER: observer };

  describe(`observer ${observer}`, { concurrency: 2 }, () => {
    test('a port in use goes to the callback and to startServer, and nowhere else', async () => {
      const ended = await run(
        `const exporter = new PrometheusExporter({ port: ${port} }, (error) => console.log('callback', error.code));
        provide(exporter);
        console.log(await exporter.endpoint);
        const silent = new PrometheusExporter({ port: ${port} });
        await exporter.startServer().catch((error) => console.log('startServer', error.code));
        await exporter.stopServer();`,
        env,
      );
      assert.deepEqual(ended, quiet('callback EADDRINUSE\nundefined\nstartServer EADDRINUSE\n'));
    });

    test('a port in use is an error in the log of diag', async () => {
      const ended = await run(
        `diag.setLogger({ error: (...args) => console.log(args[0], args[1]?.code) }, { logLevel: DiagLogLevel.ERROR, suppressOverrideMessage: true });
        await new PrometheusExporter({ port: ${port} }).endpoint;`,
        env,
      );
      assert.deepEqual(ended, quiet('loopsight: there is no endpoint for metrics EADDRINUSE\n'));
    });

    test('keeps no process alive, but for the callback that was asked for', async () => {
      assert.deepEqual(await run(`provide(new PrometheusExporter({ port: 0 }));`, env), quiet(''));
      const called = await run(
        `provide(new PrometheusExporter({ port: 0 }, (...args) => console.log('up', args.length)));`,
        env,
      );
      assert.deepEqual(called, quiet('up 0\n'));
      const scraped = await run(
        `const exporter = new PrometheusExporter({ port: 0 });
        const counter = provide(exporter).getMeter('m').createCounter('c');
        counter.add(3);
        const { url } = await exporter.endpoint;
        await readUntil(url, ({ text }) => /^c_total.* 3$/m.test(text));
        console.log('read');`,
        env,
      );
      assert.deepEqual(scraped, quiet('read\n'));
    });

    test('nothing is served before startServer, nor after stopServer, and it may be started again', async () => {
      const ended = await run(
        `const exporter = new PrometheusExporter({ port: 0, preventServerStart: true }, (...args) => console.log('called', args.length));
        const provider = provide(exporter);
        console.log(await exporter.endpoint);
        for (let i = 0; i < 2; i++) {
          await Promise.all([exporter.startServer(), exporter.startServer()]);
          const { url } = await exporter.endpoint;
          console.log((await read(url)).status);
          await exporter.stopServer();
          console.log(await exporter.endpoint, await read(url).catch(() => 'not served'));
        }
        await exporter.stopServer();
        await provider.shutdown();
        console.log('shut down');`,
        env,
      );
      const round = '200\nundefined not served\n';
      assert.deepEqual(ended, quiet(`called 0\nundefined\n${round}${round}shut down\n`));
    });

    test('a shutdown before the endpoint is up leaves nothing behind', async () => {
      const ended = await run(
        `const provider = provide(new PrometheusExporter({ port: 0 }, (error) => console.log('callback')));
        await provider.shutdown();
        console.log('shut down');`,
        env,
      );
      assert.equal(ended.code, 0);
      assert.match(ended.stdout, /^shut down$/m);
      assert.equal(ended.stderr, '');
    });

    test('without a MeterProvider a scrape fails, and with one the next does not', async () => {
      const ended = await run(
        `const exporter = new PrometheusExporter({ port: 0 });
        const { url } = await exporter.endpoint;
        console.log(await readUntil(url, ({ status }) => status !== 200));
        provide(exporter);
        console.log((await read(url)).status);`,
        env,
      );
      assert.deepEqual(ended, quiet("{ status: 500, text: 'The metrics could not be collected.\\n' }\n200\n"));
    });

    test('a callback that takes its time is waited for, and one that hangs hides no other metric', async () => {
      const ended = await run(
        `const exporter = new PrometheusExporter({ port: 0 });
        const meter = provide(exporter).getMeter('m');
        meter.createCounter('c').add(1);
        const late = meter.createObservableGauge('late');
        late.addCallback(async (result) => { await new Promise((resolve) => setTimeout(resolve, 300)); result.observe(5); });
        const { url } = await exporter.endpoint;
        const first = await readUntil(url, ({ text }) => /^c_total.* 1$/m.test(text));
        console.log(/^late.* 5$/m.test(first.text));
        meter.createObservableGauge('hanging').addCallback(() => new Promise(() => {}));
        const { text } = await read(url);
        console.log(/^late.* 5$/m.test(text), /^c_total.* 1$/m.test(text), /^hanging/m.test(text));`,
        env,
      );
      assert.deepEqual(ended, quiet('true\ntrue true false\n'));
    });
  });
}

test('a scrape is answered while the main thread is blocked, with the figures that there are and their age', async () => {
  const ended = await run(
    `import { Worker } from 'node:worker_threads';
    const exporter = new PrometheusExporter({ port: 0 });
    const counter = provide(exporter).getMeter('m').createCounter('c');
    counter.add(1);
    const { url } = await exporter.endpoint;
    await readUntil(url, ({ text }) => /^c_total.* 1$/m.test(text));
    counter.add(1);
    const shared = new Int32Array(new SharedArrayBuffer(4));
    const scraper = new Worker(\`
      const { parentPort, workerData: { shared, url } } = require('node:worker_threads');
      parentPort.once('message', async () => {
        const text = await (await fetch(url)).text();
        parentPort.postMessage([/^c_total.* 1$/m.test(text), Number(/^loopsight_self_snapshot_age_seconds (\\\\S+)$/m.exec(text)[1]) > 0]);
        Atomics.store(shared, 0, 1);
        Atomics.notify(shared, 0);
      });\`, { eval: true, workerData: { shared, url } });
    await new Promise((resolve) => scraper.once('online', resolve));
    scraper.postMessage('scrape');
    console.log(Atomics.wait(shared, 0, 0, 50_000));
    scraper.once('message', async (seen) => { console.log(seen); await scraper.terminate(); });`,
  );
  assert.deepEqual(ended, quiet('ok\n[ true, true ]\n'));
});

test('where no thread may be started the main thread serves, and diag is told', async () => {
  const [major = 0] = process.versions.node.split('.').map(Number);
  const flags = [major >= 22 ? '--permission' : '--experimental-permission', '--allow-fs-read=*', '--no-warnings'];
  if (process.allowedNodeEnvironmentFlags.has('--allow-net')) flags.push('--allow-net');
  const ended = await run(
    `diag.setLogger({ info: (text) => console.log(text), error: console.log, warn: console.log }, { logLevel: DiagLogLevel.INFO, suppressOverrideMessage: true });
    const exporter = new PrometheusExporter({ port: 0 });
    provide(exporter).getMeter('m').createCounter('c').add(3);
    const { url } = await exporter.endpoint;
    console.log(/^c_total.* 3$/m.test((await read(url)).text));`,
    {},
    flags,
  );
  assert.equal(ended.stderr, '');
  assert.match(ended.stdout, /^loopsight: the exporter's thread could not start \(.*\), so scrapes wait .*\ntrue\n$/);
});

test('in Kubernetes one line names the variable to set, where nothing is set', async () => {
  const program = `await new PrometheusExporter({ port: 0 }).endpoint;`;
  const kubernetes = { KUBERNETES_SERVICE_HOST: '10.0.0.1' };
  const ended = await run(program, kubernetes);
  assert.match(ended.stderr, /^loopsight: in Kubernetes set OTEL_EXPORTER_PROMETHEUS_HOST=0\.0\.0\.0, .*\n$/);
  assert.deepEqual(await run(program, { ...kubernetes, LOOPSIGHT_LOG: 'off' }), quiet(''));
  assert.deepEqual(await run(program, { ...kubernetes, OTEL_EXPORTER_PROMETHEUS_HOST: '127.0.0.1' }), quiet(''));
});

test('a bad option is a TypeError at construction', async () => {
  const ended = await run(
    `try { new PrometheusExporter({ port: 'x' }); } catch (error) { console.log(error.name, error.message); }`,
  );
  assert.deepEqual(ended, quiet('TypeError Expected `port` to be an integer from 0 to 65535, got "x" (string)\n'));
});
