// What streams hold and how long they are paused: real streams of Node, a clock that the test moves.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { PassThrough, Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import test, { type TestContext } from 'node:test';
import { createStreamMonitor, monitorStream } from '../../instrumentations/queues/monitor-stream.js';
import { NAMED_STREAMS } from '../../instrumentations/queues/stream-sources.js';
import { startStreams } from '../../instrumentations/queues/streams.js';
import { systemClock } from '../../src/clock.js';
import { createStore } from '../../src/recorder/store.js';
import { readStore, rethrow } from '../support/read-store.js';

function setUp(t: TestContext) {
  const clock = { nowMs: 1000, monotonicMs: () => clock.nowMs, unixMs: () => 0 };
  const store = createStore({ clock: systemClock, report: rethrow });
  const monitor = startStreams({ recorder: store, clock, shared: false, report: rethrow });
  t.after(() => monitor.stop());
  return {
    clock,
    monitor,
    watch(stream: object, name = 's') {
      const handle = createStreamMonitor(stream, name, clock);
      t.after(() => handle.stop());
      return handle;
    },
    figures: () => readStore(store),
    /** Buffered, high-water mark and seconds paused of one side. */
    read(side: string, name = 's') {
      const figures = readStore(store);
      return ['buffered', 'high_water_mark', 'paused.time'].map(
        (metric) => figures[`loopsight.stream.${metric}{stream.name=${name},stream.side=${side}}`],
      );
    },
  };
}

/** A writable whose writes end when the test says so. */
function slowWritable(highWaterMark: number) {
  const waiting: (() => void)[] = [];
  const stream = new Writable({ highWaterMark, write: (_chunk, _encoding, done) => void waiting.push(done) });
  return { stream, next: () => waiting.shift()?.() };
}

test('a writable shows what it holds, and is paused from a refused write to its drain', async (t) => {
  const { clock, watch, read } = setUp(t);
  const { stream, next } = slowWritable(10);
  watch(stream);
  assert.deepEqual(read('writable'), [0, 10, 0]);
  assert.equal(stream.write('1234'), true);
  clock.nowMs += 500;
  assert.deepEqual(read('writable'), [4, 10, 0]);
  assert.equal(stream.write('12345678'), false);
  clock.nowMs += 2000;
  assert.deepEqual(read('writable'), [12, 10, 2]);
  const drained = once(stream, 'drain');
  next();
  next();
  await drained;
  clock.nowMs += 5000;
  assert.deepEqual(read('writable'), [0, 10, 2]);
});

test('a readable is paused from pause to resume, and from the start if it was', async (t) => {
  const { clock, watch, read } = setUp(t);
  const stream = new Readable({ highWaterMark: 8, read() {} });
  stream.push('123456');
  stream.on('data', () => {}).pause();
  watch(stream);
  clock.nowMs += 1000;
  assert.deepEqual(read('readable'), [6, 8, 1]);
  const resumed = once(stream, 'resume');
  stream.resume();
  await resumed;
  clock.nowMs += 1000;
  assert.deepEqual(read('readable'), [0, 8, 1]);
  stream.pause();
  clock.nowMs += 3000;
  assert.equal(read('readable')[2], 4);
});

test('a stream that is read by a pipe into a slow one shows both sides', async (t) => {
  const { clock, watch, read } = setUp(t);
  const through = new PassThrough({ highWaterMark: 4 });
  const { stream: slow, next } = slowWritable(2);
  watch(through);
  const done = pipeline(Readable.from([Buffer.from('12'), Buffer.from('34'), Buffer.from('56')]), through, slow);
  await once(through, 'pause');
  clock.nowMs += 700;
  assert.equal(read('readable')[2], 0.7);
  const timer = setInterval(next, 1);
  await done;
  clearInterval(timer);
  // It closed by itself: nothing is open any more, and the time stays.
  assert.deepEqual(read('readable'), [undefined, undefined, 0.7]);
});

test('streams of one name add up, ended ones with their time; stop takes the name away with the last', async (t) => {
  const { clock, watch, read, figures } = setUp(t);
  const [one, two] = [slowWritable(2), slowWritable(3)];
  const [first, second] = [watch(one.stream), watch(two.stream)];
  one.stream.write('12');
  two.stream.write('123');
  clock.nowMs += 1000;
  assert.deepEqual(read('writable'), [5, 5, 2]);
  one.stream.destroy();
  await once(one.stream, 'close');
  clock.nowMs += 1000;
  assert.deepEqual(read('writable'), [3, 3, 3]);
  first.stop();
  assert.equal(read('writable')[2], 3);
  second.stop();
  second.stop();
  assert.deepEqual(figures(), {});
});

test('stop puts everything back, and the stream is what it was meanwhile', (t) => {
  const { watch } = setUp(t);
  const stream = new PassThrough();
  const listeners = () => stream.eventNames().map((name) => [name, stream.listenerCount(name)]);
  const before = listeners();
  const { write } = stream;
  const handle = watch(stream);
  assert.equal(stream.write.name, write.name);
  assert.equal(stream.write.length, write.length);
  assert.deepEqual(
    Object.keys(stream).filter((key) => key === 'write'),
    [],
  );
  assert.equal(stream.readableFlowing, null);
  handle.stop();
  assert.equal(Object.hasOwn(stream, 'write'), false);
  assert.equal(stream.write, write);
  assert.deepEqual(listeners(), before);
});

test('a stream that somebody wrapped after us keeps their wrapper', (t) => {
  const { watch } = setUp(t);
  const stream = new PassThrough();
  const handle = watch(stream);
  const theirs = () => true;
  stream.write = theirs;
  handle.stop();
  assert.equal(stream.write, theirs);
});

test('names beyond the limit share one', (t) => {
  const { watch, read } = setUp(t);
  for (let index = 0; index < NAMED_STREAMS + 2; index++) watch(slowWritable(1).stream, `n${index}`);
  assert.equal(read('writable', `n${NAMED_STREAMS - 1}`)[1], 1);
  assert.equal(read('writable', `n${NAMED_STREAMS}`)[1], undefined);
  assert.equal(read('writable', 'other')[1], 2);
});

for (const [what, stream] of [
  ['a number', 1],
  ['null', null],
  ['an array', []],
  ['a web stream', new ReadableStream()],
  ['an emitter', new EventTarget()],
] as const) {
  test(`${what} is refused`, () => {
    assert.throws(
      () => monitorStream(stream as object, 's'),
      /^TypeError: Expected `stream` to be a readable or writable/,
    );
  });
}

test('an empty name is refused', () => {
  assert.throws(() => monitorStream(new PassThrough(), ''), TypeError);
});
