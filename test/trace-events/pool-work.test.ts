// Requests and runs of the thread pool have nothing in common but their order: a simulated pool says which belong together.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type PoolWork, watchPool } from '../../src/trace-events/pool-work.js';
import { narrowCategory, type TraceEvent } from '../../src/trace-events/trace-event.js';
import { createRandom } from '../support/random.js';

const MAIN = 1;

interface Work {
  readonly kind: string;
  readonly tid: number;
  readonly madeUs: number;
  fromUs: number;
  toUs: number;
  takenUs: number;
  thread: number;
}

/** A pool of `threads` threads with loops that take results when they turn, every `turnUs`. */
function simulate(count: number, threads: number, loops: number, turnUs: number): Work[] {
  const { next } = createRandom(7);
  const freeUs = Array.from({ length: threads }, () => 0);
  let nowUs = 0;
  return Array.from({ length: count }, () => {
    nowUs += Math.ceil((-Math.log(1 - next()) * 3400) / threads);
    const thread = freeUs.indexOf(Math.min(...freeUs));
    const fromUs = Math.max(nowUs + 5, freeUs[thread] ?? 0);
    const toUs = fromUs + 100 + Math.floor(next() * 6000);
    freeUs[thread] = toUs + 1;
    const takenUs = (Math.floor(toUs / turnUs) + 1) * turnUs + 3;
    const kind = next() < 0.7 ? 'crypto' : 'zlib';
    return { kind, tid: MAIN + Math.floor(next() * loops), madeUs: nowUs, fromUs, toUs, takenUs, thread: 100 + thread };
  });
}

function eventsOf(work: readonly Work[], sinceUs = 0, untilUs = Number.POSITIVE_INFINITY): TraceEvent[] {
  const request = 'node,node.threadpoolwork,node.threadpoolwork.async';
  const run = 'node,node.threadpoolwork,node.threadpoolwork.sync';
  return work
    .flatMap(({ kind: name, tid, madeUs, fromUs, toUs, takenUs, thread }, index): TraceEvent[] => {
      // Addresses are used again.
      const id = `0x${(index % 500).toString(16)}`;
      return [
        { pid: MAIN, tid, ts: madeUs, ph: 'b', cat: request, name, id, args: {} },
        { pid: MAIN, tid: thread, ts: fromUs, ph: 'B', cat: run, name, args: {} },
        { pid: MAIN, tid: thread, ts: toUs, ph: 'E', cat: run, name, args: {} },
        { pid: MAIN, tid, ts: takenUs, ph: 'e', cat: request, name, id, args: { result: 0 } },
      ];
    })
    .filter(({ ts }) => ts >= sinceUs && ts < untilUs)
    .sort((a, b) => a.ts - b.ts);
}

function watched(events: readonly TraceEvent[]): PoolWork[] {
  const watch = watchPool();
  for (const event of events) watch.add(event, narrowCategory(event));
  return watch.result();
}

const sumOf = (values: readonly (number | undefined)[]) => values.reduce<number>((sum, value = 0) => sum + value, 0);

for (const { name, threads, loops, turnUs } of [
  { name: 'one thread, one loop', threads: 1, loops: 1, turnUs: 500 },
  { name: 'four threads, one loop', threads: 4, loops: 1, turnUs: 500 },
  { name: 'four threads, three loops that turn seldom', threads: 4, loops: 3, turnUs: 40_000 },
]) {
  test(`every request finds its run: ${name}`, () => {
    const work = simulate(2000, threads, loops, turnUs);
    const found = watched(eventsOf(work));
    assert.equal(found.length, work.length);
    assert.equal(found.filter(({ isTaken }) => isTaken).length, work.length);
    for (const kind of ['crypto', 'zlib']) {
      const real = work.filter((piece) => piece.kind === kind);
      const told = found.filter((piece) => piece.kind === kind);
      assert.deepEqual(
        told.map(({ waitUs }) => waitUs),
        real.map(({ madeUs, fromUs }) => fromUs - madeUs),
      );
      assert.equal(sumOf(told.map(({ runUs }) => runUs)), sumOf(real.map(({ fromUs, toUs }) => toUs - fromUs)));
      assert.equal(
        sumOf(told.map(({ deliveryUs }) => deliveryUs)),
        sumOf(real.map(({ toUs, takenUs }) => takenUs - toUs)),
      );
    }
  });
}

