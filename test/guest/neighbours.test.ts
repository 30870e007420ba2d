// Neighbours started before and after loopsight/register: what they export is what they export without us.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { installNeighbours, type Neighbour, type NeighbourLine } from '../support/neighbours.js';
import { linesUnderTest } from '../support/opentelemetry-lines.js';
import { type Run, runNode } from '../support/run-node.js';

const LINES: readonly NeighbourLine[] = [...linesUnderTest(), 'sentry', 'dd-trace', 'prom-client'];

// The application itself starts the neighbour first thing, which is after everything on the command line.
const AFTER = {
  'after, by --import': ['--import', 'loopsight/register', 'app.cjs'],
  'after, by --require': ['--require', 'loopsight/register', 'app.cjs'],
};
const BEFORE = {
  'before, by --import': ['--import', './setup.cjs', '--import', 'loopsight/register', 'app.cjs'],
  'before, by --require': ['--require', './setup.cjs', '--require', 'loopsight/register', 'app.cjs'],
};
const MODULES = {
  'before, ES modules': ['--import', './hook.mjs', '--import', 'loopsight/register', 'app.mjs'],
  'after, ES modules': ['--import', 'loopsight/register', '--import', './hook.mjs', 'app.mjs'],
};

/** The orders to try; Sentry itself refuses --require. */
function ordersOf(line: NeighbourLine): Record<string, readonly string[]> {
  if (line === 'sentry') return { ...AFTER, 'before, by --import': BEFORE['before, by --import'] };
  return line.startsWith('otel') ? { ...AFTER, ...BEFORE, ...MODULES } : { ...AFTER, ...BEFORE };
}

const tracedOrders = {
  'without register': ['app.cjs'],
  'register first': AFTER['after, by --require'],
  'register second': BEFORE['before, by --import'],
};

interface Told {
  readonly answers: readonly string[];
  readonly spans?: readonly { readonly path: string; readonly kind?: number; readonly attributes?: object }[];
  readonly metrics?: readonly { readonly name: string }[];
}

function toldBy(run: Run): Told {
  assert.equal(run.code, 0, run.stderr);
  assert.equal(run.stderr, '');
  return JSON.parse(run.stdout) as Told;
}

// Names first, because the difference of everything is long.
function assertSame(told: Told, alone: Told): void {
  assert.deepEqual(
    told.spans?.map(({ path }) => path),
    alone.spans?.map(({ path }) => path),
  );
  assert.deepEqual(
    told.metrics?.map(({ name }) => name),
    alone.metrics?.map(({ name }) => name),
  );
  assert.deepEqual(told, alone);
}

for (const line of LINES) {
  describe(line, async () => {
    let neighbour: Neighbour = { missing: 'not installed yet' };
    let alone: Told = { answers: [] };
    const start = async (args: readonly string[], env = {}) => {
      assert.ok('folder' in neighbour);
      // What the neighbours call to hook modules is deprecated on Node 26.
      return toldBy(
        await runNode(['--disable-warning=DEP0205', ...args], {
          cwd: neighbour.folder,
          command: neighbour.node,
          // A busy machine has stalls, and they are spans.
          env: { LOOPSIGHT_STALL_THRESHOLD_MS: '60000', ...env },
        }),
      );
    };
    before(async () => {
      neighbour = await installNeighbours(line);
      if ('folder' in neighbour) alone = await start(['app.cjs']);
    });

    test('sees the application without us', (t) => {
      if ('missing' in neighbour) return t.skip(neighbour.missing);
      assert.equal(alone.answers.length, 3);
      if (line === 'prom-client') assert.ok((alone.metrics?.length ?? 0) > 15);
      else assert.ok((alone.spans?.length ?? 0) >= 13, 'a span of each request, of each handler and of each call');
    });

    for (const [order, args] of Object.entries(ordersOf(line))) {
      test(`sees the same with us: started ${order}`, async (t) => {
        if ('missing' in neighbour) return t.skip(neighbour.missing);
        assertSame(await start(args), alone);
      });
    }

    if (line === 'prom-client' || line === 'dd-trace') return;
    for (const [order, args] of Object.entries(tracedOrders)) {
      test(`gets the span of a traced function, and nothing else changes: ${order}`, async (t) => {
        if ('missing' in neighbour) return t.skip(neighbour.missing);
        const { spans = [], ...rest } = await start(args, { SHOP_TRACED: '1' });
        const ours = spans.filter(({ path }) => path.endsWith(' > price'));
        assert.equal(ours.length, 2);
        for (const { path } of ours) assert.match(path, /GET \/orders\/:id > .*\/orders\/:id > price$/);
        assertSame({ ...rest, spans: spans.filter((span) => !ours.includes(span)) }, alone);
      });
    }
  });
}
