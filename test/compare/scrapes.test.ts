// Folders of saved expositions, without any Prometheus.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { METRIC_SETS } from '../../grafana/sets.js';
import { readComparison } from '../../src/compare/scrapes/comparison.js';
import { runHere } from '../support/run-here.js';
import { type Pod, shopLines } from './shop.js';

const root = mkdtempSync(join(tmpdir(), 'loopsight-scrapes-'));
after(() => rmSync(root, { recursive: true, force: true }));
const START_S = 1_764_000_000;
const MINUTE_S = 60;

/** Writes one file for every scrape of every pod, as `name` says. */
function save(
  folder: string,
  pods: readonly Pod[],
  name: (pod: string, unixS: number) => string,
  seed = 1,
  compress = false,
) {
  const lines = shopLines({ set: METRIC_SETS.loopsight, job: 'shop', pods, intervalAt: () => MINUTE_S, seed });
  const files = new Map<string, string[]>();
  for (const line of lines) {
    const instance = /instance="([^"]*)"/.exec(line)?.[1] ?? '';
    const [, text = '', unixS = ''] = /^(.*) (\d+)$/.exec(line) ?? [];
    const file = name(instance, Number(unixS));
    const known = files.get(file);
    if (known === undefined) files.set(file, [text]);
    else known.push(text);
  }
  for (const [file, of] of files) {
    const path = join(root, folder, file);
    mkdirSync(dirname(path), { recursive: true });
    const text = `# TYPE loopsight_eventloop_lag_seconds histogram\n${of.join('\n')}\n`;
    writeFileSync(path, compress ? gzipSync(text) : text);
  }
  return join(root, folder);
}
const fleet = (minutes: number, more: Partial<Pod> = {}): Pod[] =>
  ['a', 'b', 'c', 'd'].map((instance) => ({
    instance,
    version: '1',
    fromS: START_S,
    toS: START_S + minutes * MINUTE_S,
    ...more,
  }));
const inSubfolders = (pod: string, unixS: number) => `${pod}/${unixS}.prom`;

it('compares two folders, each process in a subfolder', async () => {
  const before = save('before', fleet(30), inSubfolders);
  const later = fleet(30, { cost: 1.6 }).map((pod) => ({ ...pod, fromS: pod.fromS + 7200, toS: pod.toS + 7200 }));
  const worse = save(
    'worse',
    later,
    (pod, unixS) => `${pod}/${new Date(unixS * 1000).toISOString().slice(0, 19)}.txt.gz`,
    2,
    true,
  );
  const earlier = fleet(230).map((pod) => ({ ...pod, fromS: pod.fromS - 4 * 3600, toS: pod.toS - 4 * 3600 }));
  const history = save('history', earlier, inSubfolders, 3);
  const { code, out, error } = await runHere('compare', '--json', '--scrapes', before, worse, '--history', history);
  const result = JSON.parse(out || '{}');
  assert.deepEqual(
    [result.baseline?.instances, result.candidate?.instances, result.label, result.job, result.load],
    [4, 4, null, null, 'requests'],
    error,
  );
  assert.equal(result.baseline.from, new Date(START_S * 1000).toISOString());
  assert.equal(result.candidate.from, new Date((START_S + 7200) * 1000).toISOString());
  const active = result.metrics.find((metric: { id: string }) => metric.id === 'loop-active-per-request');
  assert.ok(active.ratio !== null, JSON.stringify([result.reasons, result.missing, active]));
  assert.ok(active.ratio.value > 1.4 && active.ratio.value < 1.8, JSON.stringify(active.ratio));
  assert.deepEqual([code, result.verdict], [1, 'worse'], JSON.stringify(result.reasons));
});

it('orders scrapes by the time in their names, else by when they were written', () => {
  const folder = save(
    'written',
    fleet(3).slice(0, 1),
    (pod, unixS) => `${pod}-${['x', 'c', 'b', 'a'][(unixS - START_S) / MINUTE_S]}.prom`,
  );
  for (const [index, name] of ['x', 'c', 'b', 'a'].entries()) {
    utimesSync(join(folder, `a-${name}.prom`), START_S, START_S + index * MINUTE_S);
  }
  const { comparison } = readComparison({ baseline: folder, candidate: folder, thread: 'main', history: undefined });
  assert.deepEqual(
    comparison.baseline.blocks.map(({ startS, durationS, instance }) => [startS - START_S, durationS, instance]),
    [
      [0, 60, 'one process'],
      [60, 60, 'one process'],
      [120, 60, 'one process'],
    ],
  );
});

