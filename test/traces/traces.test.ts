// LOOPSIGHT_TRACES=on in applications of both lines: their traced calls reach a collector, and nothing else of them changes.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { installNeighbours, type Neighbour } from '../support/neighbours.js';
import { registerFiles, runWithoutStalls } from '../support/run-node.js';
import { type Export, type Receiver, startReceiver } from './otlp-receiver.js';

const REGISTER = ['--import', 'loopsight/register'];
/** What the application prints; it ends with an exit code of its own. */
const ANSWER = { id: 7, price: 700 };

function environmentFor({ url }: Pick<Receiver, 'url'>): Record<string, string> {
  return {
    LOOPSIGHT_TRACES: 'on',
    OTEL_EXPORTER_OTLP_ENDPOINT: url,
    OTEL_SERVICE_NAME: 'checkout',
    OTEL_RESOURCE_ATTRIBUTES: 'service.version=1.4.2',
  };
}

/** The spans of the one export there was, with its resource. */
function spansOf({ received }: Receiver) {
  assert.equal(received.length, 1);
  const [{ path, body } = { path: '', body: Buffer.alloc(0) }] = received;
  assert.equal(path, '/v1/traces');
  const [{ resource, scopeSpans } = { resource: { attributes: [] }, scopeSpans: [] }] = (
    JSON.parse(body.toString()) as Export
  ).resourceSpans;
  return {
    resource: Object.fromEntries(resource.attributes.map(({ key, value }) => [key, value.stringValue])),
    spans: scopeSpans.flatMap(({ spans }) => spans),
  };
}

for (const line of ['otel2', 'otel3'] as const) {
  describe(line, () => {
    let neighbour: Neighbour = { missing: 'not installed yet' };
    before(async () => {
      neighbour = await installNeighbours(line);
    });
    const run = (args: readonly string[], env: Readonly<Record<string, string>>, cwd?: string) => {
      assert.ok('folder' in neighbour);
      return runWithoutStalls(args, { cwd: cwd ?? neighbour.folder, command: neighbour.node, env });
    };

    test('calls are spans of one trace, exported before the application ends by itself', async (t) => {
      if ('missing' in neighbour) return t.skip(neighbour.missing);
      await using receiver = await startReceiver();
      const env = { ...environmentFor(receiver), OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' };
      const { code, stdout, stderr } = await run([...REGISTER, 'traces.cjs'], env);
      assert.equal(stderr, '');
      assert.deepEqual(JSON.parse(stdout).answer, ANSWER);
      assert.equal(code, 4);
      const { resource, spans } = spansOf(receiver);
      assert.equal(resource['service.name'], 'checkout');
      assert.equal(resource['service.version'], '1.4.2');
      const [order, price] = ['order', 'price'].map((wanted) => spans.find(({ name }) => name === wanted));
      assert.equal(spans.length, 2);
      assert.equal(price?.traceId, order?.traceId);
      assert.equal(price?.parentSpanId, order?.spanId);
    });

    test('protobuf is what is sent by default, whichever folder the program is started from', async (t) => {
      if ('missing' in neighbour) return t.skip(neighbour.missing);
      await using receiver = await startReceiver();
      const file = join(neighbour.folder, 'traces.cjs');
      const { code, stderr } = await run(
        ['--require', join(neighbour.folder, 'node_modules/loopsight/dist/cjs/src/register.js'), file],
        environmentFor(receiver),
        tmpdir(),
      );
      assert.equal(stderr, '');
      assert.equal(code, 4);
      const [{ type, body } = { type: '', body: Buffer.alloc(0) }] = receiver.received;
      assert.equal(type, 'application/x-protobuf');
      for (const text of ['service.name', 'checkout', 'order', 'price']) assert.ok(body.includes(text), text);
    });

    test('stop() exports what is left and gives the globals back', async (t) => {
      if ('missing' in neighbour) return t.skip(neighbour.missing);
      await using receiver = await startReceiver();
      const { LOOPSIGHT_TRACES: _off, ...rest } = environmentFor(receiver);
      const env = { ...rest, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json', LEAVE: 'stop' };
      const { code, stdout, stderr } = await run(['traces.cjs'], env);
      assert.equal(stderr, '');
      assert.equal(code, 4);
      assert.deepEqual(JSON.parse(stdout), { answer: ANSWER, delegate: 'NoopTracerProvider' });
      assert.equal(spansOf(receiver).spans.length, 2);
    });

    test('a provider that is registered already stays, and one line says so', async (t) => {
      if ('missing' in neighbour) return t.skip(neighbour.missing);
      await using receiver = await startReceiver();
      const args = ['--require', './setup.cjs', ...REGISTER, 'app.cjs'];
      const { code, stdout, stderr } = await run(args, { ...environmentFor(receiver), SHOP_TRACED: '1' });
      assert.equal(code, 0);
      const [first = '', ...others] = stderr.split('\n');
      assert.match(first, /^loopsight: traces are on, but a tracer provider is registered already, .+$/);
      assert.deepEqual(others, ['']);
      assert.equal(receiver.received.length, 0);
      assert.match(stdout, / > price"/);
    });

    test('a collector that never answers keeps the application no longer than the limit', async (t) => {
      if ('missing' in neighbour) return t.skip(neighbour.missing);
      await using receiver = await startReceiver({ silent: true });
      const startedMs = performance.now();
      const { code, stderr } = await run([...REGISTER, 'traces.cjs'], environmentFor(receiver));
      assert.equal(stderr, '');
      assert.equal(code, 4);
      assert.equal(receiver.received.length, 1);
      // OpenTelemetry's own limit is 10 s.
      assert.ok(performance.now() - startedMs < 8_000);
    });
  });
}

test('an application without the packages runs as ever, and one line names them', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'loopsight-traces-'));
  t.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'app.cjs'), "console.log('done')");
  const env = { LOOPSIGHT_TRACES: 'on' };
  const run = await runWithoutStalls(['--import', registerFiles.import, 'app.cjs'], { cwd: folder, env });
  assert.deepEqual(run, {
    code: 0,
    signal: null,
    stdout: 'done\n',
    stderr:
      'loopsight: traces are on, but the application has no @opentelemetry/sdk-trace or @opentelemetry/sdk-trace-node ' +
      'and no @opentelemetry/exporter-trace-otlp-proto, so there are no traces\n',
  });
  const silent = await runWithoutStalls(['--import', registerFiles.import, 'app.cjs'], {
    cwd: folder,
    env: { ...env, LOOPSIGHT_LOG: 'off' },
  });
  assert.equal(silent.stderr, '');
});
