// What an application learns of a stall on its main thread: its callback, a span in its provider, a record in its logs.
import assert from 'node:assert/strict';
import { after, beforeEach, describe, test } from 'node:test';
import { trace } from '@opentelemetry/api';
import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { sharedState } from '../../../src/shared-state.js';
import type { StallReport } from '../../../src/stalls/blame/stall-report.js';
import { createStallTeller } from '../../../src/stalls/tell/tell-application.js';

const exporter = new InMemorySpanExporter();
const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
provider.register();

interface EmittedRecord {
  readonly eventName: string;
  readonly severityNumber: number;
  readonly body: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly context: Parameters<typeof trace.getSpanContext>[0];
}

// The Logs API keeps a function of the version that it is asked for.
const LOGS_API = Symbol.for('io.opentelemetry.js.api.logs');
const records: EmittedRecord[] = [];
const loggerProvider = { getLogger: () => ({ emit: (record: EmittedRecord) => records.push(record) }) };
const globals = globalThis as { [LOGS_API]?: (version: number) => typeof loggerProvider };
globals[LOGS_API] = () => loggerProvider;

after(() => {
  delete globals[LOGS_API];
  trace.disable();
});
beforeEach(() => {
  exporter.reset();
  records.length = 0;
});

const SPAN = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', sampled: true };
const REPORT: StallReport = {
  thread: 'main',
  startUnixMs: 1_900_000_000_123.5,
  durationMs: 412,
  cause: 'javascript',
  confidence: 'exact',
  culprit: { function: 'parseInvoice', file: 'src/invoice.ts', line: 42, column: 7 },
  stack: [
    { function: 'parseInvoice', file: 'src/invoice.ts', line: 42, column: 7 },
    { function: 'odd\nname', file: 'native', line: 0, column: 0 },
  ],
  callbacks: 1,
  span: SPAN,
  route: 'POST /invoices/:id',
  waiting: { requests: 37, waitedMs: 14_000 },
};

/** A teller whose clock stands at `clock.nowMs`, of a program that has started unless a report is said to be of before. */
function startTeller({ onStall }: { onStall?: (report: StallReport) => void } = {}) {
  const clock = { nowMs: 1000 };
  const teller = createStallTeller({ onStall, clock: { monotonicMs: () => clock.nowMs, unixMs: () => 0 } });
  const tell = (report: StallReport, isStarted = true) => teller(report, isStarted);
  return { tell, clock, counts: () => [exporter.getFinishedSpans().length, records.length] };
}

test('a span below the one that was blocked, with the times of the stall and all that is known of it', () => {
  startTeller().tell(REPORT);
  const [span] = exporter.getFinishedSpans();
  assert.equal(span?.name, 'event_loop.stall');
  assert.equal(span.spanContext().traceId, SPAN.traceId);
  assert.equal(span.parentSpanContext?.spanId, SPAN.spanId);
  assert.deepEqual(span.startTime, [1_900_000_000, 123_500_000]);
  assert.deepEqual(span.endTime, [1_900_000_000, 535_500_000]);
  assert.deepEqual(span.attributes, {
    'thread.name': 'main',
    'loopsight.stall.cause': 'javascript',
    'loopsight.stall.confidence': 'exact',
    'loopsight.stall.duration': 0.412,
    'code.function.name': 'parseInvoice',
    'code.file.path': 'src/invoice.ts',
    'code.line.number': 42,
    'code.stacktrace': '    at parseInvoice (src/invoice.ts:42:7)\n    at odd name (native)',
    'http.request.method': 'POST',
    'http.route': '/invoices/:id',
    'loopsight.stall.waiting.requests': 37,
    'loopsight.stall.waiting.time': 14,
  });
});

test('a log record with the sentence, the same attributes, and the context of the span', () => {
  startTeller().tell(REPORT);
  const [record] = records;
  assert.equal(record?.eventName, 'event_loop.stall');
  assert.equal(record.severityNumber, 13);
  assert.match(record.body, /^event loop blocked 412 ms by parseInvoice \(src\/invoice\.ts:42\)/);
  assert.deepEqual(record.attributes, exporter.getFinishedSpans()[0]?.attributes);
  assert.deepEqual(trace.getSpanContext(record.context), { traceId: SPAN.traceId, spanId: SPAN.spanId, traceFlags: 1 });
});

describe('which stalls', () => {
  const { span: _, ...withoutSpan } = REPORT;
  const cases: readonly (readonly [string, StallReport, readonly [spans: number, records: number]])[] = [
    ['below a span that is not sampled', { ...REPORT, span: { ...SPAN, sampled: false } }, [0, 1]],
    ['without a span, shorter than a second', withoutSpan, [0, 1]],
    ['without a span, a second long', { ...withoutSpan, durationMs: 1000 }, [1, 1]],
    ['in a debugger', { ...REPORT, cause: 'debugger' }, [0, 0]],
  ];
  for (const [name, report, expected] of cases) {
    test(name, () => {
      const { tell, counts } = startTeller();
      tell(report);
      assert.deepEqual(counts(), expected);
    });
  }

  test('a long one without a span is a trace of its own', () => {
    startTeller().tell({ ...withoutSpan, durationMs: 1000 });
    assert.equal(exporter.getFinishedSpans()[0]?.parentSpanContext, undefined);
  });
});

test('each culprit once in ten seconds, then with the number that was left out', () => {
  const { tell, clock, counts } = startTeller();
  tell(REPORT);
  tell(REPORT);
  clock.nowMs += 9_999;
  tell(REPORT);
  assert.deepEqual(counts(), [1, 1]);
  tell({ ...REPORT, culprit: { function: 'other', file: 'src/other.ts', line: 1, column: 1 } });
  assert.deepEqual(counts(), [2, 2]);
  clock.nowMs += 1;
  tell(REPORT);
  assert.deepEqual(counts(), [3, 3]);
  assert.equal(exporter.getFinishedSpans()[2]?.attributes['loopsight.stall.left_out'], 2);
  assert.equal(records[2]?.attributes['loopsight.stall.left_out'], 2);
});

test('a stall that could not be a span leaves the next one that can its place', () => {
  const { tell, counts } = startTeller();
  tell({ ...REPORT, span: { ...SPAN, sampled: false } });
  tell(REPORT);
  assert.deepEqual(counts(), [1, 1]);
});

test('of the start of a program only the callback is told', () => {
  const reports: StallReport[] = [];
  const { tell, counts } = startTeller({ onStall: (report) => reports.push(report) });
  tell(REPORT, false);
  assert.deepEqual(counts(), [0, 0]);
  assert.deepEqual(reports, [REPORT]);
  tell(REPORT);
  assert.deepEqual(counts(), [1, 1]);
});

test('whatever the application throws is kept from everybody else', () => {
  const { failures } = sharedState();
  const before = failures.count;
  const { tell, counts } = startTeller({
    onStall() {
      throw new Error('of the application');
    },
  });
  globals[LOGS_API] = () => {
    throw new Error('of its logs');
  };
  tell(REPORT);
  globals[LOGS_API] = () => loggerProvider;
  assert.deepEqual(counts(), [1, 0]);
  assert.equal(failures.count, before + 2);
});

test('without providers nothing happens', () => {
  delete globals[LOGS_API];
  trace.disable();
  const { failures } = sharedState();
  const before = failures.count;
  startTeller().tell(REPORT);
  assert.equal(failures.count, before);
  provider.register();
  globals[LOGS_API] = () => loggerProvider;
});
