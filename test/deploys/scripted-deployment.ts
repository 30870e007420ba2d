// Deploys of the demo against a real Prometheus, on a clock that runs twenty times as fast: version 1, version 1 again on
// half of the replicas, version 2 with its regression there and then everywhere, and back. `npm run test:deploy`; it takes
// some seven minutes of a machine with nothing else to do. LOOPSIGHT_DEPLOY_RECORDING names a file for what the dashboards
// show of it, which the pictures are drawn from.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { record } from '../../grafana/pictures/record.js';
import { renderRuleFiles } from '../../grafana/rules/render.js';
import { METRIC_SETS } from '../../grafana/sets.js';
import { requirePrometheus } from '../support/prometheus.js';
import { runHere } from '../support/run-here.js';
import { firingAlerts, firingTimes } from './fired.js';
import { type Deployed, type Fleet, JOB, type Release, startFleet } from './fleet.js';
import { markersOf, readPanels } from './shown.js';

const REPLICAS = 6;
/** Replicas from there on are replaced first, and watched before the others are. */
const CANARIES = 3;
/** A minute of rules and alerts takes three seconds. */
const SHORTEN = 20;
const WARM_UP_S = 20;
const BLOCK_S = 15;
/** How long all run version 2. */
const EVERYWHERE_S = 30;
/** Three replicas against three for two minutes tell nothing of less: replicas of one version differ by a tenth. */
const MINIMUM_RATIO = 1.5;
/** The tile has the colour of a warning; it counts fresh processes too, so that it shows less than `loopsight compare`. */
const TILE_WARNS_FROM = 1.2;
const PATIENCE_MS = 60_000;
const ALERT = 'LoopsightRegression';
const { LOOPSIGHT_DEPLOY_RECORDING: recordingFile } = process.env;
/** The regression alone is enough to be seen; pictures show more of the dashboards with more faults. */
const FAULTS = recordingFile === undefined ? [] : ['sync-call', 'small-pool', 'unbounded-queue'];

