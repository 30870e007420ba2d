// What a committed dashboard shows of the deploys.
import assert from 'node:assert/strict';
import { METRIC_SETS } from '../../grafana/sets.js';
import { type Choice, type Durations, everything, substitute, withAnswers } from '../grafana/answers.js';
import { type CommittedDashboard, dashboardsOf, type Target } from '../grafana/dashboard.js';
import type { Prometheus } from '../support/prometheus.js';

/** A dashboard with what its variables chose. */
export interface Panels {
  readonly choice: Choice;
  /** The one figure of a panel. */
  figureOf(id: number): Promise<number>;
  /** The figures of a panel's first query by a label, the largest first. */
  rowsOf(id: number, label: string): Promise<ReadonlyMap<string, number>>;
}

/** The dashboard of Loopsight's own set, over the time since `startS`, as it is now. */
export async function readPanels(prometheus: Prometheus, name: string, startS: number): Promise<Panels> {
  const committed = committedDashboard(name);
  const durations = durationsSince(startS);
  const choice = await withAnswers(prometheus, committed, everything(committed), durations);
  const figuresOf = async (id: number) => {
    const series = await prometheus.query(substitute(firstQueryOf(committed, id).expr, choice, durations));
    return series.map(({ metric, values }) => ({ metric, value: values[0]?.[1] ?? Number.NaN }));
  };
  return {
    choice,
    async figureOf(id) {
      const figures = await figuresOf(id);
      assert.equal(figures.length, 1, `panel ${id} of ${name} has ${figures.length} figures`);
      return figures[0]?.value ?? Number.NaN;
    },
    async rowsOf(id, label) {
      const figures = (await figuresOf(id)).toSorted((a, b) => b.value - a.value);
      return new Map(figures.map(({ metric, value }) => [metric[label] ?? '', value]));
    },
  };
}

/** When markers of the overview stand, in seconds since 1970, by a label. */
export async function markersOf(
  prometheus: Prometheus,
  name: string,
  label: string,
  startS: number,
): Promise<ReadonlyMap<string, readonly number[]>> {
  const overview = committedDashboard('overview');
  const annotation = overview.dashboard.annotations.list.find((entry) => entry.name === name);
  assert.ok(annotation?.useValueForTime === true, `${name} do not stand at their values`);
  const expression = substitute(annotation.expr, everything(overview), durationsSince(startS));
  const series = await prometheus.queryRange(expression, Math.floor(startS), Math.floor(Date.now() / 1000));
  return new Map(
    series.map(({ metric, values }) => [metric[label] ?? '', [...new Set(values.map(([, ms]) => ms / 1000))]]),
  );
}

function durationsSince(startS: number): Durations {
  return { rateInterval: '15s', interval: '1s', range: `${Math.ceil(Date.now() / 1000 - startS)}s` };
}

function committedDashboard(name: string): CommittedDashboard {
  const found = dashboardsOf(METRIC_SETS.loopsight).find(({ file }) => file.endsWith(`/${name}.json`));
  assert.ok(found !== undefined, `There is no dashboard ${name}`);
  return found;
}

function firstQueryOf({ dashboard }: CommittedDashboard, id: number): Target {
  const [target] = dashboard.panels.find((panel) => panel.id === id)?.targets ?? [];
  assert.ok(target !== undefined, `Panel ${id} has no query`);
  return target;
}
