// A report as a sentence and as a line of JSON, by table.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { StallReport } from '../../../src/stalls/blame/stall-report.js';
import { formatMs, stallJson, stallSentence } from '../../../src/stalls/tell/stall-sentence.js';
import { report } from '../made-evidence.js';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const span = { traceId, spanId: '00f067aa0ba902b7', sampled: true };
const leaf = (name: string, file: string) => ({ function: name, file, line: 9, column: 1 });
const BLAMELESS = { culprit: undefined, confidence: 'unknown' } as const;

/** A report that leaves fields out, which `undefined` stands for here. */
function reportOf(known: { readonly [K in keyof StallReport]?: StallReport[K] | undefined }): StallReport {
  const entries = Object.entries({ ...report(), ...known }).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as unknown as StallReport;
}

const SENTENCES: readonly (readonly [Parameters<typeof reportOf>[0], string])[] = [
  [{}, 'event loop blocked 412 ms by parseInvoice (src/invoice.ts:42)'],
  [
    { route: 'POST /invoices', span, waiting: { requests: 37, waitedMs: 14_000 } },
    `event loop blocked 412 ms by parseInvoice (src/invoice.ts:42) ← POST /invoices [trace ${traceId}]; 37 requests waited 14 s together`,
  ],
  [
    { waiting: { requests: 1, waitedMs: 300 } },
    'event loop blocked 412 ms by parseInvoice (src/invoice.ts:42); 1 request waited 300 ms',
  ],
  [{ thread: 'mailer' }, 'event loop of mailer blocked 412 ms by parseInvoice (src/invoice.ts:42)'],
  [{ ongoing: true, durationMs: 31_000 }, 'event loop has been blocked for 31 s by parseInvoice (src/invoice.ts:42)'],
  [
    { cause: 'native', leaf: leaf('JSON.parse', 'native') },
    'event loop blocked 412 ms by parseInvoice (src/invoice.ts:42), in JSON.parse',
  ],
  [
    { cause: 'sync_io', leaf: leaf('readFileSync', 'node:fs') },
    'event loop blocked 412 ms by parseInvoice (src/invoice.ts:42), in readFileSync (synchronous I/O)',
  ],
  [
    { leaf: leaf('map', 'node_modules/lodash/map.js') },
    'event loop blocked 412 ms by parseInvoice (src/invoice.ts:42), in map (node_modules/lodash/map.js)',
  ],
  [{ leaf: leaf('parseInvoice', 'src/invoice.ts') }, 'event loop blocked 412 ms by parseInvoice (src/invoice.ts:42)'],
  [{ confidence: 'late' }, 'event loop blocked 412 ms in a native call near parseInvoice (src/invoice.ts:42)'],
  [{ callbacks: 4 }, 'event loop blocked 412 ms by parseInvoice (src/invoice.ts:42), in 4 callbacks'],
  [
    { cause: 'spin', callbacks: 4 },
    'event loop blocked 412 ms by parseInvoice (src/invoice.ts:42) (callbacks that start each other and let nothing else run)',
  ],
  [{ cause: 'wait' }, 'event loop blocked 412 ms by parseInvoice (src/invoice.ts:42) (waiting for another thread)'],
  [{ culprit: { function: 'emit', file: '', line: 0, column: 0 } }, 'event loop blocked 412 ms by emit'],
  [{ ...BLAMELESS, cause: 'gc' }, 'event loop blocked 412 ms (garbage collection)'],
  [{ ...BLAMELESS, cause: 'descheduled' }, 'event loop blocked 412 ms (the process did not get the CPU)'],
  [{ ...BLAMELESS, cause: 'debugger' }, 'event loop blocked 412 ms (a debugger is attached)'],
  [{ ...BLAMELESS, cause: 'unknown' }, 'event loop blocked 412 ms (what held it was not seen)'],
  [{ ...BLAMELESS, cause: 'native' }, 'event loop blocked 412 ms (in a native call)'],
  [{ ...BLAMELESS, cause: 'javascript' }, 'event loop blocked 412 ms (running JavaScript)'],
  [
    { thread: 'a\nb', route: 'GET /\u001b[2J' },
    'event loop of a b blocked 412 ms by parseInvoice (src/invoice.ts:42) ← GET / [2J',
  ],
];

describe('a sentence', () => {
  for (const [known, expected] of SENTENCES) {
    test(expected, () => assert.equal(stallSentence(reportOf(known)), expected));
  }
});

describe('a line of JSON', () => {
  test('has the names of the conventions', () => {
    const line = stallJson(report({ route: 'POST /invoices', span, waiting: { requests: 2, waitedMs: 600 } }), 3);
    assert.deepEqual(JSON.parse(line), {
      timestamp: '2026-01-02T03:04:05.678Z',
      level: 'warn',
      name: 'loopsight',
      event: 'event_loop.stall',
      message: `event loop blocked 412 ms by parseInvoice (src/invoice.ts:42) ← POST /invoices [trace ${traceId}]; 2 requests waited 600 ms together`,
      duration_ms: 412,
      'thread.name': 'main',
      'loopsight.stall.cause': 'javascript',
      'loopsight.stall.confidence': 'exact',
      'code.function.name': 'parseInvoice',
      'code.file.path': 'src/invoice.ts',
      'code.line.number': 42,
      'http.request.method': 'POST',
      'http.route': '/invoices',
      trace_id: traceId,
      span_id: span.spanId,
      waiting_requests: 2,
      left_out: 3,
    });
  });

  test('leaves out what is not known', () => {
    assert.deepEqual(Object.keys(JSON.parse(stallJson(reportOf({ ...BLAMELESS, cause: 'gc' }), 0))), [
      'timestamp',
      'level',
      'name',
      'event',
      'message',
      'duration_ms',
      'thread.name',
      'loopsight.stall.cause',
      'loopsight.stall.confidence',
    ]);
  });
});

describe('a duration', () => {
  const DURATIONS: readonly (readonly [ms: number, text: string])[] = [
    [0.4, '0 ms'],
    [411.6, '412 ms'],
    [999.4, '999 ms'],
    [999.6, '1 s'],
    [1000, '1 s'],
    [1449, '1.4 s'],
    [9940, '9.9 s'],
    [9960, '10 s'],
    [14_400, '14 s'],
    [61_000, '61 s'],
  ];
  for (const [ms, text] of DURATIONS) test(`of ${ms} ms is ${text}`, () => assert.equal(formatMs(ms), text));
});
