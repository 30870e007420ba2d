// Events as Node writes them, summed up and rendered.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createDurations } from '../../src/trace-events/durations.js';
import { renderTrace } from '../../src/trace-events/render.js';
import { sumTrace } from '../../src/trace-events/summary.js';
import { readEvents, type TraceEvent } from '../../src/trace-events/trace-event.js';

const MAIN = 77;

function event(ph: string, ts: number, cat: string, name: string, rest: Partial<TraceEvent> = {}): TraceEvent {
  return { pid: MAIN, tid: MAIN, ts, ph, cat, name, args: {}, ...rest };
}

const SYNC = 'node,node.fs,node.fs.sync';
const ASYNC = 'node,node.fs,node.fs.async';
const EVENTS: readonly TraceEvent[] = [
  // It ended a call that began before the trace.
  event('E', 5, SYNC, 'fs.sync.read'),
  event('B', 10, SYNC, 'fs.sync.open'),
  // What a worker does meanwhile stands apart.
  event('B', 11, SYNC, 'fs.sync.stat', { tid: 80 }),
  event('E', 1010, SYNC, 'fs.sync.open'),
  event('E', 3011, SYNC, 'fs.sync.stat', { tid: 80 }),
  event('b', 20, ASYNC, 'read', { id: '0x1' }),
  event('b', 30, ASYNC, 'read', { id: '0x2' }),
  event('e', 5020, ASYNC, 'read', { id: '0x1', args: { result: 1 } }),
  event('b', 40, 'node,node.dns,node.dns.native', 'lookup', { id: '0x1' }),
  event('e', 2040, 'node,node.dns,node.dns.native', 'lookup', { id: '0x1' }),
  event('B', 100, 'devtools.timeline,v8', 'MinorGC'),
  event('X', 110, 'v8', 'V8.GCScavenger', { dur: 50 }),
  event('E', 400, 'devtools.timeline,v8', 'MinorGC'),
];

test('calls, requests and collections are paired and told apart', () => {
  const sums = sumTrace(MAIN);
  // Events of one thread arrive in order, but in several goes.
  sums.add(EVENTS.slice(0, 4));
  sums.add(EVENTS.slice(4));
  const { events, syncCalls, requests, collections, pool } = sums.result(10);
  assert.equal(events, EVENTS.length);
  assert.deepEqual(
    syncCalls.map(({ name, threads, time }) => [name, threads, time.count, time.totalMs]),
    [
      ['stat', 'workers', 1, 3],
      ['open', 'main', 1, 1],
    ],
  );
  assert.deepEqual(
    requests.map(({ kind, name, time }) => [kind, name, time.count, time.totalMs]),
    [
      ['fs', 'read', 1, 5],
      ['dns', 'lookup', 1, 2],
    ],
  );
  assert.deepEqual(
    collections.map(({ name, threads, time }) => [name, threads, time.totalMs]),
    [['minor', 'main', 0.3]],
  );
  assert.deepEqual(pool, []);
});

test('quantiles are at most 2 % off', () => {
  const durations = createDurations();
  assert.equal(durations.figures(), undefined);
  for (let us = 1; us <= 10_000; us++) durations.add(us);
  const { count = 0, totalMs = 0, p50Ms = 0, p95Ms = 0, maxMs = 0 } = durations.figures() ?? {};
  assert.deepEqual([count, totalMs, maxMs], [10_000, 50_005, 10]);
  assert.ok(Math.abs(p50Ms / 5 - 1) <= 0.025, `${p50Ms}`);
  assert.ok(Math.abs(p95Ms / 9.5 - 1) <= 0.025, `${p95Ms}`);
});

test('the text names no path and obeys no control of a name', () => {
  const sums = sumTrace(MAIN);
  sums.add(EVENTS);
  sums.add([
    event('B', 6000, SYNC, 'fs.sync.\u001b[2Jevil\n'),
    event('E', 6001, SYNC, 'fs.sync.\u001b[2Jevil\n'),
    event('b', 6000, ASYNC, 'open', { id: '0x9', args: { path: '/home/somebody/secret' } }),
    event('e', 6001, ASYNC, 'open', { id: '0x9' }),
  ]);
  const about = { pid: MAIN, title: 'app.js', nodeVersion: 'v20.20.2', unixMs: 0, durationMs: 2000 };
  const text = renderTrace({ ...about, summary: sums.result(2000), notes: ['Something is missing.'] });
  assert.match(text, /^loopsight: 2 s of process 77 \(app\.js\), 17 events\nSomething is missing\.\n/);
  assert.match(text, /\n {2}stat +workers +1 +3 ms +3 ms +3 ms +3 ms\n/);
  assert.match(text, /\n {2}minor +main +1 +300 µs/);
  assert.ok(!text.includes('secret') && !text.includes('\u001b'), text);
  const nothing = renderTrace({ ...about, summary: sumTrace(MAIN).result(2000), notes: [] });
  assert.match(nothing, /Nothing of what is traced happened\.\n$/);
});

test('what is no event is left out', () => {
  assert.deepEqual(readEvents(undefined), []);
  assert.deepEqual(readEvents({ value: [null, 1, { ph: 'B' }, EVENTS[0]] }), [EVENTS[0]]);
});
