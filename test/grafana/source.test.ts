// The committed dashboards are what their source makes of them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allDashboards } from '../../grafana/dashboards/dashboards.js';
import { committedDashboards } from './dashboard.js';

test('the committed dashboards are those that their source describes, and no others', () => {
  const committed = new Map(committedDashboards().map(({ file, dashboard }) => [file, dashboard]));
  const described = allDashboards();
  assert.deepEqual([...committed.keys()].toSorted(), described.map(({ file }) => file).toSorted());
  for (const { file, dashboard } of described) {
    assert.deepEqual(committed.get(file), JSON.parse(JSON.stringify(dashboard)), `${file}: run \`npm run dashboards\``);
  }
});

test('the source describes the same dashboards each time', () => {
  assert.equal(JSON.stringify(allDashboards()), JSON.stringify(allDashboards()));
});
