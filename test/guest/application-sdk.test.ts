// Our instrumentations in an application's own SDK: its exporter shows our names and bounds, and no metric twice.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { METRICS, type MetricDefinition } from '../../src/metric-names.js';
import { installNeighbours, type Neighbour } from '../support/neighbours.js';
import { linesUnderTest } from '../support/opentelemetry-lines.js';
import { runWithoutStalls } from '../support/run-node.js';

interface Exported {
  readonly errors: readonly string[];
  readonly text: string;
  readonly metrics: readonly {
    readonly scope: string;
    readonly name: string;
    readonly unit: string;
    readonly points: readonly { readonly attributes: object; readonly count?: number; readonly bounds?: number[] }[];
  }[];
}

const DEFINITIONS = new Map<string, MetricDefinition>(
  Object.values(METRICS).map((definition) => [definition.name, definition]),
);
// What an HTTP server without queues, workers and traced functions has.
const EXPECTED = [
  METRICS.eventLoopLag,
  METRICS.eventLoopTime,
  METRICS.eventLoopUtilization,
  METRICS.heapUsed,
  METRICS.processCpuTime,
  METRICS.processUptime,
  METRICS.httpServerRequestDuration,
];

for (const line of linesUnderTest()) {
  describe(line, () => {
    let neighbour: Neighbour = { missing: 'not installed yet' };
    before(async () => {
      neighbour = await installNeighbours(line);
    });

    for (const setup of ['register-instrumentations', 'node-sdk']) {
      for (const ours of ['first', 'last', 'alone']) {
        test(`${setup}, our instrumentations ${ours}`, async (t) => {
          if ('missing' in neighbour) return t.skip(neighbour.missing);
          const { folder: cwd, node: command } = neighbour;
          const run = await runWithoutStalls(['instrumented.cjs'], { cwd, command, env: { SETUP: setup, OURS: ours } });
          assert.equal(run.code, 0, run.stderr);
          assert.equal(run.stderr, '');
          const { errors, metrics, text } = JSON.parse(run.stdout) as Exported;
          assert.deepEqual(errors, []);

          for (const { name } of EXPECTED)
            assert.ok(
              metrics.some((metric) => metric.name === name),
              `no ${name}`,
            );
          for (const { scope, name, unit, points } of metrics) {
            if (!scope.startsWith('loopsight/')) continue;
            const definition = DEFINITIONS.get(name);
            assert.equal(unit, definition?.unit, name);
            for (const { bounds } of points)
              assert.deepEqual(bounds, definition?.bounds && [...definition.bounds], name);
          }
          const requests = metrics.filter(({ name }) => name === METRICS.httpServerRequestDuration.name);
          assert.equal(requests.length, 1, 'one instrument for the requests, not two');
          assert.match(requests[0]?.scope ?? '', ours === 'alone' ? /^loopsight\/http$/ : /instrumentation-http$/);
          assert.equal(
            requests[0]?.points.reduce((total, { count = 0 }) => total + count, 0),
            5,
          );
          // The exporters of these lines leave the unit out of the name.
          assert.match(text, /^loopsight_eventloop_lag(_seconds)?_bucket\{.*le="0\.0025".*\} \d+/m);
          assert.equal(text.match(/^# TYPE http_server_request_duration(_seconds)? histogram$/gm)?.length, 1);
        });
      }
    }
  });
}
