// A traced call gives the bucket of its duration its own span, however it ends, if that is sampled.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { context, type SpanContext, trace } from '@opentelemetry/api';
import { AlwaysOffSampler, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { traced } from '../../src/traced.js';
import { openExemplars } from '../support/read-exemplars.js';
import { startHarness } from './harness.js';

const harness = startHarness();
after(() => harness.stop());
const read = openExemplars(harness.store);
const tracesOf = (name: string) =>
  read()
    .filter(({ series }) => series.includes(`code.function.name=${name}`))
    .map(({ series, traceId, spanId }) => [series.replace(/.*,|\}/g, ''), traceId, spanId]);

const active = (): SpanContext => {
  const span = trace.getActiveSpan()?.spanContext();
  assert.ok(span);
  return span;
};

const endings: readonly (readonly [string, (name: string) => Promise<SpanContext>])[] = [
  ['a value', async (name) => traced(name, active)()],
  ['a promise', async (name) => traced(name, async () => Promise.resolve().then(active))()],
  [
    'a generator',
    async (name) =>
      [
        ...traced(name, function* () {
          yield active();
        })(),
      ][0] as SpanContext,
  ],
  [
    'a callback',
    (name) =>
      new Promise((resolve) => {
        const give = (done: (error: null, span: SpanContext) => void) => done(null, active());
        traced({ name, callback: true }, give)((_error, span) => resolve(span));
      }),
  ],
];

for (const [ending, call] of endings) {
  test(`a call that ends with ${ending}`, async () => {
    const { traceId, spanId } = await call(ending);
    const exemplars = read().filter(({ series }) => series.endsWith(`{code.function.name=${ending}}`));
    assert.deepEqual(
      exemplars.map((exemplar) => [exemplar.traceId, exemplar.spanId]),
      [[traceId, spanId]],
    );
  });
}

test('a call that fails is the exemplar of its own class of errors', () => {
  let span: SpanContext | undefined;
  const failing = traced('failing', () => {
    span = active();
    throw new RangeError('as intended');
  });
  assert.throws(failing, RangeError);
  assert.deepEqual(tracesOf('failing'), [['error.type=RangeError', span?.traceId, span?.spanId]]);
});

test('calls in a trace that is not sampled, and calls without a provider, leave no exemplar', () => {
  const work = traced('unseen', () => {});
  trace.disable();
  work();
  const unsampled = new NodeTracerProvider({ sampler: new AlwaysOffSampler() });
  trace.setGlobalTracerProvider(unsampled);
  work();
  assert.equal(harness.count('unseen'), 2);
  assert.deepEqual(tracesOf('unseen'), []);
  context.disable();
});
