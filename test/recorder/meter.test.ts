// What an application's own SDK exports of ours: by OTLP with either temporality and by Prometheus, with views or not.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { parseText } from '../../src/prometheus/parse.js';
import { installNeighbours, type Neighbour } from '../support/neighbours.js';
import { linesUnderTest } from '../support/opentelemetry-lines.js';
import { runWithoutStalls } from '../support/run-node.js';

interface Point {
  readonly attributes: readonly { readonly key: string; readonly value: object }[];
  readonly asDouble?: number;
  readonly asInt?: number | string;
  readonly count?: number | string;
  readonly sum?: number;
  readonly bucketCounts?: readonly (number | string)[];
  readonly explicitBounds?: readonly number[];
}
interface Metric {
  readonly name: string;
  readonly gauge?: { readonly dataPoints: readonly Point[] };
  readonly sum?: Aggregation & { readonly isMonotonic: boolean };
  readonly histogram?: Aggregation;
  readonly exponentialHistogram?: Aggregation;
}
interface Aggregation {
  readonly aggregationTemporality: number;
  readonly dataPoints: readonly Point[];
}
interface Export {
  readonly resourceMetrics: readonly {
    readonly scopeMetrics: readonly {
      readonly scope: { readonly name: string };
      readonly metrics: readonly Metric[];
    }[];
  }[];
}
interface LoopTime {
  readonly active: number;
  readonly idle: number;
}
interface Output {
  readonly received: { readonly cumulative: readonly Export[]; readonly delta: readonly Export[] };
  readonly texts: readonly string[];
  readonly loop: readonly (readonly [LoopTime, LoopTime])[];
}

const DELTA = 1;
const CUMULATIVE = 2;
const ROUNDS = 3;

const metricsOf = (body: Export | undefined) =>
  (body?.resourceMetrics ?? []).flatMap(({ scopeMetrics }) =>
    scopeMetrics.flatMap(({ scope, metrics }) => metrics.map((metric) => ({ scope: scope.name, ...metric }))),
  );

/** Every number of a growing or summed series, by metric, attributes and part. */
function figuresOf(body: Export | undefined): Map<string, number> {
  const figures = new Map<string, number>();
  for (const { scope, name, sum, histogram, exponentialHistogram } of metricsOf(body)) {
    for (const point of (sum ?? histogram ?? exponentialHistogram)?.dataPoints ?? []) {
      const labels = point.attributes.map(({ key, value }) => `${key}=${Object.values(value)[0]}`).sort();
      const set = (part: string, value: number | string | undefined) => {
        if (value !== undefined) figures.set(`${scope} ${name}${part}{${labels}}`, Number(value));
      };
      set('', point.asDouble ?? point.asInt);
      set('.count', point.count);
      set('.sum', point.sum);
      for (const [index, count] of (point.bucketCounts ?? []).entries()) set(`.${index}`, count);
    }
  }
  return figures;
}

function addUp(bodies: readonly Export[]): Map<string, number> {
  const total = new Map<string, number>();
  for (const body of bodies) {
    const upDown = new Set(metricsOf(body).flatMap(({ name, sum }) => (sum?.isMonotonic === false ? [name] : [])));
    for (const [key, value] of figuresOf(body)) {
      const keep = [...upDown].some((name) => key.includes(` ${name}{`));
      total.set(key, keep ? value : (total.get(key) ?? 0) + value);
    }
  }
  return total;
}

function assertClose(one: ReadonlyMap<string, number>, other: ReadonlyMap<string, number>): void {
  assert.deepEqual([...one.keys()].sort(), [...other.keys()].sort());
  for (const [key, value] of one) {
    const expected = other.get(key) ?? Number.NaN;
    assert.ok(Math.abs(value - expected) <= 1e-6 * Math.max(1, Math.abs(expected)), `${key}: ${value}, ${expected}`);
  }
}

