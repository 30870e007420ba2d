// prom-client registries as snapshots: values, labels and names as they were, and metrics that fail or hang.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { MessageChannel } from 'node:worker_threads';
import { Counter, Gauge, Histogram, Registry, Summary } from 'prom-client';
import { createRegistriesReader } from '../../src/bridges/registries-reader.js';
import type { PromClientRegistry } from '../../src/bridges/registry.js';
import { createRegistryMetric } from '../../src/bridges/registry-metric.js';
import { METRICS } from '../../src/metric-names.js';
import { createRegistriesSender } from '../../src/observer/registries-sender.js';
import { SeriesTable } from '../../src/prometheus/snapshot.js';

// The reader's own timers keep nothing alive.
const alive = setInterval(() => {}, 1000);
after(() => clearInterval(alive));

function read(...registries: Registry[]) {
  const failures: string[] = [];
  let nowMs = 0;
  const reader = createRegistriesReader(() => registries, {
    clock: { monotonicMs: () => nowMs, unixMs: () => 1000 + nowMs },
    report: (cause, error) => failures.push(`${cause}: ${error instanceof Error ? error.message : error}`),
    patienceMs: 20,
  });
  const table = new SeriesTable();
  return {
    table,
    failures,
    advance(ms: number) {
      nowMs += ms;
    },
    async next() {
      const snapshot = await reader.read();
      // What crosses to another thread is a copy.
      table.apply(structuredClone(snapshot));
      return snapshot;
    },
    shown: () => shown(table),
  };
}

/** Every series as `name{labels}` with its values. */
function shown(table: SeriesTable): Record<string, number[]> {
  const entries = [...table.families.values()].flatMap(({ family, series }) =>
    [...series.values()].map(({ attributes, offset, family: own }): [string, number[]] => {
      const points = own.bounds ?? own.quantiles;
      const length = points === undefined ? 1 : points.length + 2;
      const labels = attributes.map(([name, value]) => `${name}=${value}`).join(',');
      return [`${family.name}{${labels}}`, [...table.values.subarray(offset, offset + length)]];
    }),
  );
  return Object.fromEntries(entries);
}

test('counters and gauges keep name, help, labels and value', async () => {
  const register = new Registry();
  const registers = [register];
  new Counter({ name: 'jobs', help: 'Jobs\nwith lines.', labelNames: ['state', 'n'], registers }).inc(
    { state: 'ok', n: 1 },
    3,
  );
  new Gauge({ name: 'app:depth', help: 'Depth.', registers }).set(-2.5);
  const { next, table } = read(register);
  await next();
  assert.deepEqual(shown(table), { 'jobs{n=1,state=ok}': [3], 'app:depth{}': [-2.5] });
  const [jobs, depth] = [...table.families.values()].map(({ family }) => family);
  assert.deepEqual(jobs, {
    name: 'jobs',
    unit: '',
    kind: 'counter',
    description: 'Jobs\nwith lines.',
    isPrometheusName: true,
  });
  assert.equal(depth?.kind, 'gauge');
});

test('histograms are counts of their buckets and the sum', async () => {
  const register = new Registry();
  const histogram = new Histogram({
    name: 'price_seconds',
    help: 'Prices.',
    labelNames: ['shop'],
    buckets: [0.1, 1],
    registers: [register],
  });
  for (const value of [0.05, 0.1, 0.5, 3]) histogram.observe({ shop: 'a' }, value);
  histogram.observe({ shop: 'b' }, 1);
  const { next, table } = read(register);
  await next();
  assert.deepEqual(shown(table), {
    'price_seconds{shop=a}': [2, 1, 1, 3.65],
    'price_seconds{shop=b}': [0, 1, 0, 1],
  });
  assert.deepEqual([...table.families.values()][0]?.family.bounds, [0.1, 1]);
});

test('later readings of a histogram show what was observed since, also of series that are new or gone', async () => {
  const register = new Registry();
  const options = { name: 'a', help: 'A.', labelNames: ['b'], buckets: [1, 2], registers: [register] };
  let histogram = new Histogram(options);
  histogram.observe({ b: 'one' }, 0.5);
  histogram.observe({ b: 'two' }, 5);
  const { next, shown } = read(register);
  await next();
  histogram.observe({ b: 'one' }, 1.5);
  histogram.observe({ b: 'three' }, 2);
  assert.equal((await next()).added.length, 1);
  assert.deepEqual(shown(), { 'a{b=one}': [1, 1, 0, 2], 'a{b=two}': [0, 0, 1, 5], 'a{b=three}': [0, 1, 0, 2] });
  histogram.remove('one');
  await next();
  assert.deepEqual(shown(), { 'a{b=two}': [0, 0, 1, 5], 'a{b=three}': [0, 1, 0, 2] });
  register.clear();
  histogram = new Histogram({ ...options, buckets: [0.1, 1, 9] });
  histogram.observe({ b: 'two' }, 5);
  await next();
  assert.deepEqual(shown(), { 'a{b=two}': [0, 0, 1, 0, 5] });
});

