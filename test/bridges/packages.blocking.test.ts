// The bridges beside the real packages: prom-client 15 and @prometheus-io/client, as CommonJS and ES modules.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { METRICS } from '../../src/metric-names.js';
import { prometheusName } from '../../src/prometheus/naming.js';
import { type ParsedMetrics, parseText } from '../../src/prometheus/parse.js';
import { installNeighbours, type Neighbour, type NeighbourLine } from '../support/neighbours.js';
import { runNode } from '../support/run-node.js';

const LINES: readonly NeighbourLine[] = ['prom-client', 'prometheus-io'];

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

interface Served {
  readonly own: string;
  readonly served: Answer;
  readonly openMetrics: Answer;
  readonly withBroken: string;
  readonly asked: number;
  readonly tookMs: readonly number[];
  readonly without: string;
}

interface Added {
  readonly before: string;
  readonly text: string;
  readonly json: readonly {
    readonly name: string;
    readonly type: string;
    readonly aggregator: string;
    readonly values: readonly { readonly value: number; readonly labels: object; readonly metricName?: string }[];
  }[];
  readonly single: string;
  readonly openMetrics: string;
  readonly aggregated: string;
  readonly afterReset: string;
  readonly afterOwn: string;
  readonly cleared: string;
  readonly addedAgain: string;
  readonly removed: string;
  readonly ran: boolean;
  readonly runs: boolean;
}

