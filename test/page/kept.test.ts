// What the page keeps and says of it, with a clock that tests move.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createCheckpoints } from '../../src/page/checkpoints.js';
import { comparePageRanges } from '../../src/page/compare.js';
import { createHistory, type Point } from '../../src/page/history.js';
import { createKeptStalls } from '../../src/page/kept-stalls.js';
import { whyNoPage } from '../../src/page/may-show.js';
import { makeReply } from '../../src/page/page-text.js';
import { readProfileQuery, readRange, readSeconds } from '../../src/page/queries.js';
import { HISTORY_SECONDS } from '../../src/page/state.js';
import { verdictOf, withoutFigures } from '../../src/page/verdict.js';
import { parseText } from '../../src/prometheus/parse.js';
import type { StallReport } from '../../src/stalls/blame/stall-report.js';
import { createFigures } from '../../src/status/figures.js';

const START_S = 1_790_000_000;

const point = (unixS: number, more: Partial<Point> = {}): Point => ({
  unixS,
  lagMeanMs: 1,
  lagP99Ms: 2,
  utilization: 0.25,
  cpus: 0.5,
  memoryBytes: 100,
  heapBytes: 50,
  lagBuckets: [20],
  lagSumS: 0.02,
  ...more,
});

const stall = (startUnixMs: number, durationMs: number, more: Partial<StallReport> = {}): StallReport => ({
  thread: 'main',
  startUnixMs,
  durationMs,
  cause: 'javascript',
  confidence: 'exact',
  culprit: { function: 'load', file: 'src/load.ts', line: 12, column: 3 },
  stack: Array.from({ length: 40 }, () => ({ function: 'load', file: 'src/load.ts', line: 12, column: 3 })),
  callbacks: 1,
  ...more,
});

test('the history has a quarter of an hour and no more, and says what is new', () => {
  const history = createHistory();
  for (let second = 0; second < 3 * HISTORY_SECONDS; second++) history.add(point(START_S + second));
  const all = history.after(0);
  assert.equal(all.unixS.length, HISTORY_SECONDS);
  assert.equal(all.unixS.at(-1), START_S + 3 * HISTORY_SECONDS - 1);
  for (const column of Object.values(all)) assert.equal(column.length, HISTORY_SECONDS);
  assert.deepEqual(history.after(START_S + 3 * HISTORY_SECONDS - 3).unixS.length, 2);
  // A clock that is a little late makes no point that lies before another one; one that is set back does not end the history.
  history.add(point(START_S + 3 * HISTORY_SECONDS - 2));
  assert.equal(history.after(0).unixS.at(-1), START_S + 3 * HISTORY_SECONDS - 1);
  history.add(point(START_S + 3 * HISTORY_SECONDS - 60));
  const { unixS } = history.after(0);
  assert.equal(unixS.at(-1), START_S + 3 * HISTORY_SECONDS - 60);
  assert.deepEqual(unixS, [...new Set(unixS)].sort());
});

test('what was not measured is null, and a stall lies in its seconds', () => {
  const history = createHistory();
  for (let second = 0; second < 4; second++) history.add(point(START_S + second, { lagP99Ms: Number.NaN }));
  history.addStall(START_S * 1000 + 1_500, 3_000);
  history.add(point(START_S + 4));
  const { lagP99Ms, stalledMs } = history.after(0);
  assert.deepEqual(lagP99Ms, [null, null, null, null, 2]);
  assert.deepEqual(stalledMs, [0, 500, 1000, 1000, 500]);
});

test('stalls are bounded, and those of workers do not push out the main thread’s', () => {
  const kept = createKeptStalls();
  const nowMs = START_S * 1000;
  for (let index = 0; index < 20; index++) kept.add(stall(nowMs - 60_000 + index, 200));
  for (let index = 0; index < 5_000; index++) kept.add(stall(nowMs - 50_000 + index, 900, { thread: 'renderer' }));
  const shown = kept.list([], nowMs);
  assert.equal(shown.filter(({ thread }) => thread === 'main').length, 20);
  assert.ok(shown.length <= 200);
  assert.ok(shown.every(({ stack }) => stack.length <= 10));
  assert.ok(shown.filter(({ stack }) => stack.length > 0).length <= 10);
  assert.equal(kept.lost(nowMs), 500);
  const blockers = kept.blockers(nowMs - 900_000, nowMs);
  assert.deepEqual(
    blockers.map(({ thread, stalls, totalMs }) => [thread, stalls, totalMs]),
    [
      ['main', 20, 4000],
      ['renderer', 500, 450_000],
    ],
  );
  assert.deepEqual(kept.list([], nowMs + 1_000_000), []);
});

