// Real Prometheus of two lines, with hours of data of services whose versions differ, or do not.
import assert from 'node:assert/strict';
import { after, before, describe, it, type TestContext } from 'node:test';
import { METRIC_SETS } from '../../grafana/sets.js';
import { requirePrometheus3 } from '../support/external-tools.js';
import { requirePrometheus } from '../support/prometheus.js';
import { runHere } from '../support/run-here.js';
import { type Blocks, createBlocks, type FilledPrometheus, startFilledPrometheus } from './filled-prometheus.js';
import { joinServices, type Pod, shopLines } from './shop.js';

const NOW_S = Math.floor(Date.now() / 1000);
const MINUTE_S = 60;
const HOUR_S = 3600;
/** The tests may take that long: what is scraped last is always now. */
const LATER_S = NOW_S + 900;

const pods = (count: number, prefix: string, pod: Omit<Pod, 'instance'>): Pod[] =>
  Array.from({ length: count }, (_, index) => ({ ...pod, instance: `${prefix}-${index}`, fromS: pod.fromS + index }));
const intervalAt = () => 75;

function services(): string[] {
  const ago = (minutes: number) => NOW_S - minutes * MINUTE_S;
  const { loopsight, otlp, 'opentelemetry-exporter': exporter } = METRIC_SETS;
  // It is the time of the most load: whenever this runs, the figures are alike.
  const dayFromS = ago(6 * 60);
  return joinServices(
    // A canary that costs half as much again, and is deployed in two clusters.
    shopLines({
      ...{ set: loopsight, job: 'checkout', intervalAt, dayFromS, seed: 1, labels: { cluster: 'eu' } },
      pods: [
        ...pods(4, 'old', { version: '1.4.2', fromS: ago(6 * 60), toS: LATER_S }),
        ...pods(4, 'new', { version: '1.5.0', fromS: ago(75), toS: LATER_S, cost: 1.5 }),
      ],
    }),
    // Two versions that do not differ, named by target_info; and a third that is gone.
    shopLines({
      ...{ set: exporter, job: 'cart', intervalAt, dayFromS, seed: 2 },
      info: ({ instance }: Pod) => ({ process_runtime_version: instance.startsWith('old') ? '22.23.0' : '24.21.0' }),
      pods: [
        ...pods(4, 'older', { version: '2.0.0-rc.1', fromS: ago(8 * 60), toS: ago(7 * 60) }),
        ...pods(4, 'old', { version: '2.0.0', fromS: ago(90), toS: LATER_S }),
        ...pods(4, 'new', { version: '2.0.1', fromS: ago(85), toS: LATER_S }),
      ],
    }),
    // The same instances, before and after a rollout that was a gain.
    shopLines({
      ...{ set: otlp, job: 'shop/pay', intervalAt, dayFromS, seed: 3 },
      pods: [
        ...pods(4, 'pod', { version: '3.0.0', fromS: ago(24 * 60), toS: ago(61) }),
        ...pods(4, 'pod', { version: '3.1.0', fromS: ago(60), toS: LATER_S, cost: 0.6 }),
      ],
    }),
  );
}

let blocks: Blocks;
const running = new Map<string, FilledPrometheus>();
before(() => {
  blocks = createBlocks(services());
});
after(async () => {
  for (const prometheus of running.values()) await prometheus[Symbol.asyncDispose]();
  blocks?.[Symbol.dispose]();
});

interface Line {
  readonly name: string;
  readonly programs: (t: TestContext) => string | undefined;
  readonly prefix: string;
  readonly flags: readonly string[];
}

const LINES: readonly Line[] = [
  { name: 'Prometheus 2', programs: (t) => (requirePrometheus(t) ? '' : undefined), prefix: '', flags: [] },
  // So few that every query has to be asked in pieces.
  {
    name: 'Prometheus 3, below a path, with little room for samples',
    programs: requirePrometheus3,
    prefix: '/prom',
    flags: ['--query.max-samples=1500'],
  },
];

