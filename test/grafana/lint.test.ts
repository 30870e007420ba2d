// The rules of Grafana's dashboard-linter that apply, and a few of our own.
import assert from 'node:assert/strict';
import { basename } from 'node:path';
import { describe, test } from 'node:test';
import { type DashboardId, uidOf } from '../../grafana/dashboards/links.js';
import { METRIC_SETS } from '../../grafana/sets.js';
import { METRICS } from '../../src/metric-names.js';
import {
  answerQueryOf,
  type CommittedDashboard,
  chartsOf,
  committedDashboards,
  labelQueryOf,
  type Panel,
} from './dashboard.js';

const GRID_WIDTH = 24;
const UNITS = ['s', 'percentunit', 'reqps', 'ops', 'short', 'bytes', 'none', 'dateTimeFromNow', 'prefix:×'];
/** Annotations of what changed; their values are the times of their markers. */
const CHANGES = ['Deploys', 'Deployments', 'Node.js versions', 'Versions gone'];
/** Counters whose exemplars lead to traces, as docs/exemplars.md lists them. */
const WITH_EXEMPLARS = [METRICS.stallTime, METRICS.stalls, METRICS.queueTasks];
/** Okabe and Ito's, and none. */
const COLORS = ['transparent', '#0072B2', '#56B4E9', '#E69F00', '#D55E00'];

for (const committed of committedDashboards()) {
  describe(committed.file, () => lint(committed));
}