test('buckets that are not in order are', async () => {
  const register = new Registry();
  const histogram = new Histogram({ name: 'a', help: 'A.', buckets: [2, 1], registers: [register] });
  histogram.observe(0.5);
  histogram.observe(7);
  const { next, shown } = read(register);
  for (let reading = 0; reading < 2; reading++) {
    await next();
    assert.deepEqual(shown(), { 'a{}': [1, 0, 1, 7.5] });
  }
});

test('what Loopsight added to a registry is not read back', async () => {
  const register = new Registry();
  register.registerMetric(
    createRegistryMetric(METRICS.workers, register as PromClientRegistry, () => undefined) as unknown as Counter,
  );
  new Gauge({ name: 'good', help: 'Good.', registers: [register] }).set(1);
  const { next, shown } = read(register);
  await next();
  assert.deepEqual(shown(), { 'good{}': [1] });
});

test('a histogram that only has get() is the same', async () => {
  const register = new Registry();
  const histogram = new Histogram({ name: 'a', help: 'A.', labelNames: ['b'], buckets: [1, 2], registers: [] });
  histogram.observe({ b: 'c' }, 1.5);
  register.registerMetric({ name: 'a', get: () => histogram.get() } as unknown as Counter);
  const { next, table } = read(register);
  await next();
  assert.deepEqual(shown(table), { 'a{b=c}': [0, 1, 0, 1.5] });
});

test('summaries are their quantiles, sum and count', async () => {
  const register = new Registry();
  const registers = [register];
  const summary = new Summary({ name: 'size', help: 'Size.', percentiles: [0.5, 0.99], labelNames: ['of'], registers });
  for (const value of [1, 2, 3]) summary.observe({ of: 'x' }, value);
  new Summary({ name: 'none', help: 'None.', percentiles: [0.5], registers });
  const { next, table } = read(register);
  await next();
  assert.deepEqual(shown(table), { 'size{of=x}': [2, 3, 6, 3], 'none{}': [0, 0, 0] });
  assert.deepEqual([...table.families.values()][0]?.family.quantiles, [0.5, 0.99]);
});

test('a series is described once, and removed when the registry has it no more', async () => {
  const register = new Registry();
  const counter = new Counter({ name: 'a_total', help: 'A.', labelNames: ['b'], registers: [register] });
  counter.inc({ b: 'one' });
  counter.inc({ b: 'two' });
  const { next, shown } = read(register);
  const ids = (await next()).added.map(({ id }) => id);
  assert.equal(ids.length, 2);
  counter.inc({ b: 'two' }, 4);
  assert.deepEqual((await next()).added, []);
  counter.remove('one');
  const { removed } = await next();
  assert.deepEqual(removed, [ids[0]]);
  assert.deepEqual(shown(), { 'a_total{b=two}': [5] });
  counter.inc({ b: 'three' });
  await next();
  assert.deepEqual(shown(), { 'a_total{b=two}': [5], 'a_total{b=three}': [1] });
  register.clear();
  await next();
  assert.deepEqual(shown(), {});
});

test('default labels are added where a series has none of the name', async () => {
  const register = new Registry();
  const gauge = new Gauge({ name: 'a', help: 'A.', labelNames: ['zone'], registers: [register] });
  gauge.set({}, 1);
  gauge.set({ zone: 'own' }, 2);
  register.setDefaultLabels({ zone: 'eu', app: 'shop' });
  const { next, shown } = read(register);
  await next();
  assert.deepEqual(shown(), { 'a{app=shop,zone=eu}': [1], 'a{app=shop,zone=own}': [2] });
  register.setDefaultLabels({ app: 'other' });
  await next();
  assert.deepEqual(shown(), { 'a{app=other}': [1], 'a{app=other,zone=own}': [2] });
});

test('a metric in two registries is read once', async () => {
  const registers = [new Registry(), new Registry()];
  let collected = 0;
  new Gauge({ name: 'a', help: 'A.', registers, collect: () => void collected++ });
  const { next, shown } = read(...registers);
  await next();
  assert.deepEqual(shown(), { 'a{}': [0] });
  assert.equal(collected, 1);
  registers[1]?.setDefaultLabels({ app: 'shop' });
  assert.deepEqual((await next()).added, [], 'with the labels of the first');
});

test('exemplars cross once each, with their labels', async () => {
  const register = new Registry();
  register.setContentType(Registry.OPENMETRICS_CONTENT_TYPE as typeof register.contentType);
  const registers = [register];
  const histogram = new Histogram({ name: 'a', help: 'A.', buckets: [1], enableExemplars: true, registers });
  const counter = new Counter({ name: 'b', help: 'B.', enableExemplars: true, registers });
  histogram.observe({ value: 3, exemplarLabels: { trace_id: 'abc' } });
  counter.inc({ value: 2, exemplarLabels: { who: 'me' } });
  const { next, table } = read(register);
  const { exemplars = [] } = await next();
  assert.deepEqual(
    exemplars.map(({ bucket, value, labels }) => ({ bucket, value, labels })),
    [
      { bucket: 1, value: 3, labels: [['trace_id', 'abc']] },
      { bucket: 0, value: 2, labels: [['who', 'me']] },
    ],
  );
  assert.ok(Math.abs((exemplars[0]?.unixMs ?? 0) - Date.now()) < 60_000);
  assert.equal(table.exemplarsOf(exemplars[0]?.series ?? -1)?.[1]?.value, 3);
  assert.deepEqual((await next()).exemplars, []);
});