for (const line of LINES) {
  describe(line.name, () => {
    async function comparing(t: TestContext, ...argv: readonly string[]) {
      const programs = line.programs(t);
      if (programs === undefined) return undefined;
      const { prefix, flags } = line;
      const prometheus = running.get(line.name) ?? (await startFilledPrometheus(blocks, { programs, prefix, flags }));
      running.set(line.name, prometheus);
      const { code, out, error } = await runHere('compare', '--prometheus', `${prometheus.url}/`, '--json', ...argv);
      return { code, error, result: out === '' ? undefined : JSON.parse(out) };
    }

    it('compares the two versions that run, and says which', async (t) => {
      const compared = await comparing(t, '--job', 'checkout');
      if (compared === undefined) return;
      assert.equal(compared.code, 1, compared.error);
      const { result } = compared;
      assert.deepEqual(
        [result.verdict, result.baseline.label, result.candidate.label, result.chosen],
        ['worse', '1.4.2', '1.5.0', true],
      );
      assert.deepEqual([result.job, result.load, result.design], ['checkout', 'requests', 'concurrent']);
      assert.deepEqual([result.baseline.instances, result.candidate.instances], [4, 4]);
      const active = result.metrics.find((metric: { id: string }) => metric.id === 'loop-active-per-request');
      assert.ok(active.ratio.low < 1.5 && active.ratio.high > 1.4, JSON.stringify(active.ratio));
      assert.ok(Math.abs(active.baseline - 0.004) < 0.0004, `${active.baseline} s`);
      assert.ok(result.metrics.some((metric: { subject: string | null }) => metric.subject === 'renderReport'));
    });

    it('finds no difference where there is none, under the names of the stock exporter, joined with target_info', async (t) => {
      const compared = await comparing(t, '--job', 'cart', '2.0.0', '2.0.1');
      if (compared === undefined) return;
      assert.equal(compared.code, 0, compared.error + JSON.stringify(compared.result?.reasons));
      assert.deepEqual([compared.result.verdict, compared.result.chosen], ['no difference', false]);
      assert.equal(compared.result.candidate.instances, 4);
    });

    it('leaves out the version that is gone when it chooses', async (t) => {
      const compared = await comparing(t, '--job', 'cart');
      if (compared === undefined) return;
      assert.deepEqual(
        [compared.result?.baseline.label, compared.result?.candidate.label],
        ['2.0.0', '2.0.1'],
        compared.error,
      );
    });

    it('compares by a label of target_info', async (t) => {
      const compared = await comparing(t, '--job', 'cart', '--by', 'process.runtime.version', '22.23.0', '24.21.0');
      if (compared === undefined) return;
      assert.equal(
        compared.code,
        0,
        compared.error + JSON.stringify([compared.result?.reasons, compared.result?.missing]),
      );
      assert.equal(compared.result.label, 'process_runtime_version');
      assert.equal(compared.result.baseline.instances, 4);
    });

    it('compares instances before and after, as OTLP names them', async (t) => {
      const compared = await comparing(t, '--job', 'shop/pay');
      if (compared === undefined) return;
      assert.equal(
        compared.code,
        0,
        compared.error + JSON.stringify([compared.result?.reasons, compared.result?.missing]),
      );
      const { result } = compared;
      assert.deepEqual([result.verdict, result.design], ['better', 'paired'], JSON.stringify(result.reasons));
      assert.deepEqual([result.baseline.label, result.candidate.label], ['3.0.0', '3.1.0']);
      assert.ok(result.pastWindows > 0);
    });

    it('compares times', async (t) => {
      const compared = await comparing(t, '--job', 'shop/pay', '--after', '61m', '--window', '50m');
      if (compared === undefined) return;
      assert.equal(
        compared.result?.verdict,
        'better',
        compared.error +
          JSON.stringify([compared.result?.reasons, compared.result?.missing, compared.result?.pastWindows]),
      );
      assert.match(compared.result.baseline.label, /^before \d{4}-\d\d-\d\d /);
      const back = await comparing(
        t,
        '--job',
        'checkout',
        '--match',
        'cluster=eu',
        '--offset',
        '2h',
        '--window',
        '30m',
      );
      assert.deepEqual([back?.result?.baseline.label, back?.result?.candidate.label], ['2h ago', 'now'], back?.error);
      assert.equal(back?.result.baseline.instances, 4);
      assert.equal(back?.result.candidate.instances, 8);
    });

    it('compares jobs', async (t) => {
      const compared = await comparing(t, '--by', 'job', 'checkout', 'shop/pay');
      if (compared === undefined) return;
      assert.equal(compared.result?.job, 'checkout, shop/pay', compared.error);
      assert.equal(compared.result.candidate.label, 'shop/pay');
    });

    it('asks in pieces what is too much at once', async (t) => {
      const compared = await comparing(t, '--job', 'checkout');
      const prometheus = running.get(line.name);
      if (compared === undefined || prometheus === undefined) return;
      const query = 'increase(loopsight_eventloop_lag_seconds_bucket{job="checkout"}[5m])';
      const range = { start: `${NOW_S - HOUR_S}`, end: `${NOW_S}`, step: '60' };
      const { status } = await fetch(
        `${prometheus.url}/api/v1/query_range?${new URLSearchParams({ query, ...range })}`,
      );
      assert.equal(status, line.flags.length === 0 ? 200 : 422);
      assert.deepEqual([compared.result?.verdict, compared.result?.warnings], ['worse', []], compared.error);
    });

    it('says what it has not found', async (t) => {
      const sentences: readonly (readonly [argv: readonly string[], sentence: RegExp])[] = [
        [[], /has several jobs with Loopsight; choose one with --job: cart, checkout, shop\/pay\.$/m],
        [
          ['--job', 'mail'],
          /has no metrics of Loopsight of job mail from the last 1 day; jobs that have them: cart, checkout, shop\/pay\.$/m,
        ],
        [['--job', 'checkout', '1.4.2', '9'], /^Version 9 was not seen in the last .* \(seen: 1\.4\.2, 1\.5\.0\)\.$/m],
        [
          ['--job', 'checkout', '--by', 'flavour', 'a', 'b'],
          /^No series of job checkout has the label flavour, nor has its target_info/,
        ],
        [
          ['--job', 'checkout', '--match', 'cluster=us'],
          /has no metrics of Loopsight of job checkout with the labels of --match from the last 1 day\.$/m,
        ],
        [
          ['--job', 'checkout', '--thread', 'render'],
          /has no metrics of Loopsight of job checkout, thread render from the last 1 day; its threads: main\.$/m,
        ],
      ];
      for (const [argv, sentence] of sentences) {
        const compared = await comparing(t, ...argv);
        if (compared === undefined) return;
        assert.equal(compared.code, 3);
        assert.match(compared.error, sentence);
      }
    });
  });
}