function lint({ set, file, dashboard }: CommittedDashboard): void {
  const charts = chartsOf(dashboard);
  const variables = new Map(dashboard.templating.list.map((variable) => [variable.name, variable]));
  const queries = charts.flatMap((panel) =>
    (panel.targets ?? []).map((target) => ({ where: `${panel.title} ${target.refId}`, panel, target })),
  );

  test('Grafana 12 and 13 load it, under an address that stays', () => {
    assert.ok(dashboard.schemaVersion <= 42, `${dashboard.schemaVersion}`);
    assert.equal(dashboard.uid, uidOf(basename(file, '.json') as DashboardId, set));
    assert.ok(dashboard.uid.length <= 40, dashboard.uid);
    assert.equal(dashboard.editable, false);
  });

  test('the data source is a variable, and everything uses it', () => {
    assert.deepEqual(
      [...variables.values()].filter(({ type }) => type === 'datasource').map(({ name, label }) => [name, label]),
      [['datasource', 'Data source']],
    );
    const references = [
      ...charts.map(({ title, datasource }) => [title, datasource] as const),
      ...queries.map(({ where, target }) => [where, target.datasource] as const),
      ...dashboard.annotations.list.map(({ name, datasource }) => [name, datasource] as const),
      ...[...variables.values()].filter(({ type }) => type === 'query').map((v) => [v.name, v.datasource] as const),
    ];
    for (const [where, reference] of references) {
      assert.deepEqual(reference, { type: 'prometheus', uid: '$datasource' }, where);
    }
  });

  test('variables follow the time range and take several values', () => {
    assert.deepEqual([...variables.keys()].slice(0, 5), ['datasource', 'job', 'version', 'instance', 'thread']);
    for (const variable of variables.values()) {
      if (variable.type === 'datasource') continue;
      // A choice among values that are in the dashboard itself.
      if (variable.type === 'custom') {
        assert.ok(!variable.multi && !variable.includeAll && variable.label !== '', variable.name);
        continue;
      }
      assert.equal(variable.label.toLowerCase(), variable.name);
      assert.equal(variable.refresh, 2, variable.name);
      // What is chosen among answers is one thing; Grafana escapes its value only where several could be chosen.
      if (answerQueryOf(variable) !== undefined) assert.ok(variable.multi || variable.hide === 2, variable.name);
      else {
        assert.notEqual(labelQueryOf(variable), undefined, variable.name);
        assert.ok(variable.multi && variable.includeAll, variable.name);
      }
    }
    assert.equal(variables.get('job')?.allValue, '.+');
    assert.equal(variables.get('instance')?.allValue, set.id === 'otlp' ? '.*' : '.+');
    assert.deepEqual(variables.get('thread')?.current?.value, ['main']);
  });

  test('every panel says what it shows, what it means, and in what unit', () => {
    for (const panel of charts) {
      assert.ok(panel.title.length > 0, `${panel.id}`);
      assert.ok(
        (panel.description ?? '').length > 60,
        `${panel.title} needs a description of what it means and what to do`,
      );
      for (const unit of unitsOf(panel)) assert.ok(UNITS.includes(unit), `${panel.title}: ${unit}`);
      assert.notEqual(unitsOf(panel).length, 0, `${panel.title} has no unit`);
      assert.notEqual(panel.targets?.length ?? 0, 0, `${panel.title} has no query`);
    }
    for (const { where, target } of queries) assert.notEqual(target.legendFormat, '', where);
  });

  test('colours can be told apart by colour-blind eyes', () => {
    for (const panel of charts) {
      const colors = panel.fieldConfig?.defaults.thresholds?.steps.map(({ color }) => color) ?? [];
      for (const color of colors) assert.ok(COLORS.includes(color), `${panel.title}: ${color}`);
      assert.equal(new Set(colors).size, colors.length, panel.title);
    }
  });

  test('a timeline of states has the colours of its limits', () => {
    // Grafana's own choice for it is green to red, spread over whatever values there are.
    for (const { title, fieldConfig } of charts.filter(({ type }) => type === 'state-timeline')) {
      assert.equal(fieldConfig?.defaults.color?.mode, 'thresholds', title);
    }
  });

  test('titles and ids are unique', () => {
    const ids = dashboard.panels.map(({ id }) => id);
    assert.equal(new Set(ids).size, ids.length);
    const titles = charts.map(({ title }) => title);
    assert.equal(new Set(titles).size, titles.length);
    for (const panel of charts) {
      const references = panel.targets?.map(({ refId }) => refId) ?? [];
      assert.equal(new Set(references).size, references.length, panel.title);
    }
  });

  test('panels lie on the grid, in their order, without overlap', () => {
    const taken = new Map<string, string>();
    for (const { title, gridPos } of dashboard.panels) {
      assert.ok(gridPos.x >= 0 && gridPos.y >= 0 && gridPos.w > 0 && gridPos.h > 0, title);
      assert.ok(gridPos.x + gridPos.w <= GRID_WIDTH, `${title} sticks out`);
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
          const cell = `${x},${y}`;
          assert.equal(taken.get(cell), undefined, `${title} lies on ${taken.get(cell)}`);
          taken.set(cell, title);
        }
      }
    }
    const places = dashboard.panels.map(({ gridPos: { x, y } }) => y * GRID_WIDTH + x);
    assert.deepEqual(
      places,
      places.toSorted((a, b) => a - b),
    );
  });

  test('graphs of latencies show exemplars, and nothing asks for them that has none', () => {
    const isGraph = ({ type }: Panel) => type === 'timeseries' || type === 'heatmap';
    for (const { where, panel, target } of queries) {
      const latency = isGraph(panel) && target.expr.includes('_bucket{');
      const counter = isGraph(panel) && WITH_EXEMPLARS.some((metric) => target.expr.includes(`${set.nameOf(metric)}{`));
      if (latency) assert.equal(target.exemplar, true, where);
      if (target.exemplar === true) assert.ok(latency || counter, where);
    }
  });

  test('markers stand on every panel, those of changes where the rules recorded them', () => {
    const markers = new Map(dashboard.annotations.list.map((annotation) => [annotation.name, annotation]));
    assert.deepEqual([...markers.keys()], [...CHANGES, 'Restarts']);
    for (const { name, enable, filter } of markers.values()) {
      assert.equal(enable, true, name);
      assert.equal(filter, undefined, name);
    }
    for (const name of CHANGES) {
      const { expr = '', useValueForTime } = markers.get(name) ?? {};
      assert.equal(useValueForTime, true, name);
      // In milliseconds; an outage of Prometheus loses none.
      assert.match(expr, /^\(last_over_time\(\w+:\w+:timestamp_seconds\{[^}]*\}\[1h\]\) .* \* 1000$/, name);
    }
  });
}

function unitsOf(panel: Panel): readonly string[] {
  const overridden = panel.fieldConfig?.overrides.flatMap(({ properties }) =>
    properties.filter(({ id }) => id === 'unit').map(({ value }) => String(value)),
  );
  const units = [panel.fieldConfig?.defaults.unit, panel.options?.yAxis?.unit, ...(overridden ?? [])];
  return units.filter((unit) => unit !== undefined);
}

test('addresses and titles of dashboards are their own', () => {
  const committed = committedDashboards();
  for (const key of ['uid', 'title'] as const) {
    assert.equal(new Set(committed.map(({ dashboard }) => dashboard[key])).size, committed.length, key);
  }
  assert.equal(uidOf('overview', METRIC_SETS.loopsight), 'loopsight-overview');
});
