// Every alert has a runbook that says what it means, how to confirm it, what causes it and what to do, and links that lead somewhere.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ALERTS, isOn } from '../../../grafana/alerts/alerts.js';
import { PANELS } from '../../../grafana/alerts/panels.js';
import { resolveRuleOptions } from '../../../grafana/rules/options.js';
import { createExpressions } from '../../../grafana/rules/promql.js';
import { METRIC_SETS } from '../../../grafana/sets.js';
import { root } from '../../support/run-node.js';
import { RUNBOOKS } from './runbooks.js';

const HEADINGS = ['What it means', 'Confirm', 'Usual causes', 'Fix'];

test('every alert has a runbook, and every runbook an alert', () => {
  const wanted = new Set(ALERTS.map(({ runbook }) => runbook));
  assert.deepEqual([...wanted].toSorted(), RUNBOOKS.map(({ name }) => name).toSorted());
  for (const { name, runbook } of ALERTS) {
    const text = RUNBOOKS.find((page) => page.name === runbook)?.text ?? '';
    assert.ok(text.includes(`\`${name}\``), `${runbook} does not name ${name}`);
  }
});

test('runbooks have the same parts, and queries to confirm with', () => {
  for (const { name, text, queries } of RUNBOOKS) {
    const headings = [...text.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading);
    assert.deepEqual(headings, HEADINGS, name);
    assert.ok(queries.length >= 1, name);
    for (const query of queries) assert.ok(query.includes('job="JOB"'), `${name}: ${query}`);
    const [, ...confirm] = text.split(/^## /m);
    assert.ok(confirm[1]?.includes('```promql'), `${name} has no query where it is confirmed`);
  }
});

test('runbooks of what hangs say that up does not drop', () => {
  const hangs = [
    'blocked',
    'starved',
    'lag-high',
    'stalls',
    'telemetry-missing',
    'telemetry-old',
    'target-down',
    'budget-burns-fast',
  ];
  for (const name of hangs) {
    const { text = '' } = RUNBOOKS.find((page) => page.name === name) ?? {};
    assert.match(
      text.replaceAll('\n', ' '),
      /`up` stays 1 meanwhile: the observer, a thread of its own, answers/,
      name,
    );
  }
});

test('runbooks can be served alone: they link to each other, and to nothing else', () => {
  for (const { name, text } of RUNBOOKS) {
    for (const [, link = ''] of text.matchAll(/\]\(([^)]+)\)/g)) assert.match(link, /^[a-z-]+\.md$/, name);
  }
});

test('links between documents lead to files', () => {
  const pages = [...RUNBOOKS.map(({ name, text }) => ({ folder: 'docs/runbooks', name, text }))];
  pages.push({ folder: 'docs', name: 'alerts', text: readFileSync(join(root, 'docs/alerts.md'), 'utf8') });
  for (const { folder, name, text } of pages) {
    for (const [, link = ''] of text.matchAll(/\]\(([^)#:]+)\)/g)) {
      assert.ok(existsSync(join(root, folder, link)), `${name}: ${link}`);
    }
  }
});

test('the panels that alerts link to are in the dashboards', () => {
  const used = new Set(ALERTS.map(({ panel }) => panel));
  assert.deepEqual([...used].toSorted(), Object.keys(PANELS).toSorted());
  for (const set of Object.values(METRIC_SETS)) {
    const e = createExpressions(set, resolveRuleOptions({ sloObjective: 0.999 }));
    const on = ALERTS.filter((alert) => isOn(alert, e));
    assert.ok(on.length >= 18, `${on.length}`);
    for (const alert of on) {
      const { dashboard, id, title } = PANELS[alert.panel];
      const file = join(root, 'grafana/dashboards', set.id, `${dashboard}.json`);
      const { panels } = JSON.parse(readFileSync(file, 'utf8')) as { panels: { id: number; title: string }[] };
      assert.equal(
        panels.find((panel) => panel.id === id)?.title,
        title,
        `${set.id}: ${alert.name}, panel ${id} of ${dashboard}`,
      );
    }
  }
});
