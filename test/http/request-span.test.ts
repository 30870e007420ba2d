// Which span a request's exemplar gets, with every way in which a server can keep its context.
import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, test } from 'node:test';
import { type Context, context, createContextKey, ROOT_CONTEXT, type Span, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { requestSpan } from '../../instrumentations/http/request-span.js';
import { madeSpan } from '../support/read-exemplars.js';

// As @opentelemetry/core keeps it.
const RPC_METADATA = createContextKey('OpenTelemetry SDK Context Key RPC_METADATA');
const tracer = new NodeTracerProvider().getTracer('application');

beforeEach(() => void context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable()));
afterEach(() => context.disable());

const startSpan = (startMs = Date.now()) => tracer.startSpan('GET', { startTime: startMs, root: true });
const contextWith = (span: Span): Context => trace.setSpan(ROOT_CONTEXT, span);
const idOf = (span: Span) => span.spanContext().spanId;

test('the context that the response is bound to, wherever the response is ended', () => {
  const beganMs = Date.now();
  const [own, other] = [startSpan(), startSpan()];
  const response = new EventEmitter();
  context.bind(contextWith(own), response);
  for (const active of [ROOT_CONTEXT, contextWith(other)]) {
    assert.equal(context.with(active, () => requestSpan(response, beganMs))?.spanId, idOf(own));
  }
  // The wall clock may have been set meanwhile.
  assert.equal(requestSpan(response, beganMs + 60_000)?.spanId, idOf(own));
});

test('asking a bound response leaves nothing on it and calls nothing that the application replaced', () => {
  const response = new EventEmitter();
  context.bind(contextWith(startSpan()), response);
  response.emit = () => assert.fail('the application was called');
  assert.ok(requestSpan(response, 0));
  assert.deepEqual(response.eventNames(), []);
});

test("of a response that nobody bound, the active span, and the server's where that is told", () => {
  const beganMs = Date.now();
  const [server, inner] = [startSpan(), startSpan()];
  const response = new EventEmitter();
  const within = contextWith(inner);
  assert.equal(context.with(within, () => requestSpan(response, beganMs))?.spanId, idOf(inner));
  const told = within.setValue(RPC_METADATA, { type: 'http', span: server });
  assert.equal(context.with(told, () => requestSpan(response, beganMs))?.spanId, idOf(server));
});

test('a span that began before the request is that of another one', () => {
  const beganMs = Date.now();
  const response = new EventEmitter();
  const of = (span: Span) => context.with(contextWith(span), () => requestSpan(response, beganMs));
  assert.equal(of(startSpan(beganMs - 50)), undefined);
  // Spans and requests are timed by clocks of different grain.
  assert.ok(of(startSpan(beganMs - 1)));
});

test('a span that does not say when it began is taken', () => {
  const active = trace.setSpanContext(ROOT_CONTEXT, madeSpan(1));
  const found = context.with(active, () => requestSpan(new EventEmitter(), Date.now()));
  assert.equal(found?.traceId, madeSpan(1).traceId);
});

test('a bound response is not asked for the span of a request that is not sampled', () => {
  const response = new EventEmitter();
  context.bind(ROOT_CONTEXT, response);
  response.on = () => assert.fail('the response was asked');
  const span = trace.wrapSpanContext(madeSpan(1, 0));
  const within = ROOT_CONTEXT.setValue(RPC_METADATA, { type: 'http', span });
  assert.equal(
    context.with(within, () => requestSpan(response, 0)),
    undefined,
  );
});

test('no span, one that is not sampled, nobody who keeps contexts, and one who fails: no exemplar', () => {
  const response = new EventEmitter();
  assert.equal(requestSpan(response, 0), undefined);
  const unsampled = trace.setSpanContext(ROOT_CONTEXT, madeSpan(1, 0));
  assert.equal(
    context.with(unsampled, () => requestSpan(response, 0)),
    undefined,
  );
  context.disable();
  assert.equal(requestSpan(response, 0), undefined);
  const failing = new AsyncLocalStorageContextManager();
  failing.active = () => {
    throw new Error('as intended');
  };
  context.setGlobalContextManager(failing);
  assert.equal(requestSpan(response, 0), undefined);
});
