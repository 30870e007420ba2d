// The committed dashboards are what their source makes of them.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { overview } from '../../grafana/dashboards/overview.js';
import { overviewFile } from './dashboard.js';

test('the committed overview is the one that its source describes', () => {
  const source = JSON.parse(JSON.stringify(overview()));
  assert.deepEqual(JSON.parse(readFileSync(overviewFile, 'utf8')), source, 'run `npm run dashboards`');
});

test('the source describes the same dashboard each time', () => {
  assert.equal(JSON.stringify(overview()), JSON.stringify(overview()));
});