for (const line of linesUnderTest()) {
  describe(line, () => {
    let neighbour: Neighbour = { missing: 'not installed yet' };
    before(async () => {
      neighbour = await installNeighbours(line);
    });
    // Nothing ends the program: it exits by itself, or fails here.
    const run = async (views: string): Promise<Output> => {
      assert.ok('folder' in neighbour);
      const { folder: cwd, node: command } = neighbour;
      const { code, stderr, stdout } = await runWithoutStalls(['metered.cjs'], { cwd, command, env: { VIEWS: views } });
      assert.equal(code, 0, stderr);
      assert.equal(stderr, '');
      return JSON.parse(stdout) as Output;
    };

    test('readers side by side, with either temporality, are told the same', async (t) => {
      if ('missing' in neighbour) return t.skip(neighbour.missing);
      const { received, texts, loop } = await run('off');
      const { cumulative, delta } = received;
      // One flush in each round, one after the instrumentations were disabled, one at shutdown.
      assert.ok(cumulative.length >= ROUNDS + 1 && delta.length >= ROUNDS + 1);

      for (const { name, sum, histogram } of delta.flatMap(metricsOf)) {
        const temporality = (sum ?? histogram)?.aggregationTemporality ?? DELTA;
        assert.equal(temporality, sum?.isMonotonic === false ? CUMULATIVE : DELTA, name);
      }
      for (const { name, sum, histogram } of cumulative.flatMap(metricsOf))
        assert.equal((sum ?? histogram)?.aggregationTemporality ?? CUMULATIVE, CUMULATIVE, name);
      assertClose(addUp(delta), figuresOf(cumulative.at(-1)));

      const inScope = (scope: string, name: string, labels: string) => `loopsight/${scope} ${name}{${labels}}`;
      for (const [round, [before, after]] of loop.entries()) {
        const figures = figuresOf(cumulative[round]);
        for (const state of ['active', 'idle'] as const) {
          const key = inScope(
            'event-loop',
            'nodejs.eventloop.time',
            `nodejs.eventloop.state=${state},thread.name=main`,
          );
          const value = figures.get(key) ?? Number.NaN;
          assert.ok(value >= before[state] - 1e-6 && value <= after[state] + 1e-6, `${state}: ${value}`);
        }
        for (const name of ['first', 'second']) {
          const labels = `code.function.name=${name}`;
          assert.equal(figures.get(inScope('traced', 'loopsight.function.active', labels)), 1);
          assert.equal(figures.get(inScope('traced', 'loopsight.function.duration.count', labels)), round || undefined);
        }
        const completed = 'queue.name=mail,queue.task.state=completed,queue.type=custom';
        const tasks = [...figures].filter(
          ([key]) => key.includes('loopsight.queue.tasks{') && key.includes('completed'),
        );
        assert.deepEqual(
          tasks.map(([, value]) => value),
          [round + 1],
          completed,
        );
        const exits = inScope('event-loop', 'loopsight.worker.exits', 'exit.code=0,thread.name=helper');
        const known = [...figures].filter(([key]) => key.includes('worker.exits') && key.includes('=0,'));
        assert.deepEqual(
          known.map(([, value]) => value),
          [round + 1],
          exits,
        );
      }
      const last = figuresOf(cumulative.at(-1));
      for (const name of ['first', 'second'])
        assert.equal(last.get(inScope('traced', 'loopsight.function.active', `code.function.name=${name}`)), 0);

      // Disabled: nothing is observed or counted any more.
      const afterwards = new Map([...figuresOf(delta.at(-1))].filter(([key]) => !key.includes('.active{')));
      for (const [key, value] of afterwards) assert.ok(!key.includes('function.duration') || value === 0, key);
      const names = new Set(delta.flatMap(metricsOf).map(({ name }) => name));
      assert.ok(!names.has('loopsight.self.collection'), 'the hook has no value');

      const { families } = parseText(texts.at(-1) ?? '');
      assert.ok([...families.keys()].some((name) => /^nodejs_eventloop_time(_seconds)?_total$/.test(name)));
      for (const text of texts) {
        assert.doesNotMatch(text, /NaN/);
        const types = [...text.matchAll(/^# TYPE \S+/gm)].map(String);
        assert.deepEqual(
          types.filter((type, index) => types.indexOf(type) !== index),
          [],
          'a family is written once',
        );
      }
    });

    test('views rename, join, drop and aggregate otherwise', async (t) => {
      if ('missing' in neighbour) return t.skip(neighbour.missing);
      const { received } = await run('on');
      const { cumulative, delta } = received;
      assertClose(addUp(delta), figuresOf(cumulative.at(-1)));
      const metrics = metricsOf(cumulative[ROUNDS - 1]);
      const named = (name: string) => metrics.find((metric) => metric.name === name);
      assert.equal(named('loopsight.function.duration'), undefined);
      assert.deepEqual(named('calls')?.histogram?.dataPoints[0]?.explicitBounds, [0.5, 60]);
      assert.deepEqual(
        named('loopsight.function.active')?.sum?.dataPoints.map(({ asDouble, asInt }) => Number(asDouble ?? asInt)),
        [2],
        'calls of both functions are in flight',
      );
      assert.deepEqual(
        named('loopsight.queue.tasks')?.sum?.dataPoints.map(({ asDouble, asInt }) => Number(asDouble ?? asInt)),
        [2 * ROUNDS],
        'added and completed',
      );
      assert.equal(Number(named('loopsight.queue.run.duration')?.exponentialHistogram?.dataPoints[0]?.count), ROUNDS);
      assert.equal(named('nodejs.eventloop.utilization'), undefined);
      assert.ok(named('nodejs.eventloop.time'));
    });
  });
}