test('a trace that begins and ends in the midst of a queue tells of what it saw whole', () => {
  const work = simulate(2000, 2, 1, 2000);
  const [sinceUs, untilUs] = [work[300]?.madeUs ?? 0, work[1700]?.madeUs ?? 0];
  const found = watched(eventsOf(work, sinceUs, untilUs));
  const within = work.filter(({ madeUs, fromUs }) => madeUs >= sinceUs && fromUs < untilUs);
  const waits = found.flatMap(({ waitUs }) => (waitUs === undefined ? [] : [waitUs]));
  assert.ok(Math.abs(waits.length - within.length) <= 4, `${waits.length} of ${within.length}`);
  const real = sumOf(within.map(({ madeUs, fromUs }) => fromUs - madeUs)) / within.length;
  const told = sumOf(waits) / waits.length;
  assert.ok(Math.abs(told / real - 1) < 0.02, `mean wait ${told} instead of ${real}`);
  assert.ok(waits.every((wait) => wait >= 0));
});

test('what was cancelled never ran', () => {
  const request = 'node,node.threadpoolwork,node.threadpoolwork.async';
  const run = 'node,node.threadpoolwork,node.threadpoolwork.sync';
  const event = (ts: number, ph: string, tid: number, cat: string, id?: string, result = 0): TraceEvent => {
    return { pid: MAIN, tid, ts, ph, cat, name: 'zlib', ...(id === undefined ? {} : { id }), args: { result } };
  };
  const found = watched([
    event(0, 'b', MAIN, request, 'a'),
    event(10, 'b', MAIN, request, 'b'),
    event(20, 'e', MAIN, request, 'a', -125),
    event(30, 'B', 9, run),
    event(40, 'E', 9, run),
    event(50, 'e', MAIN, request, 'b'),
  ]);
  assert.deepEqual(found, [{ kind: 'zlib', tid: MAIN, waitUs: 20, runUs: 10, deliveryUs: 10, isTaken: true }]);
});

test('a queue of 100,000 is gone through in seconds', () => {
  const count = 100_000;
  const all = Array.from({ length: count }, (_, index): Work => {
    // Made at once, run one after the other, and taken all together in the end.
    const fromUs = 1_000_000 + index * 10;
    return { kind: 'crypto', tid: MAIN, madeUs: index, fromUs, toUs: fromUs + 9, takenUs: 9e9 + index, thread: 100 };
  });
  const request = 'node.threadpoolwork.async';
  const run = 'node.threadpoolwork.sync';
  const watch = watchPool();
  for (const [index, { madeUs, fromUs, toUs, takenUs }] of all.entries()) {
    const event = { pid: MAIN, name: 'crypto', id: `0x${index}`, cat: '', args: { result: 0 } };
    watch.add({ ...event, tid: MAIN, ts: madeUs, ph: 'b' }, request);
    watch.add({ ...event, tid: 100, ts: fromUs, ph: 'B' }, run);
    watch.add({ ...event, tid: 100, ts: toUs, ph: 'E' }, run);
    watch.add({ ...event, tid: MAIN, ts: takenUs, ph: 'e' }, request);
  }
  const before = process.cpuUsage();
  const work = watch.result();
  const { user } = process.cpuUsage(before);
  assert.equal(work.length, count);
  const isRight = ({ waitUs, deliveryUs }: PoolWork, at: number) => {
    const { madeUs = 0, fromUs = 0, toUs = 0, takenUs = 0 } = all[at] ?? {};
    return waitUs === fromUs - madeUs && deliveryUs === takenUs - toUs;
  };
  assert.ok(work.every(isRight));
  assert.ok(user < 4e6, `${user} us`);
});

test('more than fit on a stack that were taken without a run that was seen', () => {
  const watch = watchPool();
  const count = 200_000;
  const event = { pid: MAIN, tid: MAIN, name: 'zlib', cat: '', args: { result: 0 } };
  for (let index = 0; index < count; index++) {
    watch.add({ ...event, id: `${index}`, ts: index, ph: 'b' }, 'node.threadpoolwork.async');
    watch.add({ ...event, id: `${index}`, ts: index + 1, ph: 'e' }, 'node.threadpoolwork.async');
  }
  watch.add({ ...event, tid: 100, ts: 1e6, ph: 'B' }, 'node.threadpoolwork.sync');
  watch.add({ ...event, tid: 100, ts: 1e6 + 5, ph: 'E' }, 'node.threadpoolwork.sync');
  assert.equal(watch.result().length, count + 1);
});
