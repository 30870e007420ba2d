// Every metric that a query names exists in its set, with the labels that the query wants.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { MetricSet } from '../../grafana/sets.js';
import { METRICS, type MetricDefinition } from '../../src/metric-names.js';
import { prometheusLabel } from '../../src/prometheus/naming.js';
import {
  type CommittedDashboard,
  committedDashboards,
  expressionsOf,
  groupingsOf,
  selectorsOf,
  withoutFound,
  withoutJoin,
} from './dashboard.js';

/** Of targets and buckets; `process` is the slot in a group, on every series of its members. */
const TARGET_LABELS = ['job', 'instance', 'service_version', 'le', 'process'];
/** What Prometheus has of a process beside its metrics, with labels that only the resource knows. */
const TARGET_INFO = 'target_info';
const RESOURCE_LABELS = ['deployment_id', 'process_runtime_version'];
/** Names of recording rules have colons; that they exist is a matter of the rules. */
const RECORDED = /^\w+:\w+:\w+$/;

for (const committed of committedDashboards()) {
  describe(committed.file, () => checkNames(committed));
}

function checkNames({ set, dashboard }: CommittedDashboard): void {
  const known = seriesOf(set);
  const labelsOf = (name: string) => [
    ...TARGET_LABELS,
    ...(name === TARGET_INFO || RECORDED.test(name) ? RESOURCE_LABELS : []),
    ...(known.get(name)?.attributes.map(prometheusLabel) ?? []),
  ];
  const expressions = [...expressionsOf(dashboard)];

  test('every metric in a query, a variable or an annotation is one of the set', () => {
    for (const [where, expression] of expressions) {
      const names = selectorsOf(expression).map(({ name }) => name);
      assert.notEqual(names.length, 0, `${where} has no metric`);
      for (const name of names) {
        const exists = known.has(name) || name === TARGET_INFO || RECORDED.test(name);
        assert.ok(exists, `${where}: there is no metric ${name}`);
      }
    }
  });

  test('queries match and group only by labels that their metrics have', () => {
    for (const [where, expression] of expressions) {
      const selectors = selectorsOf(expression);
      for (const { name, matchers } of selectors) {
        for (const [, label = ''] of matchers.matchAll(/(\w+)[!=]~?=?"/g)) {
          assert.ok(labelsOf(name).includes(label), `${where}: ${name} has no label ${label}`);
        }
      }
      for (const { labels, of } of groupingsOf(withoutFound(withoutJoin(expression)))) {
        for (const { name } of selectorsOf(of)) {
          for (const label of labels) {
            assert.ok(labelsOf(name).includes(label), `${where}: ${name} has no label ${label} to group by`);
          }
        }
      }
    }
  });
}

/** Names of series of a set, with the metric that they belong to. */
function seriesOf(set: MetricSet): ReadonlyMap<string, MetricDefinition> {
  return new Map<string, MetricDefinition>(
    Object.values(METRICS)
      .filter((metric) => set.has(metric))
      .flatMap((metric) => {
        const suffixes = metric.kind === 'histogram' ? (['_bucket', '_sum', '_count'] as const) : ([''] as const);
        return suffixes.map((suffix) => [set.nameOf(metric, suffix), metric] as const);
      }),
  );
}
