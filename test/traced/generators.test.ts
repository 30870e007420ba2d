// Generators: the call covers the iteration, and the body runs in the span's context.
import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { SpanStatusCode, trace } from '@opentelemetry/api';
import { traced } from '../../src/traced.js';
import { startHarness, withoutTimes } from './harness.js';

const harness = startHarness();
after(() => harness.stop());
beforeEach(() => void harness.spans());
const activeId = () => trace.getActiveSpan()?.spanContext().spanId;

test('the span lasts from the first next to the end; the body sees it, the consumer does not', () => {
  const seen: unknown[] = [];
  const walk = traced(function* walk() {
    for (const step of [1, 2]) {
      seen.push(activeId());
      yield step;
    }
    return 'end';
  });
  const outer = traced('outer', () => {
    const inOuter = activeId();
    const generator = walk();
    assert.equal(harness.active('walk') ?? 0, 0);
    assert.deepEqual(generator.next(), { value: 1, done: false });
    assert.equal(harness.active('walk'), 1);
    assert.equal(activeId(), inOuter);
    assert.deepEqual([...generator], [2]);
    assert.deepEqual(Reflect.ownKeys(generator), []);
  });
  outer();
  const [span, parent] = harness.spans();
  assert.equal(span?.name, 'walk');
  assert.equal(span?.parentSpanContext?.spanId, parent?.spanContext().spanId);
  assert.deepEqual(seen, [span?.spanContext().spanId, span?.spanContext().spanId]);
  assert.equal(harness.active('walk'), 0);
  assert.equal(harness.count('walk'), 1);
});

test('an async generator likewise, also after an await in its body', async () => {
  const seen = new Set<unknown>();
  const pages = traced({ name: 'pages', onResult: (last) => ({ last }) }, async function* () {
    for (const page of [1, 2, 3]) {
      seen.add(activeId());
      await null;
      seen.add(activeId());
      yield page;
    }
    return 'end';
  });
  const got: number[] = [];
  for await (const page of pages()) got.push(page);
  assert.deepEqual(got, [1, 2, 3]);
  const [span] = harness.spans();
  assert.deepEqual([...seen], [span?.spanContext().spanId]);
  assert.deepEqual(withoutTimes(span), { 'code.function.name': 'pages', last: 'end' });
});

test('nexts that are asked for at once are answered in order', async () => {
  const numbers = traced('queued', async function* () {
    yield 1;
    yield 2;
  });
  const generator = numbers();
  const results = await Promise.all([generator.next(), generator.next(), generator.next(), generator.next()]);
  assert.deepEqual(
    results.map(({ value }) => value),
    [1, 2, undefined, undefined],
  );
  assert.equal(harness.spans().length, 1);
});

test('leaving the loop early ends the span without an error, and finally blocks run in it', () => {
  let inFinally: unknown;
  const forever = traced('forever', function* () {
    try {
      for (;;) yield 1;
    } finally {
      inFinally = activeId();
    }
  });
  for (const _ of forever()) break;
  const [span] = harness.spans();
  assert.equal(inFinally, span?.spanContext().spanId);
  assert.equal(span?.status.code, SpanStatusCode.UNSET);
  assert.equal(harness.count('forever'), 1);
});

test('an error of the body is the error of the call', async () => {
  const error = new RangeError('gone');
  const fails = traced('fails', function* () {
    yield 1;
    throw error;
  });
  assert.throws(
    () => [...fails()],
    (thrown) => thrown === error,
  );
  const failsLater = traced('fails', async function* () {
    yield 1;
    throw error;
  });
  const generator = failsLater();
  await generator.next();
  await assert.rejects(generator.next(), (thrown) => thrown === error);
  assert.deepEqual(await generator.next(), { value: undefined, done: true });
  assert.deepEqual(
    harness.spans().map(({ status }) => status.code),
    [SpanStatusCode.ERROR, SpanStatusCode.ERROR],
  );
  assert.equal(harness.count('fails', 'RangeError'), 2);
});

test('throw is delivered, and can be caught in the body', () => {
  const catches = traced('catches', function* () {
    try {
      yield 1;
    } catch (error) {
      yield error;
    }
  });
  const generator = catches();
  generator.next();
  assert.deepEqual(generator.throw('sent'), { value: 'sent', done: false });
  assert.equal(harness.active('catches'), 1);
  assert.equal(generator.next().done, true);
  assert.equal(harness.spans()[0]?.status.code, SpanStatusCode.UNSET);
});

test('advancing a running generator throws, and does not end it', () => {
  const own: { generator?: Generator<number> } = {};
  const reentrant = traced('reentrant', function* (): Generator<number> {
    assert.throws(() => own.generator?.next(), TypeError);
    yield 1;
    yield 2;
  });
  own.generator = reentrant();
  assert.deepEqual([...own.generator], [1, 2]);
  assert.equal(harness.count('reentrant'), 1);
});

test('one that is never advanced, or only returned, leaves no trace', () => {
  const idle = traced('idle', function* () {
    yield 1;
  });
  idle();
  assert.deepEqual(idle().return(5 as never), { value: 5, done: true });
  assert.throws(() => idle().throw(new Error('early')), /early/);
  assert.equal(harness.spans().length, 0);
  assert.equal(harness.count('idle'), 0);
});

test('delegating to a traced generator works in both directions', () => {
  const inner = traced('inner', function* (): Generator<number, string, string> {
    return `got ${yield 1}`;
  });
  const outer = traced('outer', function* (): Generator<number, string, string> {
    return yield* inner();
  });
  const generator = outer();
  generator.next('');
  assert.deepEqual(generator.next('it'), { value: 'got it', done: true });
  const [first, second] = harness.spans();
  assert.equal(first?.parentSpanContext?.spanId, second?.spanContext().spanId);
});

test('one that is abandoned half-way ends when it is garbage-collected', async () => {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  const halfway = traced('halfway', function* () {
    yield 1;
    yield 2;
  });
  (() => {
    halfway().next();
  })();
  for (let turn = 0; turn < 200 && harness.active('halfway') === 1; turn++) {
    collect();
    await new Promise(setImmediate);
  }
  assert.equal(harness.active('halfway'), 0);
  assert.equal(harness.count('halfway'), 1);
  assert.equal(harness.spans()[0]?.name, 'halfway');
});