for (const [how, collect] of [
  ['throws', () => assert.fail('no luck')],
  ['rejects', () => Promise.reject(new Error('no luck'))],
] as const) {
  test(`a metric whose collect() ${how} is left out, the others are shown`, async () => {
    const register = new Registry();
    const registers = [register];
    new Gauge({ name: 'bad', help: 'Bad.', registers, collect });
    new Gauge({ name: 'good', help: 'Good.', registers }).set(1);
    const { next, shown, failures } = read(register);
    await next();
    assert.deepEqual(shown(), { 'good{}': [1] });
    assert.deepEqual(failures, ['a metric of a prom-client registry could not be read: no luck']);
  });
}

test('a metric whose collect() hangs delays one reading, and is left out', async () => {
  const register = new Registry();
  const registers = [register];
  let asked = 0;
  const collect = () => {
    asked++;
    return new Promise<void>(() => {});
  };
  new Gauge({ name: 'hung', help: 'Hung.', registers, collect });
  const good = new Gauge({ name: 'good', help: 'Good.', registers });
  const { next, shown } = read(register);
  await next();
  const tookMs: number[] = [];
  for (let reading = 1; reading <= 5; reading++) {
    good.set(reading);
    const before = performance.now();
    await next();
    tookMs.push(performance.now() - before);
    assert.deepEqual(shown(), { 'good{}': [reading] });
  }
  // Each of them would have taken 20 ms; a busy machine may take the processor away from some.
  assert.ok(Math.min(...tookMs) < 15, `waited for again and again: ${tookMs} ms`);
  assert.equal(asked, 1);
});

test('a metric that is slow is shown as of the reading before, until it is a minute old', async () => {
  const register = new Registry();
  let answer = () => {};
  const slow = new Gauge({
    name: 'slow',
    help: 'Slow.',
    registers: [register],
    collect: () => new Promise<void>((resolve) => (answer = resolve)),
  });
  const { next, shown, advance } = read(register);
  slow.set(7);
  await next();
  assert.deepEqual(shown(), {});
  advance(30);
  answer();
  await new Promise(setImmediate);
  await next();
  assert.deepEqual(shown(), { 'slow{}': [7] });
  advance(59_000);
  await next();
  assert.deepEqual(shown(), { 'slow{}': [7] });
  advance(2000);
  await next();
  assert.deepEqual(shown(), {}, 'of another time');
  answer();
  await new Promise(setImmediate);
  await next();
  assert.deepEqual(shown(), { 'slow{}': [7] });
});

test('a registry that is itself broken is reported', async () => {
  const broken = { getMetricsAsArray: () => assert.fail('broken') } as unknown as Registry;
  const register = new Registry();
  new Gauge({ name: 'good', help: 'Good.', registers: [register] }).set(1);
  const { next, shown, failures } = read(broken, register);
  await next();
  assert.deepEqual(shown(), { 'good{}': [1] });
  assert.deepEqual(failures, ['a prom-client registry could not be read: broken']);
});

test('labels, names and descriptions that are no text become one', async () => {
  const register = new Registry();
  register.setDefaultLabels({ build: 7n });
  const help = (() => 'Help.') as unknown as string;
  new Gauge({ name: 'a', help, labelNames: ['n'], registers: [register] }).set({ n: 1n as unknown as number }, 1);
  const { next, table, failures } = read(register);
  await next();
  assert.deepEqual(shown(table), { 'a{build=7,n=1}': [1] });
  assert.equal([...table.families.values()][0]?.family.description, String(help));
  assert.deepEqual((await next()).added, [], 'it is the same family as before');
  assert.deepEqual(failures, []);
});

test('a reading that cannot be sent is told of, and the next one is sent', async (t) => {
  const { port1, port2 } = new MessageChannel();
  t.after(() => port1.close());
  const failures: string[] = [];
  const nothing = { unixMs: 0, added: [], removed: [], values: new Float64Array(1), exemplars: [] };
  const readings = [
    () => Promise.reject(new Error('no luck')),
    async () => ({ ...nothing, unixMs: (() => {}) as unknown as number }),
    async () => nothing,
  ];
  const reader = { hasAny: true, read: () => readings.shift()?.() ?? assert.fail('asked too often') };
  const sender = createRegistriesSender(port1, reader, (cause) => failures.push(cause));
  const received = new Promise((resolve) => {
    port2.once('message', resolve);
  });
  for (let round = 0; round < 3; round++) {
    sender.send();
    await new Promise(setImmediate);
  }
  assert.deepEqual(await received, { type: 'registries', snapshot: { ...nothing, values: new Float64Array(1) } });
  assert.deepEqual(failures, Array(2).fill('prom-client registries could not be read'));
});