/** The lines of metrics that do not change by themselves. */
function fixedLines(text: string): string[] {
  return text
    .split('\n')
    .filter((line) => /^(# \w+ )?(orders|plain|app:|price|bare|size|http_server_request)/.test(line));
}

/** `name{labels}` to value, of samples whose names match. */
function samplesOf(metrics: ParsedMetrics, pattern: RegExp): Record<string, number> {
  const samples = [...metrics.families.values()].flatMap((family) => family.samples);
  return Object.fromEntries(
    samples
      .filter(({ name }) => pattern.test(name))
      .map(({ name, labels, value }) => [`${name}${JSON.stringify(Object.entries(labels).sort())}`, value]),
  );
}

const comments = (text: string) =>
  fixedLines(text)
    .filter((line) => line.startsWith('#'))
    .sort();

const FIXED = /^(orders|plain|app:|price|bare|size|http_server_request)/;

function totalOf(text: string, pattern: RegExp): number {
  return Object.values(samplesOf(parseText(text), pattern)).reduce((total, value) => total + value, 0);
}

for (const line of LINES) {
  describe(line, { concurrency: 2 }, () => {
    let neighbour: Neighbour = { missing: 'not installed yet' };
    before(async () => {
      neighbour = await installNeighbours(line);
    });

    async function run<T>(program: string, file: string, env: Readonly<Record<string, string>> = {}): Promise<T> {
      assert.ok('folder' in neighbour);
      const { code, stdout, stderr } = await runNode([file, program], {
        cwd: neighbour.folder,
        command: neighbour.node,
        env: { LOOPSIGHT_LOG: 'off', ...env },
      });
      assert.equal(code, 0, stderr);
      assert.equal(stderr, '');
      return JSON.parse(stdout) as T;
    }

    for (const [file, observer] of [
      ['bridge.cjs', 'on'],
      ['bridge.mjs', 'on'],
      ['bridge.cjs', 'off'],
    ] as const) {
      test(`its registry at our endpoint: ${file}, observer ${observer}`, async (t) => {
        if ('missing' in neighbour) return t.skip(neighbour.missing);
        const { own, served, openMetrics, withBroken, asked, tookMs, without } = await run<Served>('serve', file, {
          OBSERVER: observer,
        });
        assert.equal(served.status, 200);
        // The same samples, types and descriptions; only the order is ours.
        assert.deepEqual(samplesOf(parseText(served.text), FIXED), samplesOf(parseText(own), FIXED));
        assert.deepEqual(comments(served.text), comments(own));
        assert.match(served.text, /^loopsight_eventloop_lag_seconds_bucket\{/m, 'and ours beside them');
        assert.match(served.text, /^process_cpu_user_seconds_total /m);

        const inOpenMetrics = parseText(openMetrics.text);
        assert.match(openMetrics.type, /^application\/openmetrics-text/);
        // What a series is called does not depend on the format.
        const values = samplesOf(inOpenMetrics, FIXED);
        const canonical = (samples: Record<string, number>) =>
          Object.fromEntries(
            Object.entries(samples).map(([key, value]) => [
              key.replace(/"(le|quantile)","(\d+)"/, '"$1","$2.0"'),
              value,
            ]),
          );
        assert.deepEqual(canonical(values), canonical(samplesOf(parseText(own), FIXED)));

        const totals = parseText(withBroken).families;
        assert.equal(totals.get('late_total')?.samples[0]?.value, 5);
        assert.ok(!totals.has('broken') && !totals.has('hung'));
        assert.equal(asked, 1, 'a metric that hangs is asked once');
        const [, ...later] = tookMs;
        assert.ok(Math.min(...later) < 150, `waited for again and again: ${later} ms`);
        assert.deepEqual(
          fixedLines(without).filter((text) => !text.includes('http_server')),
          [],
        );
      });
    }

    for (const [file, observer] of [
      ['bridge.cjs', 'on'],
      ['bridge.mjs', 'on'],
      ['bridge.cjs', 'off'],
    ] as const) {
      test(`ours in its registry: ${file}, observer ${observer}`, async (t) => {
        if ('missing' in neighbour) return t.skip(neighbour.missing);
        const found = await run<Added>('add', file, { LOOPSIGHT_OBSERVER: observer });
        const { text, json, openMetrics } = found;
        assert.deepEqual(fixedLines(text), fixedLines(found.before), 'its own are what they were');

        const metrics = parseText(text);
        const value = (name: string) => metrics.families.get(name)?.samples[0]?.value;
        assert.ok(totalOf(text, /^loopsight_eventloop_lag_seconds_count$/) > 2, 'lag is counted');
        assert.equal(value('loopsight_queue_depth'), 1);
        assert.ok((value('process_memory_usage_bytes') ?? 0) > 1e7, 'live figures too');
        assert.ok((value('process_uptime_seconds') ?? 0) > 0, 'of the process');
        if (observer === 'on') {
          // A busy machine adds stalls of its own.
          const stalls = metrics.families.get('loopsight_eventloop_stall_time_seconds_total')?.samples ?? [];
          const stall = stalls.find(({ labels }) => labels.code_function_name === 'blockTheLoop');
          assert.ok((stall?.value ?? 0) >= 0.49);
        }
        assert.match(found.single, /^loopsight_eventloop_lag_seconds_count\{.*thread_name="main"\} \d+$/m);
        // The application's own metric of the name is the one that is shown.
        assert.equal(text.match(/^# TYPE http_server_request_duration_seconds /gm)?.length, 1);
        assert.match(text, /^# HELP http_server_request_duration_seconds Mine\.$/m);

        const names = Object.values(METRICS).map((metric) => prometheusName(metric));
        const shown = new Set(json.map(({ name }) => name));
        for (const name of names) {
          if (name !== 'http_server_request_duration_seconds') assert.ok(shown.has(name ?? ''), `no ${name}`);
        }
        const lag = json.find(({ name }) => name === 'loopsight_eventloop_lag_seconds');
        assert.equal(lag?.type, 'histogram');
        assert.ok(lag?.values.some(({ metricName }) => metricName === 'loopsight_eventloop_lag_seconds_sum'));

        assert.match(openMetrics, /\n# EOF\n$/);
        assert.match(openMetrics, /^# TYPE nodejs_eventloop_time_seconds counter$/m);
        assert.match(openMetrics, /^nodejs_eventloop_time_seconds_total\{/m);
        assert.doesNotMatch(openMetrics, /_total_total/);

        const before = totalOf(text, /^loopsight_eventloop_lag_seconds_count$/);
        assert.ok(totalOf(found.aggregated, /^loopsight_eventloop_lag_seconds_count$/) >= 2 * before, 'sums add up');
        assert.ok(totalOf(found.aggregated, /^process_uptime_seconds$/) < 2 * (value('process_uptime_seconds') ?? 0));

        assert.ok(totalOf(found.afterReset, /^loopsight_eventloop_lag_seconds_count$/) >= before, 'never goes down');
        assert.equal(totalOf(found.afterReset, /^orders_total$/), 0);
        assert.equal(totalOf(found.afterOwn, /^process_uptime_seconds$/), 1);
        assert.equal(found.afterOwn.match(/^# TYPE process_uptime_seconds /gm)?.length, 1);
        assert.equal(found.cleared.trim(), '');
        assert.ok(totalOf(found.addedAgain, /^loopsight_eventloop_lag_seconds_count$/) >= before);
        assert.equal(found.removed.trim(), '');
        assert.deepEqual([found.ran, found.runs], [true, false], 'what it started is stopped');
      });
    }

    for (const file of ['bridge.cjs', 'bridge.mjs']) {
      for (const observer of ['on', 'off']) {
        test(`found by itself: ${file}, observer ${observer}`, async (t) => {
          if ('missing' in neighbour) return t.skip(neighbour.missing);
          const { text } = await run<{ text: string }>('found', file, {
            NODE_OPTIONS: '--import loopsight/register',
            LOOPSIGHT_PROM_CLIENT: 'on',
            LOOPSIGHT_OBSERVER: observer,
          });
          assert.equal(totalOf(text, /^orders_total$/), 4);
          assert.match(text, /^loopsight_eventloop_lag_seconds_bucket\{/m);
        });
      }
    }

    test('its exemplars at our endpoint', async (t) => {
      if ('missing' in neighbour) return t.skip(neighbour.missing);
      const { own, text } = await run<{ own: string; text: string }>('exemplars', 'bridge.cjs');
      const exemplarOf = (exposition: string) =>
        /^wait_seconds_bucket\{le="1(?:\.0)?"\} 1 # (\{.*\} 0\.5 \d{10})/m.exec(exposition)?.[1];
      assert.ok(exemplarOf(own) !== undefined, 'it has one');
      assert.equal(exemplarOf(text), exemplarOf(own));
    });

    test('the workers of a cluster, as its primary joins them', async (t) => {
      if ('missing' in neighbour) return t.skip(neighbour.missing);
      const { text } = await run<{ text: string }>('cluster', 'bridge.cjs');
      assert.equal(totalOf(text, /^orders_total$/), 4);
      const [memory] = parseText(text).families.get('process_memory_usage_bytes')?.samples ?? [];
      assert.ok((memory?.value ?? 0) > 4e7, 'of both');
      assert.match(text, /^loopsight_eventloop_lag_seconds_bucket\{/m);
    });

    test('an application with an endpoint of its own has ours at it, and no second port', async (t) => {
      if ('missing' in neighbour) return t.skip(neighbour.missing);
      const { text } = await run<{ text: string }>('server', 'bridge.mjs');
      assert.equal(totalOf(text, /^orders_total$/), 4);
      assert.equal(totalOf(text, /^http_server_active_requests$/), 1);
    });
  });
}
