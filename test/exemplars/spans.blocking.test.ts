// Exemplars of a server with an SDK of either line: each number leads to the trace of the request that it was measured in.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { installNeighbours, type Neighbour } from '../support/neighbours.js';
import { linesUnderTest } from '../support/opentelemetry-lines.js';
import { runNode } from '../support/run-node.js';
import { type ShownExemplar, shownExemplars } from './shown-exemplars.js';

interface Told {
  readonly text: string;
  readonly spans: readonly {
    readonly name: string;
    readonly path?: string;
    readonly traceId: string;
    readonly spanId: string;
  }[];
  readonly failures: readonly unknown[];
}

const REQUESTS = 'http_server_request_duration_seconds_bucket';

for (const line of linesUnderTest()) {
  describe(line, () => {
    let neighbour: Neighbour = { missing: 'not installed yet' };
    let told: Told = { text: '', spans: [], failures: [] };
    let shown: readonly ShownExemplar[] = [];
    before(async () => {
      neighbour = await installNeighbours(line);
      if ('missing' in neighbour) return;
      const run = await runNode(['exemplars.cjs'], { cwd: neighbour.folder, command: neighbour.node });
      assert.equal(run.code, 0, run.stderr);
      told = JSON.parse(run.stdout) as Told;
      assert.deepEqual(told.failures, []);
      shown = shownExemplars(told.text);
    });
    const check = (name: string, act: () => void) =>
      test(name, (t) => ('missing' in neighbour ? t.skip(neighbour.missing) : act()));

    /** The paths of the requests that the exemplars of a series lead to, and the names of the spans. */
    function leadsTo(name: string, ...labels: readonly string[]): string[] {
      const found = shown.filter(
        (exemplar) => exemplar.name === name && labels.every((label) => exemplar.labels.includes(label)),
      );
      return found.map(({ traceId, spanId }) => {
        const span = told.spans.find((one) => one.traceId === traceId && one.spanId === spanId);
        const request = told.spans.find((one) => one.traceId === traceId && one.path !== undefined);
        return `${request?.path} ${span?.path === undefined ? span?.name : 'server'}`;
      });
    }

    for (const [title, status, path] of [
      ['a request that was ended by another one', 206, '/kept'],
      ['the request that ended it', 207, '/giving'],
      ['a request whose answer held up another one on its connection', 208, '/first'],
      ['the request that was held up', 226, '/second'],
    ] as const) {
      check(`${title} has its own span`, () => {
        assert.deepEqual(leadsTo(REQUESTS, `http_response_status_code="${status}"`), [`${path} server`]);
      });
    }

    check('a request whose client left has its span', () => {
      assert.deepEqual(leadsTo(REQUESTS, 'error_type="aborted"'), ['/left server']);
    });

    check('the bucket of a slow request leads to that request, the others to theirs', () => {
      const all = shown.filter(
        ({ name, labels }) => name === REQUESTS && labels.includes('http_response_status_code="200"'),
      );
      // On a busy machine the quick one may have been slow too.
      const pathOf = ({ traceId }: ShownExemplar) => told.spans.find((span) => span.traceId === traceId)?.path;
      const slow = all.filter((exemplar) => pathOf(exemplar) === '/slow');
      assert.equal(slow.length, 1);
      // A timer of 300 ms may be a millisecond early.
      assert.ok((slow[0]?.value ?? 0) >= 0.299, `${slow[0]?.value} s`);
      for (const exemplar of all) assert.ok(['/fast', '/slow'].includes(pathOf(exemplar) ?? ''));
    });

    check('a request that is not sampled has none', () => {
      assert.deepEqual(leadsTo(REQUESTS, 'http_response_status_code="203"'), []);
      assert.ok(told.text.includes('http_response_status_code="203"'));
    });

    check('the wait of a task leads to the request that added it', () => {
      for (const name of ['wait', 'run']) {
        assert.deepEqual(leadsTo(`loopsight_queue_${name}_duration_seconds_bucket`), ['/adds server'], name);
      }
    });

    check('a stall leads to the span that it blocked: by its length, its culprit, the lag and the function', () => {
      const expected = '/stalls priceOrders';
      assert.ok(leadsTo('loopsight_eventloop_stall_duration_seconds_bucket').includes(expected));
      assert.ok(leadsTo('loopsight_eventloop_lag_seconds_bucket').includes(expected));
      for (const name of ['stalls', 'stall_time_seconds']) {
        const found = leadsTo(`loopsight_eventloop_${name}_total`, 'code_function_name="priceOrders"');
        assert.deepEqual(found, [expected], name);
      }
      assert.ok(leadsTo('loopsight_function_duration_seconds_bucket').every((found) => found === expected));
    });

    test('with OTEL_METRICS_EXEMPLAR_FILTER=always_off there are none, and the figures are the same', async (t) => {
      if ('missing' in neighbour) return t.skip(neighbour.missing);
      const env = { OTEL_METRICS_EXEMPLAR_FILTER: 'always_off' };
      const run = await runNode(['exemplars.cjs'], { cwd: neighbour.folder, command: neighbour.node, env });
      assert.equal(run.code, 0, run.stderr);
      const { text } = JSON.parse(run.stdout) as Told;
      assert.deepEqual(shownExemplars(text), []);
      assert.match(text, /^# EOF\n$/m);
      for (const name of [REQUESTS, 'loopsight_eventloop_stalls_total']) assert.ok(text.includes(name), name);
    });

    check('every exemplar leads to a span, lies in its bucket, and carries its time', () => {
      assert.ok(shown.length >= 12);
      for (const { name, value, upTo, unixS, traceId, spanId } of shown) {
        assert.ok(
          told.spans.some((span) => span.traceId === traceId && span.spanId === spanId),
          `${name} leads to ${traceId} ${spanId}`,
        );
        assert.ok(value <= upTo, `${name} ${value} ${upTo}`);
        assert.ok(Math.abs(unixS * 1000 - Date.now()) < 120_000, `${unixS}`);
      }
    });
  });
}