test('a deploy that made it worse is seen, told and compared', { timeout: 900_000 }, async (t) => {
  if (!requirePrometheus(t)) return;
  const rules = new Map(renderRuleFiles(METRIC_SETS.loopsight, { shorten: SHORTEN, sloObjective: 0.99 }));
  rules.delete('alertmanager.yml');
  await using fleet = await startFleet(REPLICAS, rules);
  const { prometheus } = fleet;

  const first = await fleet.deploy({ deployment: 'first', version: '1', faults: [] });
  const again = await fleet.deploy({ deployment: 'again', version: '1', faults: [] }, CANARIES);
  await t.test('`loopsight compare` says no difference of 1 → 1', async () => {
    const { code, out, error } = await compare(fleet, '--by', 'deployment.id', 'first', 'again');
    t.diagnostic(out);
    assert.equal(code, 0, out + error);
    assert.match(out, /^no difference:/);
  });

  const version2: Release = { deployment: 'worse', version: '2', faults: FAULTS };
  const worse = await fleet.deploy(version2, CANARIES);
  await t.test('`loopsight compare` says worse of 1 → 2', async () => {
    const { code, out, error } = await compare(fleet, '1.0.0', '2.0.0');
    t.diagnostic(out);
    assert.equal(code, 1, out + error);
    assert.match(out, /^worse:/);
  });

  await t.test('the alert of a regression fires, and says what is worse than what', async () => {
    const [alert] = await firingAlerts(prometheus, ALERT, (alerts) => alerts.length > 0, PATIENCE_MS);
    assert.equal(alert?.labels.service_version, '2.0.0');
    assert.match(
      alert?.annotations.summary ?? '',
      /^Version 2\.0\.0 of mayhem takes \d+\.\d\d times the event loop per request that 1\.0\.0 took\.$/,
    );
  });

  await t.test('the dashboard of deploys shows it', async () => {
    const { choice, figureOf, rowsOf } = await readPanels(prometheus, 'deploys', first.fromS);
    assert.deepEqual([choice.baseline, choice.candidate], ['1.0.0', '2.0.0']);
    near(Number(choice.shift), worse.fromS - first.fromS, 10, 'time between the starts of both');
    assert.ok((await figureOf(1801)) > TILE_WARNS_FROM, `active loop time per request is × ${await figureOf(1801)}`);
    near(await figureOf(1805), 1, 0.2, 'load on each loop, by that of the baseline');
    const versions = await rowsOf(1901, 'service_version');
    assert.deepEqual([...versions.keys()].toSorted(), ['1.0.0', '2.0.0']);
    const [before = 0, after = 0] = ['1.0.0', '2.0.0'].map((version) => versions.get(version));
    assert.ok(after > TILE_WARNS_FROM * before, JSON.stringify([...versions]));
    // How much it grew is less than a bucket is wide in a run as short as this.
    const moved = await rowsOf(2101, 'code_function_name');
    assert.ok(Number.isFinite(moved.get('History.save')), JSON.stringify([...moved]));
  });

  await t.test('the overview knows what was deployed last, and which version was good', async () => {
    const { rowsOf } = await readPanels(prometheus, 'overview', first.fromS);
    assert.deepEqual([...(await rowsOf(109, 'service_version')).keys()], ['2.0.0']);
    // The regression alone makes nobody wait or fail: a version is good while its loop turns and its requests are answered.
    const good = FAULTS.length === 0 ? '2.0.0' : '1.0.0';
    assert.deepEqual([...(await rowsOf(110, 'service_version')).keys()], [good]);
  });

  await fleet.deploy(version2, 0, CANARIES);
  await wait(EVERYWHERE_S * 1000);
  if (recordingFile !== undefined) {
    writeFileSync(recordingFile, JSON.stringify(await record(prometheus, again.toS, Date.now() / 1000)));
  }
  const back = await fleet.deploy({ deployment: 'back', version: '1', faults: [] });

  await t.test('the alert clears after the way back, and was there for nothing else', async () => {
    await firingAlerts(prometheus, ALERT, (alerts) => alerts.length === 0, PATIENCE_MS);
    const times = await firingTimes(prometheus, ALERT, first.fromS);
    assert.deepEqual([...times.keys()], ['2.0.0']);
    const [fromS = 0, toS = 0] = times.get('2.0.0') ?? [];
    assert.ok(fromS > worse.fromS + WARM_UP_S, `fired ${fromS - worse.fromS} s after the deploy`);
    assert.ok(toS > back.fromS, `cleared ${back.fromS - toS} s before the way back`);
  });

  await t.test('each run of a version has a marker, at the time at which it was first seen', async () => {
    const versions = await markersOf(prometheus, 'Deploys', 'service_version', first.fromS);
    const deployments = await markersOf(prometheus, 'Deployments', 'deployment_id', first.fromS);
    assertMarkers(versions, { '1.0.0': [first, back], '2.0.0': [worse] });
    assertMarkers(deployments, { first: [first], again: [again], worse: [worse], back: [back] });
  });
});

/** Looks until there is an answer, for three minutes at most; on a quiet machine it takes less than two. */
function compare({ prometheus }: Fleet, ...argv: readonly string[]) {
  const shortened = ['--block', `${BLOCK_S / 5}s`, '--warm-up', `${WARM_UP_S}s`, '--minimum-ratio', `${MINIMUM_RATIO}`];
  const watched = ['--watch', '--deadline', '3m', '--every', '20s'];
  return runHere('compare', '--prometheus', prometheus.url, '--job', JOB, ...shortened, ...watched, ...argv);
}

function assertMarkers(
  found: ReadonlyMap<string, readonly number[]>,
  of: Readonly<Record<string, readonly Deployed[]>>,
) {
  assert.deepEqual([...found.keys()].toSorted(), Object.keys(of).toSorted());
  for (const [key, deploys] of Object.entries(of)) {
    const timesS = found.get(key) ?? [];
    assert.equal(timesS.length, deploys.length, `${key} has markers at ${timesS}`);
    for (const [index, { fromS, seenS }] of deploys.entries()) {
      const markerS = timesS[index] ?? 0;
      assert.ok(markerS >= fromS && markerS <= seenS + 3, `${key}: ${markerS - fromS} s after the deploy began`);
    }
  }
}

function near(value: number, expected: number, within: number, what: string): void {
  assert.ok(Math.abs(value - expected) <= within, `${what}: ${value}, and not ${expected} ± ${within}`);
}