it('leaves out what lies around a restart', () => {
  const [pod] = fleet(2);
  if (pod === undefined) return;
  const restarted = [pod, { ...pod, fromS: pod.toS + MINUTE_S, toS: pod.toS + 3 * MINUTE_S }];
  const folder = save('restart', restarted, inSubfolders);
  const { comparison } = readComparison({ baseline: folder, candidate: folder, thread: 'main', history: undefined });
  assert.deepEqual(
    comparison.baseline.blocks.map(({ startS }) => (startS - START_S) / MINUTE_S),
    [0, 1, 3, 4],
  );
});

it('tells the processes of a group apart', () => {
  const folder = join(root, 'group');
  mkdirSync(folder);
  for (const second of [0, 60]) {
    const lines = ['worker-1', 'worker-2'].flatMap((process) => [
      `process_uptime_seconds{process="${process}"} ${100 + second}`,
      `loopsight_eventloop_lag_seconds_bucket{thread_name="main",process="${process}",le="0.1"} ${second}`,
      `loopsight_eventloop_lag_seconds_bucket{thread_name="main",process="${process}",le="+Inf"} ${second}`,
      `loopsight_eventloop_lag_seconds_sum{thread_name="main",process="${process}"} 1`,
      `loopsight_function_duration_seconds_count{code_function_name="f",process="${process}"} ${second * 2}`,
    ]);
    writeFileSync(join(folder, `${START_S + second}.prom`), `${lines.join('\n')}\nloopsight_build 1\n`);
  }
  const { comparison, load } = readComparison({
    baseline: folder,
    candidate: folder,
    thread: 'main',
    history: undefined,
  });
  assert.equal(load, 'calls');
  assert.deepEqual(
    comparison.baseline.blocks.map(({ instance, requests, lag }) => [instance, requests, lag?.counts]),
    [
      ['worker-1', 120, [60, 0]],
      ['worker-2', 120, [60, 0]],
    ],
  );
});

it('says what is wrong with a folder', async () => {
  const place = (name: string, ...files: readonly (readonly [string, string])[]) => {
    mkdirSync(join(root, name));
    for (const [file, text] of files) writeFileSync(join(root, name, file), text);
    return join(root, name);
  };
  const good = save('good', fleet(3), inSubfolders);
  const looping = place('looping');
  symlinkSync(looping, join(looping, 'self'));
  const cases: readonly (readonly [folder: string, sentence: RegExp])[] = [
    [join(root, 'missing'), /missing could not be read: there is no such file or folder\.$/m],
    [join(good, 'a', `${START_S}.prom`), /could not be read: it is no folder\.$/m],
    [place('empty', ['.hidden', 'up 1\n']), /empty has no saved scrapes/],
    [looping, /looping has no saved scrapes/],
    [
      place('html', ['a.prom', '<html></html>\n']),
      /a\.prom could not be read: line 1 is not in the Prometheus text format/,
    ],
    [place('zip', ['a.prom.gz', 'up 1\n']), /a\.prom\.gz could not be read: incorrect header check\.$/m],
    [
      place('foreign', ['1.prom', 'up 1\n'], ['2.prom', 'up 1\n']),
      /foreign has no two scrapes of Loopsight's metrics of thread main of one process, some seconds apart: 2 scrapes of one process/,
    ],
    [place('single', ['1.prom', 'process_uptime_seconds 100\n']), /single has no two scrapes/],
  ];
  for (const [folder, sentence] of cases) {
    const { code, out, error } = await runHere('compare', '--scrapes', folder, good);
    assert.deepEqual([code, out], [3, '']);
    assert.match(error, sentence);
    assert.match(error, /^[^\n]+\n$/);
  }
});