test('a stall counts for a range as far as it lies in it', () => {
  const kept = createKeptStalls();
  kept.add(stall(START_S * 1000 + 8_000, 4_000));
  const within = (from: number, to: number) =>
    kept
      .blockers((START_S + from) * 1000, (START_S + to) * 1000)
      .map(({ stalls, totalMs, longestMs }) => [stalls, totalMs, longestMs]);
  assert.deepEqual(within(0, 10), [[1, 2_000, 4_000]]);
  assert.deepEqual(within(10, 20), [[1, 2_000, 4_000]]);
  assert.deepEqual(within(9, 11), [[1, 2_000, 4_000]]);
  assert.deepEqual(within(12, 20), []);
});

test('functions without a name are told apart by their lines, others are one wherever they were', () => {
  const kept = createKeptStalls();
  for (const [index, name] of ['<anonymous>', '<anonymous>', 'load', 'load'].entries()) {
    const culprit = { function: name, file: 'src/load.ts', line: 12 + (index % 2), column: 1 };
    kept.add(stall(START_S * 1000 + index * 1_000, 100 + index, { culprit }));
  }
  const blockers = kept.blockers(START_S * 1000, (START_S + 10) * 1000);
  assert.deepEqual(
    blockers.map(({ function: name, line, stalls }) => [name, line, stalls]),
    [
      ['load', 13, 2],
      ['<anonymous>', 13, 1],
      ['<anonymous>', 12, 1],
    ],
  );
});

test('totals are noted after the clock was set back, too', () => {
  const checkpoints = createCheckpoints();
  for (let second = 0; second < 60; second++) {
    const unixS = second < 30 ? START_S + second : START_S - 3600 + second;
    if (!checkpoints.isDue(unixS)) continue;
    checkpoints.add(
      unixS,
      parseText(
        `loopsight_function_duration_seconds_bucket{code_function_name="load",le="+Inf"} ${second}\nloopsight_function_duration_seconds_sum{code_function_name="load"} 1\n`,
      ),
    );
  }
  assert.equal(checkpoints.within(START_S - 3600, START_S - 3500)?.functions.get('load')?.calls, 20);
  assert.equal(checkpoints.within(START_S, START_S + 30), undefined);
});

test('a function that was not among those of the first note is not charged with all of its time', () => {
  const checkpoints = createCheckpoints();
  const note = (unixS: number, late: number, others = 60) => {
    const lines = Array.from({ length: others }, (_, index) => [`f${index}`, 100 + index] as const);
    const text = [...lines, ['late', late] as const].map(
      ([name, seconds]) =>
        `loopsight_function_duration_seconds_bucket{code_function_name="${name}",le="+Inf"} 5\nloopsight_function_duration_seconds_sum{code_function_name="${name}"} ${seconds}\n`,
    );
    checkpoints.add(unixS, parseText(text.join('')));
  };
  note(START_S, 50);
  note(START_S + 10, 500);
  assert.equal(checkpoints.within(START_S, START_S + 10)?.functions.has('late'), false);
  note(START_S + 20, 510);
  assert.equal(checkpoints.within(START_S + 10, START_S + 20)?.functions.get('late')?.seconds, 10);
});

test('two ranges are compared by all that is known of each', () => {
  const history = createHistory();
  const stalls = createKeptStalls();
  const checkpoints = createCheckpoints();
  for (let second = 0; second < 120; second++) {
    const unixS = START_S + second;
    const isLater = second >= 60;
    history.add(point(unixS, { utilization: isLater ? 0.8 : 0.2, lagBuckets: isLater ? [0, 0, 0, 0, 0, 20] : [20] }));
    const calls = isLater ? 60 + 2 * (second - 60) : second;
    const text = `loopsight_function_duration_seconds_bucket{code_function_name="load",le="+Inf"} ${calls}\nloopsight_function_duration_seconds_sum{code_function_name="load"} ${calls / 10}\n`;
    if (checkpoints.isDue(unixS)) checkpoints.add(unixS, parseText(text));
  }
  // The same code, in two ways.
  for (const late of [stall((START_S + 90) * 1000, 2_000), stall((START_S + 95) * 1000, 1_000, { cause: 'native' })]) {
    stalls.add(late);
    history.addStall(late.startUnixMs, late.durationMs);
  }
  const a = { fromS: START_S, toS: START_S + 59 };
  const b = { fromS: START_S + 60, toS: START_S + 119 };
  const { rows, notes } = comparePageRanges([a, b], { history, stalls, checkpoints, nowUnixMs: b.toS * 1000 });
  const row = (name: string) => rows.find((one) => one.name === name);
  const near = (value: number | null | undefined, to: number) =>
    assert.ok(Math.abs((value ?? Number.NaN) - to) < to / 100 + 1e-9, `${value} is not ${to}`);
  near(row('Loop utilization')?.a, 0.2);
  near(row('Loop utilization')?.b, 0.8);
  assert.ok((row('Lag, p99')?.b ?? 0) > 20 && (row('Lag, p99')?.a ?? 0) <= 1);
  near(row('Time in stalls')?.b, 3 / 60);
  assert.equal(row('Time in stalls')?.a, 0);
  assert.deepEqual([row('load (src/load.ts)')?.a, row('load (src/load.ts)')?.b], [0, 0.05]);
  near(row('load: calls')?.a, 1);
  near(row('load: calls')?.b, 2);
  assert.deepEqual(notes, []);
  const short = comparePageRanges([{ fromS: START_S, toS: START_S + 5 }, b], {
    history,
    stalls,
    checkpoints,
    nowUnixMs: b.toS * 1000,
  });
  assert.match(short.notes.join(), /ranges of 20 s and more/);
  const nowhere = comparePageRanges([{ fromS: 1, toS: 2 }, b], { history, stalls, checkpoints, nowUnixMs: 0 });
  assert.equal(nowhere.rows.find(({ name }) => name === 'Lag, mean')?.a, null);
});

