// The rules of the house for queries: who is chosen, what grows is a rate, quantiles are of summed buckets, few lines.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { METRICS } from '../../src/metric-names.js';
import {
  type CommittedDashboard,
  chartsOf,
  committedDashboards,
  selectorsOf,
  withoutAppeared,
  withoutJoin,
} from './dashboard.js';

/** Ranges of rates; a panel that looks at more than the points of a graph says how far. */
const RANGE = /^(\$__rate_interval|\$__range|\d+[smhd])$/;
const GROWTH = /^(rate|increase)$/;

/** "Workers that each queue needs". */
const SIZING = 2401;

for (const committed of committedDashboards()) {
  describe(committed.file, () => checkQueries(committed));
}

function checkQueries({ set, dashboard }: CommittedDashboard): void {
  const queries = chartsOf(dashboard).flatMap((panel) =>
    (panel.targets ?? []).map((target) => ({
      where: `${panel.title} ${target.refId}`,
      panel,
      expr: withoutJoin(target.expr),
      whole: target.expr,
      legend: target.legendFormat,
    })),
  );
  const versions = dashboard.templating.list.map(({ name }) => `service_version=~"$${name}"`);
  const metrics = Object.values(METRICS);
  const metricOf = (name: string) =>
    metrics.find((metric) =>
      (metric.kind === 'histogram' ? (['_bucket', '_sum', '_count'] as const) : ([''] as const)).some(
        (suffix) => set.nameOf(metric, suffix) === name,
      ),
    );

  test('every selector has the matchers of the variables that it has labels for', () => {
    for (const { where, expr, whole } of queries) {
      for (const { name, matchers } of selectorsOf(expr)) {
        const wanted = ['job=~"$job"'];
        const metric = metricOf(name);
        if (metric !== undefined) wanted.push('instance=~"$instance"');
        const threaded = (metric?.attributes as readonly string[] | undefined)?.includes('thread.name') === true;
        if (threaded && !/thread_name!?="main"/.test(matchers)) wanted.push('thread_name=~"$thread"');
        for (const matcher of wanted) assert.ok(matchers.includes(matcher), `${where}: ${name} lacks ${matcher}`);
        if (metric === undefined) continue;
        const chosen = set.version === 'label' ? matchers : whole;
        assert.ok(
          versions.some((matcher) => chosen.includes(matcher)),
          `${where}: ${name} is of any version`,
        );
      }
    }
    for (const { name, expr } of dashboard.annotations.list) {
      for (const { matchers } of selectorsOf(expr)) assert.match(matchers, /job=~"\$job"/, name);
    }
  });

  test('the version is joined to every series, after its rate, where it is no label of it', () => {
    for (const { where, whole, expr } of queries) {
      const series = selectorsOf(withoutAppeared(expr)).filter(({ name }) => metricOf(name) !== undefined);
      const joins = withoutAppeared(whole).split('group_left (service_version)').length - 1;
      assert.equal(joins, set.version === 'label' ? 0 : series.length, where);
      assert.doesNotMatch(whole, /(rate|increase|_over_time)\([^()]*\* on/, where);
    }
  });

  test('counters and buckets are rates, and gauges are not', () => {
    for (const { where, expr } of queries) {
      for (const { name, range, inside = '' } of selectorsOf(withoutAppeared(expr))) {
        const metric = metricOf(name);
        if (metric?.kind === 'counter' || metric?.kind === 'histogram') {
          assert.match(inside, GROWTH, `${where}: ${name}`);
          assert.match(range ?? '', RANGE, `${where}: ${name}`);
        } else if (metric !== undefined) assert.doesNotMatch(inside, GROWTH, `${where}: ${name}`);
      }
    }
  });

  test('quantiles are those of summed buckets, and nobody adds quantiles up', () => {
    for (const { where, expr } of queries) {
      // One bucket, by its bound, is a count of observations.
      const buckets = selectorsOf(expr).filter(
        ({ name, matchers }) => name.endsWith('_bucket') && !/\ble="/.test(matchers),
      );
      const sums = expr.match(/sum by \(le[^)]*\) \(+(?:sum_over_time\(\(+)?rate\(/g) ?? [];
      assert.equal(sums.length, buckets.length, where);
      const quantiles = expr.match(/histogram_quantile\(/g) ?? [];
      const ofSums = expr.match(/histogram_quantile\(0\.\d+, sum by \(le[^)]*\) \(/g) ?? [];
      assert.equal(ofSums.length, quantiles.length, where);
      assert.doesNotMatch(expr, /\b(sum|avg|stddev)( by \([^)]*\))? \(*(topk\(5, )?histogram_quantile/, where);
    }
  });

  test('latencies are quantiles, never means', () => {
    for (const { where, expr, panel } of queries) {
      // What a queue needs is reckoned from means (Little's law); no column of it is a time.
      if (panel.id === SIZING) continue;
      const sums = selectorsOf(expr).flatMap(({ name }) =>
        name.endsWith('_sum') ? [name.slice(0, -'_sum'.length)] : [],
      );
      for (const name of sums) {
        assert.ok(!expr.includes(`${name}_count{`), `${where}: ${name} by its count is a mean`);
      }
    }
  });

  test('lines of single instances are the five that matter', () => {
    for (const { where, panel, expr, legend } of queries) {
      if (panel.type !== 'timeseries') continue;
      const [, grouped = ''] = expr.match(/\bby \(([^)]*)\)/) ?? [];
      if (!grouped.split(', ').includes('instance') && !legend.includes('{{instance}}')) continue;
      assert.match(expr, /^topk\(5, /, where);
    }
  });
}
