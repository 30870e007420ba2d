import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MetricKind } from '../../src/metric-names.js';
import { METRICS } from '../../src/metric-names.js';
import { prometheusLabel, prometheusName, prometheusType, prometheusUnit } from '../../src/prometheus/naming.js';

const NAMES: readonly (readonly [name: string, unit: string, kind: MetricKind, expected: string | undefined])[] = [
  ['loopsight.eventloop.events_waiting', '{event}', 'counter', 'loopsight_eventloop_events_waiting_total'],
  ['nodejs.eventloop.utilization', '1', 'gauge', 'nodejs_eventloop_utilization_ratio'],
  ['nodejs.eventloop.time', 's', 'counter', 'nodejs_eventloop_time_seconds_total'],
  ['process.open_file_descriptor.count', '{file_descriptor}', 'updowncounter', 'process_open_file_descriptor_count'],
  ['process.memory.usage', 'By', 'updowncounter', 'process_memory_usage_bytes'],
  ['loopsight.eventloop.lag', 's', 'histogram', 'loopsight_eventloop_lag_seconds'],
  // Dimension one is a ratio for gauges alone.
  ['share', '1', 'updowncounter', 'share'],
  ['share', '1', 'counter', 'share_total'],
  ['share', '1', 'histogram', 'share'],
  // No doubled suffix, and the unit before the type.
  ['wait.seconds', 's', 'histogram', 'wait_seconds'],
  ['wait.seconds.total', 's', 'counter', 'wait_seconds_total'],
  ['wait_total', 's', 'counter', 'wait_seconds_total'],
  ['hit.ratio', '1', 'gauge', 'hit_ratio'],
  ['total', '', 'counter', 'total_total'],
  ['seconds', 's', 'gauge', 'seconds_seconds'],
  ['milliseconds', 's', 'gauge', 'milliseconds_seconds'],
  ['waited_total', '', 'gauge', 'waited_total'],
  // Characters.
  ['a.b-c/d e', '', 'gauge', 'a_b_c_d_e'],
  ['a..b__c._d', '', 'gauge', 'a_b_c_d'],
  ['rule:of:recording', '', 'gauge', 'rule_of_recording'],
  ['2xx.responses', '', 'counter', '_2xx_responses_total'],
  ['größe', '', 'gauge', 'gr_e'],
  ['trailing.', 's', 'gauge', 'trailing_seconds'],
  ['名前', 's', 'gauge', undefined],
  ['', 's', 'gauge', undefined],
  ['...', '', 'counter', undefined],
];

for (const [name, unit, kind, expected] of NAMES) {
  test(`a ${kind} ${JSON.stringify(name)} in ${JSON.stringify(unit)} is called ${expected ?? 'nothing'}`, () => {
    assert.equal(prometheusName({ name, unit, kind }), expected);
  });
}

const UNITS: readonly (readonly [unit: string, expected: string])[] = [
  ['s', 'seconds'],
  ['ms', 'milliseconds'],
  ['us', 'microseconds'],
  ['ns', 'nanoseconds'],
  ['min', 'minutes'],
  ['h', 'hours'],
  ['d', 'days'],
  ['By', 'bytes'],
  ['KiBy', 'kibibytes'],
  ['MiBy', 'mebibytes'],
  ['GBy', 'gigabytes'],
  ['%', 'percent'],
  ['Cel', 'celsius'],
  ['Hz', 'hertz'],
  ['1', ''],
  ['', ''],
  ['{request}', ''],
  ['By/s', 'bytes_per_second'],
  ['{request}/s', 'per_second'],
  ['1/s', 'per_second'],
  ['By/{call}', 'bytes'],
  ['{a}By{b}', 'bytes'],
  ['m/s/s', 'meters_per_second_per_second'],
  [' s ', 'seconds'],
  ['furlong', 'furlong'],
  ['[in_i]', 'in_i'],
  ['foo/bar', 'foo_per_bar'],
  ['°', ''],
  ['constructor', 'constructor'],
  ['s/1', 'seconds'],
];

for (const [unit, expected] of UNITS) {
  test(`the unit ${JSON.stringify(unit)} reads ${JSON.stringify(expected)}`, () => {
    assert.equal(prometheusUnit(unit), expected);
  });
}

const LABELS: readonly (readonly [key: string, expected: string])[] = [
  ['thread.name', 'thread_name'],
  ['service_version', 'service_version'],
  ['__name__', '_name_'],
  ['1st', '_1st'],
  ['a..b', 'a_b'],
  ['名', '_'],
  ['', '_'],
];

for (const [key, expected] of LABELS) {
  test(`the key ${JSON.stringify(key)} is the label ${expected}`, () => {
    assert.equal(prometheusLabel(key), expected);
  });
}

test('an updowncounter is a gauge, other kinds keep their names', () => {
  assert.deepEqual((['counter', 'updowncounter', 'gauge', 'histogram'] as const).map(prometheusType), [
    'counter',
    'gauge',
    'gauge',
    'histogram',
  ]);
});

test('every metric of ours has a Prometheus name of its own', () => {
  const names = Object.values(METRICS).map((metric) => prometheusName(metric));
  assert.equal(new Set(names).size, names.length);
  for (const name of names) assert.match(name ?? '', /^[a-z][a-z0-9]*(_[a-z0-9]+)*$/);
});
