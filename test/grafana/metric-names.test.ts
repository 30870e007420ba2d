// Every metric that a query names exists, and in the form that the query wants.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { METRICS, type MetricDefinition } from '../../src/metric-names.js';
import { prometheusLabel, prometheusName } from '../../src/prometheus/naming.js';
import { expressionsOf, readOverview, selectorsOf } from './dashboard.js';

const TARGET_LABELS = ['job', 'instance', 'service_version', 'le'];

/** Names of series, with the metric that they belong to. */
const known = new Map<string, MetricDefinition>(
  Object.values(METRICS).flatMap((metric) => {
    const suffixes = metric.kind === 'histogram' ? ['_bucket', '_sum', '_count'] : [''];
    return suffixes.map((suffix) => [`${prometheusName(metric)}${suffix}`, metric] as const);
  }),
);

const expressions = expressionsOf(readOverview());

test('every metric in a query, a variable or an annotation is one of ours', () => {
  for (const [where, expression] of expressions) {
    const names = selectorsOf(expression).map(({ name }) => name);
    assert.notEqual(names.length, 0, `${where} has no metric`);
    for (const name of names) assert.ok(known.has(name), `${where}: there is no metric ${name}`);
  }
});

test('queries match and group only by labels that their metrics have', () => {
  for (const [where, expression] of expressions) {
    const selectors = selectorsOf(expression);
    const labelsOf = (name: string) => [...TARGET_LABELS, ...(known.get(name)?.attributes.map(prometheusLabel) ?? [])];
    for (const { name, matchers } of selectors) {
      for (const [, label = ''] of matchers.matchAll(/(\w+)[!=]~?=?"/g)) {
        assert.ok(labelsOf(name).includes(label), `${where}: ${name} has no label ${label}`);
      }
    }
    const grouped = [...expression.matchAll(/by \(([^)]*)\)/g)].flatMap(([, labels = '']) => labels.split(', '));
    for (const label of grouped) {
      for (const { name } of selectors) {
        assert.ok(labelsOf(name).includes(label), `${where}: ${name} has no label ${label} to group by`);
      }
    }
  }
});

test('quantiles are those of summed buckets', () => {
  for (const [where, expression] of expressions) {
    const buckets = selectorsOf(expression).filter(({ name }) => name.endsWith('_bucket'));
    const sums = expression.match(/sum by \(le[^)]*\) \(rate\(/g) ?? [];
    assert.equal(sums.length, buckets.length, where);
  }
});
