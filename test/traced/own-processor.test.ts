// Traced functions that the application's own sampler and span processor call: a call is not told of by calls without end.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { context, trace } from '@opentelemetry/api';
import { type Sampler, SamplingDecision, type SpanProcessor } from '@opentelemetry/sdk-trace-base';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { traced } from '../../src/traced.js';

const told: string[] = [];
let helped = 0;
const help = traced('help', () => void helped++);

const sampler: Sampler = {
  shouldSample() {
    help();
    return { decision: SamplingDecision.RECORD_AND_SAMPLED };
  },
};
const processor: SpanProcessor = {
  onStart: () => help(),
  onEnd(span) {
    help();
    told.push(span.name);
  },
  forceFlush: () => Promise.resolve(),
  shutdown: () => Promise.resolve(),
};
new NodeTracerProvider({ sampler, spanProcessors: [processor] }).register();
after(() => {
  trace.disable();
  context.disable();
});

test('a helper of a sampler and a span processor runs, and is not told of while it helps', async () => {
  traced('restart', () => {})();
  assert.throws(
    traced('fail', () => {
      throw new Error('as it should');
    }),
    /as it should/,
  );
  await traced('save', async () => {})();
  assert.deepEqual(told, ['restart', 'fail', 'save']);
  assert.equal(helped, 9);
  help();
  assert.deepEqual(told.at(-1), 'help');
});
