// Lines and sections without what a set has no metrics for.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DashboardBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { addSections, type Line } from '../../grafana/dashboards/layout.js';
import { stat } from '../../grafana/dashboards/panels/stat.js';
import { createQueries } from '../../grafana/dashboards/queries.js';
import { METRIC_SETS } from '../../grafana/sets.js';
import { METRICS } from '../../src/metric-names.js';

const panel = (id: number) => stat({ id, title: `${id}`, description: '', unit: 's', queries: [] });

/** Places and widths, by id. */
function placed(...sections: readonly (readonly Line[])[]): Record<string, readonly number[]> {
  const dashboard = new DashboardBuilder('test');
  addSections(
    dashboard,
    sections.map((lines, index) => ({ id: index + 1, title: `${index}`, lines })),
  );
  const panels = (dashboard.build().panels ?? []) as { id: number; gridPos: { x: number; y: number; w: number } }[];
  return Object.fromEntries(panels.map(({ id, gridPos: { x, y, w } }) => [id, [x, y, w]]));
}

test('any number of panels fills a line', () => {
  for (const count of [1, 2, 5, 7, 24]) {
    const ids = Array.from({ length: count }, (_, index) => 10 + index);
    const { 1: _heading, ...panels } = placed([{ height: 4, panels: ids.map(panel) }]);
    const places = Object.values(panels);
    let edge = 0;
    for (const [x, , w] of places) {
      assert.equal(x, edge);
      edge += w ?? 0;
    }
    assert.equal(edge, 24);
    const widths = places.map(([, , w = 0]) => w);
    assert.ok(Math.max(...widths) - Math.min(...widths) <= 1, `${widths}`);
  }
});

test('the others take the room of what is left out, and headings without panels go', () => {
  const places = placed(
    [
      { height: 4, panels: [panel(10), undefined, panel(11)] },
      { height: 4, panels: [undefined] },
    ],
    [{ height: 4, panels: [undefined] }],
    [{ height: 4, panels: [panel(12)] }],
  );
  assert.deepEqual(places, { 1: [0, 0, 24], 10: [0, 1, 12], 11: [12, 1, 12], 3: [0, 5, 24], 12: [0, 6, 24] });
});

test('a query of what a set does not have is a mistake', () => {
  const { has, series } = createQueries(METRIC_SETS.otlp);
  assert.equal(has(METRICS.eventLoopLag, METRICS.eventLoopBlocked), false);
  assert.throws(() => series(METRICS.eventLoopBlocked), {
    name: 'TypeError',
    message: 'Expected loopsight.eventloop.blocked to be a metric of OTLP',
  });
});
