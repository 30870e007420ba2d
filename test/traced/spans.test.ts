// What a call tells: span, duration, calls in flight, error types.
import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';
import { context, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { systemClock } from '../../src/clock.js';
import { createStore } from '../../src/recorder/store.js';
import { addSink } from '../../src/shared-state.js';
import { traced } from '../../src/traced.js';
import { readStore, rethrow } from '../support/read-store.js';
import { countOf, startHarness, withoutTimes } from './harness.js';

const harness = startHarness();
after(() => harness.stop());
beforeEach(() => void harness.spans());

function only<T>(items: readonly T[]): T {
  assert.equal(items.length, 1);
  return items[0] as T;
}

test('a call is one internal span with the name of the function', () => {
  traced(function restart() {})();
  const span = only(harness.spans());
  assert.equal(span.name, 'restart');
  assert.equal(span.kind, SpanKind.INTERNAL);
  assert.deepEqual(withoutTimes(span), { 'code.function.name': 'restart' });
  assert.equal(span.status.code, SpanStatusCode.UNSET);
  assert.equal(span.instrumentationScope.name, 'loopsight/traced');
  assert.equal(harness.count('restart'), 1);
});

test('names: the given one, the own one, else <anonymous>', () => {
  traced('given', function own() {})();
  traced({ name: 'optioned', kind: SpanKind.CLIENT }, () => {})();
  traced((() => () => {})())();
  assert.deepEqual(
    harness.spans().map(({ name, kind }) => [name, kind]),
    [
      ['given', SpanKind.INTERNAL],
      ['optioned', SpanKind.CLIENT],
      ['<anonymous>', SpanKind.INTERNAL],
    ],
  );
});

test('nested calls, synchronous and after an await, are children', async () => {
  const inner = traced('inner', async () => trace.getActiveSpan()?.spanContext().spanId);
  const outer = traced('outer', async () => {
    await inner();
    await null;
    return inner();
  });
  const activeInInner = await outer();
  const spans = harness.spans();
  const parent = only(spans.filter(({ name }) => name === 'outer'));
  const children = spans.filter(({ name }) => name === 'inner');
  assert.equal(children.length, 2);
  for (const child of children) assert.equal(child.parentSpanContext?.spanId, parent.spanContext().spanId);
  assert.equal(children[1]?.spanContext().spanId, activeInInner);
  assert.equal(trace.getActiveSpan(), undefined);
});

test('a call is in flight until its promise settles, and lasts as long', async () => {
  let release = () => {};
  const wait = traced(
    'wait',
    () =>
      new Promise<void>((resolve) => {
        release = resolve;
      }),
  );
  const first = wait();
  assert.equal(harness.active('wait'), 1);
  assert.equal(harness.spans().length, 0);
  release();
  await first;
  assert.equal(harness.active('wait'), 0);
  assert.equal(harness.count('wait'), 1);
  assert.equal(harness.spans().length, 1);
});

class QueryFailed extends Error {}
class Nameless extends Error {}
Object.defineProperty(Nameless, 'name', { value: '' });
const foreign = {
  get name(): string {
    throw new Error('do not look');
  },
};

const FAILURES: readonly (readonly [thrown: unknown, errorType: string, message: string | undefined])[] = [
  [new TypeError('bad'), 'TypeError', 'bad'],
  [new QueryFailed('lost'), 'QueryFailed', 'lost'],
  [new Nameless('x'), 'Error', 'x'],
  [new DOMException('late', 'TimeoutError'), 'TimeoutError', 'late'],
  ['text', '_OTHER', 'text'],
  [undefined, '_OTHER', undefined],
  [null, '_OTHER', undefined],
  [42, '_OTHER', undefined],
  [{ message: 'plain' }, '_OTHER', 'plain'],
  [foreign, '_OTHER', undefined],
  [Object.create(null), '_OTHER', undefined],
];

for (const [index, [value, errorType, message]] of FAILURES.entries()) {
  test(`failure ${index}: error.type ${errorType}, status, exception event, for throws and rejections`, async () => {
    const name = `failing ${index}`;
    assert.throws(
      traced(name, () => {
        throw value;
      }),
      (error) => error === value,
    );
    await assert.rejects(
      traced(name, async () => {
        throw value;
      })(),
      (error) => error === value,
    );
    const spans = harness.spans();
    assert.equal(spans.length, 2);
    for (const span of spans) {
      assert.equal(span.attributes['error.type'], errorType);
      assert.deepEqual(span.status, { code: SpanStatusCode.ERROR, ...(message === undefined ? {} : { message }) });
      assert.deepEqual(
        span.events.map((event) => event.name),
        ['exception'],
      );
    }
    assert.equal(harness.count(name, errorType), 2);
    assert.equal(harness.count(name), 0);
    assert.equal(harness.active(name), 0);
  });
}

const ABORTS: readonly (readonly [string, () => unknown])[] = [
  ['DOMException', () => AbortSignal.abort().reason],
  ['error by name', () => Object.assign(new Error('stop'), { name: 'AbortError' })],
];
for (const [what, make] of ABORTS) {
  test(`being called off is no error: ${what}`, async () => {
    const reason = make();
    const name = `aborted ${what}`;
    await assert.rejects(
      traced(name, async () => {
        throw reason;
      })(),
      (error) => error === reason,
    );
    const span = only(harness.spans());
    assert.equal(span.status.code, SpanStatusCode.UNSET);
    assert.deepEqual(span.events, []);
    assert.equal(span.attributes['error.type'], 'AbortError');
    assert.equal(harness.count(name, 'AbortError'), 1);
  });
}

test('beyond twenty classes of errors they share one series', () => {
  const fail = traced('many errors', (index: number) => {
    throw new (class extends Error {
      static override readonly name = `Error${index}`;
    })();
  });
  for (let index = 0; index < 25; index++) assert.throws(() => fail(index));
  assert.equal(harness.count('many errors', 'Error19'), 1);
  assert.equal(harness.count('many errors', 'Error20'), 0);
  assert.equal(harness.count('many errors', 'other'), 5);
});

test('hooks add attributes to the span and nothing to the metrics', async () => {
  const load = traced(
    {
      name: 'load',
      onCall: ([region]) => ({ region, 'code.function.name': 'forged' }),
      onResult: (rows, [region]) => ({ rows: rows.length, again: region }),
    },
    async (region: string) => [region],
  );
  await load('eu');
  const span = only(harness.spans());
  assert.deepEqual(withoutTimes(span), { 'code.function.name': 'load', region: 'eu', rows: 1, again: 'eu' });
  assert.equal(harness.count('load'), 1);
});

test('attributes of hooks are bounded', () => {
  const many = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`k${index}`, 'x'.repeat(1000)]));
  traced({ name: 'wordy', onCall: () => many }, () => {})();
  const { attributes } = only(harness.spans());
  assert.equal(Object.keys(attributes).length, 17);
  assert.equal(Object.values(attributes)[1], 'x'.repeat(256));
});

