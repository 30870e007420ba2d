// The metrics of stalls: every stall is counted, and the names are bounded.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { METRICS } from '../../../src/metric-names.js';
import { createExposition } from '../../../src/observer/exposition.js';
import { DEFAULT_FORMAT } from '../../../src/prometheus/format.js';
import { SeriesTable } from '../../../src/prometheus/snapshot.js';
import { createStore } from '../../../src/recorder/store.js';
import { createStallFigures } from '../../../src/stalls/tell/stall-figures.js';
import { madeSpan, openExemplars } from '../../support/read-exemplars.js';
import { readStore, rethrow } from '../../support/read-store.js';
import { report } from '../made-evidence.js';

const clock = { monotonicMs: () => 0, unixMs: () => 0 };
const newStore = () => createStore({ clock, report: rethrow });

const [TIME, STALLS, DURATION] = ['time', 's', 'duration'].map((part) =>
  part === 's' ? 'loopsight.eventloop.stalls' : `loopsight.eventloop.stall.${part}`,
);
const PARSE = 'code.file.path=src/invoice.ts,code.function.name=parseInvoice';

test('a stall is counted by its culprit, in seconds, and once in the histogram', () => {
  const store = newStore();
  const figures = createStallFigures(store);
  figures.count(report({ durationMs: 250 }));
  figures.count(report({ durationMs: 500 }));
  const where = 'loopsight.stall.cause=javascript,thread.name=main';
  assert.deepEqual(readStore(store), {
    [`${DURATION}.count{${where}}`]: 2,
    [`${DURATION}.sum{${where}}`]: 0.75,
    [`${TIME}{${PARSE},${where}}`]: 0.75,
    [`${STALLS}{${PARSE},${where}}`]: 2,
  });
});

test('threads and causes have series of their own', () => {
  const store = newStore();
  const figures = createStallFigures(store);
  figures.count(report());
  figures.count(report({ thread: 'mailer' }));
  figures.count(report({ cause: 'native' }));
  assert.equal(Object.keys(readStore(store)).filter((name) => name.startsWith(`${STALLS}{`)).length, 3);
});

test('a stall without a culprit is counted without a name', () => {
  const store = newStore();
  const { culprit, ...blameless } = report();
  createStallFigures(store).count({ ...blameless, cause: 'gc' });
  const name = `${STALLS}{code.file.path=,code.function.name=,loopsight.stall.cause=gc,thread.name=main}`;
  assert.equal(readStore(store)[name], 1);
});

test('the first hundred culprits are named, all others share one series', () => {
  const store = newStore();
  const figures = createStallFigures(store);
  const blame = (index: number) =>
    figures.count(report({ culprit: { function: `f${index}`, file: 'src/a.ts', line: index, column: 1 } }));
  const { culprit, ...blameless } = report();
  figures.count({ ...blameless, cause: 'gc' });
  for (let index = 0; index < 150; index++) blame(index);
  blame(3);
  blame(149);
  const read = readStore(store);
  const value = (name: string, file = 'src/a.ts') =>
    read[
      `${STALLS}{code.file.path=${file},code.function.name=${name},loopsight.stall.cause=javascript,thread.name=main}`
    ];
  assert.deepEqual([value('f0'), value('f3'), value('f99')], [1, 2, 1]);
  assert.deepEqual([value('f100'), value('f149')], [undefined, undefined]);
  assert.equal(value('other', 'other'), 51);
  assert.equal(Object.keys(read).filter((name) => name.startsWith(`${STALLS}{`)).length, 102);
});

describe('in the format of Prometheus', () => {
  const store = newStore();
  createStallFigures(store).count(report({ culprit: { function: 'a"\\b', file: 'src/ü.ts', line: 1, column: 1 } }));
  const render = createExposition({
    table: new SeriesTable(),
    ageS: () => 0,
    live: store.open(),
    constantLabels: {},
    resource: {},
    report: rethrow,
  });
  const text = [...render(DEFAULT_FORMAT)].join('');
  const KINDS: Readonly<Record<string, string>> = {
    loopsight_eventloop_stall_duration_seconds: 'histogram',
    loopsight_eventloop_stall_time_seconds_total: 'counter',
    loopsight_eventloop_stalls_total: 'counter',
  };
  for (const [name, kind] of Object.entries(KINDS)) {
    test(`${name} is a ${kind} with a description`, () => {
      const family = kind === 'counter' ? `${name}(?:_total)?` : name;
      assert.match(text, new RegExp(`^# TYPE ${family} ${kind}$`, 'm'));
      assert.match(text, new RegExp(`^# HELP ${family} \\S.{20,}\\.$`, 'm'));
    });
  }
  test('names are escaped', () => {
    assert.match(text, /^loopsight_eventloop_stalls_total\{.*code_function_name="a\\"\\\\b".*\} 1$/m);
    assert.match(text, /code_file_path="src\/ü\.ts"/);
  });
  test('the metrics are those that the docs name', () => {
    assert.deepEqual(
      [METRICS.stallTime.name, METRICS.stalls.name, METRICS.stallDuration.name],
      [TIME, STALLS, DURATION],
    );
  });
});

test('the stalled span is the exemplar of length, time and count, if it is sampled', () => {
  const store = newStore();
  const figures = createStallFigures(store);
  const read = openExemplars(store);
  const { traceId, spanId } = madeSpan(1);
  figures.count(report());
  figures.count(report({ span: { traceId, spanId, sampled: false } }));
  assert.deepEqual(read(), []);
  figures.count(report({ durationMs: 250, span: { traceId, spanId, sampled: true } }));
  const shown = read();
  assert.deepEqual(
    shown.map(({ series, bucket, value }) => [series.slice(0, series.indexOf('{')), bucket, value]),
    [
      [DURATION, 0.25, 0.25],
      [TIME, 'total', 0.25],
      [STALLS, 'total', 1],
    ],
  );
  for (const exemplar of shown) assert.deepEqual([exemplar.traceId, exemplar.spanId], [traceId, spanId]);
});