test('the verdict says first whether the loop is healthy, and who blocks it', () => {
  const healthy = 'nodejs_eventloop_utilization_ratio{thread_name="main"} 0.21\n';
  const busy = 'nodejs_eventloop_utilization_ratio{thread_name="main"} 0.97\n';
  const worker = `${healthy}nodejs_eventloop_utilization_ratio{thread_name="pool"} 0.99\n`;
  const judge = (text: string, ongoing?: StallReport) =>
    verdictOf({ figures: createFigures({ now: parseText(text) }), ongoing, lately: [], all: [] });
  const cases: readonly [text: string, level: string, headline: RegExp, ongoing?: StallReport][] = [
    ['', 'unknown', /^Nothing has been measured yet\.$/],
    [healthy, 'fine', /^The event loop is healthy\.$/],
    [busy, 'warning', /^The event loop has no time to spare\.$/],
    [worker, 'warning', /^The event loop is healthy, something else is not\.$/],
    [healthy, 'critical', /^load blocks the event loop, for 3\.2 s now\.$/, stall(0, 3_200, { ongoing: true })],
  ];
  for (const [text, level, headline, ongoing] of cases) {
    const verdict = judge(text, ongoing);
    assert.equal(verdict.level, level);
    assert.match(verdict.headline, headline);
  }
  assert.match(judge(healthy).detail, /busy for 21 % of the last 10 s.*Nobody has blocked it\.$/);
  assert.match(judge(healthy, stall(0, 3_200, { ongoing: true })).detail, /load \(src\/load\.ts:12\)/);
});

test('the figures behind a sentence are left out of it', () => {
  const cases = [
    ['It is busy (a_ratio 0.9, bound 0.8).', 'It is busy.'],
    ['Code f() (src/a.ts) holds it (growth of x_total a second 0.5, bound 0.01).', 'Code f() (src/a.ts) holds it.'],
    ['It has no figures.', 'It has no figures.'],
  ] as const;
  for (const [sentence, text] of cases) assert.equal(withoutFigures({ sentence }), text);
});

test('queries are read within bounds, and what cannot be read is said', () => {
  assert.equal(readSeconds('/page/state.json', 900), 60);
  assert.equal(readSeconds('/page/state.json?history=900', 900), 900);
  assert.deepEqual(readProfileQuery('/page/profile.json'), {
    durationMs: 5000,
    intervalUs: 5000,
    threads: 'main',
    isRead: false,
  });
  assert.deepEqual(readProfileQuery('/page/profile.json?seconds=1.5&interval=0.5&threads=all&as=profile'), {
    durationMs: 1500,
    intervalUs: 500,
    threads: 'all',
    isRead: true,
  });
  assert.deepEqual(readRange('/?a=10-20', 'a'), { fromS: 10, toS: 20 });
  const wrong = [
    'seconds=61',
    'seconds=0',
    'seconds=-1',
    'seconds=1e3',
    'seconds=',
    'interval=0',
    'threads=2',
    'as=svg',
  ];
  for (const query of wrong) assert.equal(typeof readProfileQuery(`/page/profile.json?${query}`), 'string', query);
  for (const query of ['a=20-10', 'a=1', 'a=', 'b=1-2', 'a=1-2-3', `a=1-${'9'.repeat(20)}`]) {
    assert.equal(typeof readRange(`/?${query}`, 'a'), 'string', query);
  }
  assert.equal(typeof readSeconds('/page/state.json?history=901', 900), 'string');
});

test('there is no page where everybody would see it', () => {
  for (const host of ['127.0.0.1', '127.8.8.8', '::1', 'localhost'])
    assert.equal(whyNoPage(host, undefined), undefined);
  for (const host of ['0.0.0.0', '::', '10.1.2.3', 'shop.internal']) {
    assert.match(whyNoPage(host, undefined) ?? '', /asks nobody for credentials; set LOOPSIGHT_TOKEN/);
  }
});

test('nothing runs in the page but what stands in it', () => {
  const { headers } = makeReply('<style>a{}</style><script>let a;</script><script>let b;</script>');
  const policy = String(headers?.['Content-Security-Policy']);
  assert.match(policy, /default-src 'none'; script-src 'sha256-[^']+' 'sha256-[^']+'; style-src 'sha256-[^']+'/);
  assert.doesNotMatch(policy, /unsafe/);
});