test('a hook that fails leaves the call alone', async () => {
  const hooks = {
    onCall: () => {
      throw new Error('hook');
    },
    onResult: () => {
      throw new Error('hook');
    },
  };
  assert.equal(traced({ name: 'hooked', ...hooks }, () => 7)(), 7);
  const rejecting: () => undefined = () => Promise.reject(new Error('hook')) as never;
  assert.equal(await traced({ name: 'hooked', onCall: rejecting }, async () => 8)(), 8);
  assert.equal(harness.spans().length, 2);
  assert.equal(harness.count('hooked'), 2);
});

test('an unsampled call keeps the context, skips the hooks and is measured', async () => {
  let hooked = 0;
  const seen = traced(
    {
      name: 'unsampled',
      onCall: () => {
        hooked++;
        return undefined;
      },
    },
    async () => trace.getActiveSpan(),
  );
  const parent = trace.setSpanContext(ROOT_CONTEXT, { traceId: '1'.repeat(32), spanId: '2'.repeat(16), traceFlags: 0 });
  const active = await context.with(parent, () => seen());
  assert.equal(active?.spanContext().traceId, '1'.repeat(32));
  assert.equal(active?.isRecording(), false);
  assert.equal(hooked, 0);
  assert.equal(harness.count('unsampled'), 1);
  assert.equal(harness.spans().length, 0);
});

test('a recorder that comes in the middle of a call sees whole calls only; one that goes is left alone', async () => {
  let release = () => {};
  const wait = traced(
    'across',
    () =>
      new Promise<void>((resolve) => {
        release = resolve;
      }),
  );
  const store = createStore({ clock: systemClock, report: rethrow });
  const before = wait();
  const remove = addSink('traced', store);
  release();
  await before;
  assert.equal(countOf(readStore(store), 'across'), 0);
  const during = wait();
  remove();
  release();
  await during;
  assert.equal(countOf(readStore(store), 'across'), 1);
  assert.equal(readStore(store)['loopsight.function.active{code.function.name=across}'], 0);
  const without = wait();
  release();
  await without;
  assert.equal(countOf(readStore(store), 'across'), 1);
  assert.equal(harness.count('across'), 3);
});
