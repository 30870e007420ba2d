// What a scrape says of worker threads beside their lag: CPU, heap, collections, messages, and why they ended.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { startWorkerProgram } from './worker-program.js';

// Of kernels without scheduler statistics a worker's times are known from Node 22.19 on, its waits never.
const hasSchedule =
  existsSync('/proc/self/schedstat') && !readFileSync('/proc/self/schedstat', 'utf8').startsWith('0 0');
const tellsCpu = hasSchedule || 'threadCpuUsage' in process;

const CPU = 'loopsight_thread_cpu_time_seconds_total';
const IN_FLIGHT = 'loopsight_worker_messages_in_flight';
const WAIT = 'loopsight_worker_message_wait_duration_seconds';

test('heap and its limit of workers that share a name add up, and go with them', async () => {
  await using program = await startWorkerProgram();
  const resourceLimits = { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 8 };
  const name = { thread_name: 'pool' };
  await program.tell('begin', { key: 'one', kind: 'idle', name: 'pool', resourceLimits });
  const limit = 'loopsight_heap_limit_bytes';
  const one = await program.scrapeWhen((sample) => sample(limit, name) > 0, 'a limit');
  await program.tell('begin', { key: 'two', kind: 'idle', name: 'pool', resourceLimits });
  await program.scrapeWhen((sample) => sample(limit, name) === 2 * one(limit, name), 'twice the limit');
  const both = await program.scrape();
  for (const space of ['old_space', 'new_space']) {
    const used = both('v8js_memory_heap_used_bytes', { ...name, v8js_heap_space_name: space });
    assert.ok(used > 0 && used < both(limit, name), `${space}: ${used}`);
  }
  await program.tell('end', { key: 'one' });
  await program.scrapeWhen((sample) => sample(limit, name) === one(limit, name), 'the limit of one');
  await program.tell('end', { key: 'two' });
  await program.scrapeWhen((sample) => Number.isNaN(sample(limit, name)), 'no limit');
  assert.ok(Number.isNaN((await program.scrape())('loopsight_worker_report_age_seconds', name)));
  assert.equal(program.stderr(), '');
});

test('the CPU time of a worker is told while it computes without an end, and kept after', {
  skip: !tellsCpu,
}, async () => {
  await using program = await startWorkerProgram();
  await program.tell('begin', { key: 'busy', kind: 'spin', name: 'busy' });
  await program.tell('begin', { key: 'waiting', kind: 'wait', name: 'waiting' });
  const blocked = 'loopsight_eventloop_blocked_seconds';
  const busy = { thread_name: 'busy' };
  const waiting = { thread_name: 'waiting' };
  const before = await program.scrapeWhen(
    (sample) => sample(blocked, busy) > 0.2 && sample(blocked, waiting) > 0.2,
    'both blocked',
  );
  // Only Linux tells of a thread that says nothing itself.
  if (!hasSchedule) return;
  const later = await program.scrapeWhen((sample) => sample(CPU, busy) > before(CPU, busy) + 0.3, 'it computes');
  // Its loop is active all the same: what is left of that is the wait.
  const gained = later(CPU, waiting) - before(CPU, waiting);
  assert.ok(gained < 0.05, `a thread in Atomics.wait used ${gained} s`);
  assert.ok(later('loopsight_thread_cpu_wait_time_seconds_total', busy) >= 0);
  assert.ok(later('loopsight_thread_cpu_wait_time_seconds_total', { thread_name: 'main' }) >= 0);
  assert.ok(later('loopsight_worker_report_age_seconds', waiting) > 0.4);
  const states = (name: object) =>
    ['turning', 'blocked', 'waiting'].map((state) =>
      later('loopsight_worker_states', { ...name, worker_state: state }),
    );
  assert.deepEqual(states(waiting), [0, 0, 1], 'it waits and computes nothing');
  assert.deepEqual(states(busy), [0, 1, 0]);
  await program.tell('end', { key: 'busy' });
  const ended = await program.scrape();
  assert.ok(ended(CPU, busy) >= later(CPU, busy), `${ended(CPU, busy)} after ${later(CPU, busy)}`);
});

test('short-lived workers leave their CPU time', { skip: !tellsCpu }, async () => {
  await using program = await startWorkerProgram();
  assert.deepEqual(await program.tell('brief', { count: 20 }), [0]);
  const sample = await program.scrape();
  const used = sample(CPU, { thread_name: 'brief' });
  assert.ok(used > 0.02 && used < 20, `20 starts of a worker took ${used} s`);
});

for (const [how, env, expected] of [
  ['are counted', {}, true],
  ['are not where their instrumentation is off', { LOOPSIGHT_GARBAGE_COLLECTION: 'off' }, false],
] as const) {
  test(`garbage collections of a worker ${how}`, async () => {
    await using program = await startWorkerProgram(env);
    await program.tell('begin', { key: 'wasteful', kind: 'wasteful', name: 'wasteful' });
    const minor = { thread_name: 'wasteful', v8js_gc_type: 'minor' };
    const count = (sample: Awaited<ReturnType<typeof program.scrape>>) =>
      sample('v8js_gc_duration_seconds_count', minor);
    if (expected) {
      const some = await program.scrapeWhen((sample) => count(sample) >= 3, 'three collections');
      assert.ok(some('v8js_gc_duration_seconds_sum', minor) > 0);
    } else {
      await program.scrapeWhen(
        (sample) => sample('loopsight_heap_limit_bytes', { thread_name: 'wasteful' }) > 0,
        'a heap',
      );
      assert.ok(Number.isNaN(count(await program.scrape())));
    }
  });
}

test('messages are under way until the worker takes them, and the wait of each is measured both ways', async () => {
  await using program = await startWorkerProgram();
  const to = { thread_name: 'echo', direction: 'to_worker' };
  const from = { thread_name: 'echo', direction: 'from_worker' };
  await program.tell('begin', { key: 'echo', kind: 'echo', name: 'echo', early: 3 });
  const early = await program.scrapeWhen((sample) => sample(`${WAIT}_count`, from) === 4, 'three answers and `ready`');
  assert.equal(early(`${WAIT}_count`, to), 3, 'also of messages from before the worker was found');
  assert.deepEqual([early(IN_FLIGHT, to), early(IN_FLIGHT, from)], [0, 0]);

  await program.tell('post', { key: 'echo', count: 20, holdMs: 100 });
  const during = await program.scrape();
  const left = during(IN_FLIGHT, to);
  assert.ok(left >= 1 && left <= 20, `${left} of 20`);
  const after = await program.scrapeWhen((sample) => sample(`${WAIT}_count`, from) === 24, 'twenty answers');
  assert.equal(after(`${WAIT}_count`, to), 23);
  assert.deepEqual([after(IN_FLIGHT, to), after(IN_FLIGHT, from)], [0, 0]);
  // The first waits for none of the others, the last for nineteen of 100 ms: 19 × 20 × 100 ms / 2 together,
  // less what a busy machine takes to send them.
  const waited = after(`${WAIT}_sum`, to) - early(`${WAIT}_sum`, to);
  assert.ok(waited > 14, `${waited} s`);

  await program.tell('unsendable', { key: 'echo' });
  const more = await program.scrapeWhen((sample) => sample(`${WAIT}_count`, from) === 26, 'two answers');
  assert.deepEqual([more(`${WAIT}_count`, to), more(IN_FLIGHT, to)], [25, 0]);
  await program.tell('end', { key: 'echo' });
  const ended = await program.scrape();
  assert.ok(Number.isNaN(ended(IN_FLIGHT, to)));
  assert.equal(ended(`${WAIT}_count`, to), 25);
});

test('messages that a worker takes out of its port itself have been received', async () => {
  await using program = await startWorkerProgram();
  await program.tell('begin', { key: 'polling', kind: 'polling', name: 'polling', early: 5 });
  const to = { thread_name: 'polling', direction: 'to_worker' };
  const from = { thread_name: 'polling', direction: 'from_worker' };
  const sample = await program.scrapeWhen((one) => one(`${WAIT}_count`, from) === 6, 'five answers and `ready`');
  assert.deepEqual([sample(`${WAIT}_count`, to), sample(IN_FLIGHT, to)], [5, 0]);
});

test('messages that nobody takes stay under way; of a worker without us nothing is said', async () => {
  await using program = await startWorkerProgram();
  // It never says that it is ready.
  void program.tell('begin', { key: 'deaf', kind: 'deaf', name: 'deaf', early: 7 });
  const to = (name: string) => ({ thread_name: name, direction: 'to_worker' });
  await program.scrapeWhen((sample) => sample(IN_FLIGHT, to('deaf')) === 7, 'seven messages');
  await program.tell('begin', { key: 'bare', kind: 'echo', name: 'bare', execArgv: [], early: 7 });
  const sample = await program.scrapeWhen(
    (one) => one('loopsight_workers', { thread_name: 'bare' }) === 1,
    'the bare one',
  );
  assert.ok(Number.isNaN(sample(IN_FLIGHT, to('bare'))));
});

test('a worker’s own worker tells the same, of messages between the two', async () => {
  await using program = await startWorkerProgram();
  await program.tell('begin', { key: 'outer', kind: 'nest', name: 'outer' });
  const from = { thread_name: 'nested', direction: 'from_worker' };
  const nested = await program.scrapeWhen((sample) => sample(`${WAIT}_count`, from) === 1, 'its `ready`');
  assert.equal(nested(IN_FLIGHT, from), 0);
  await program.scrapeWhen((sample) => sample('loopsight_heap_limit_bytes', { thread_name: 'nested' }) > 0, 'its heap');
});

test('a worker whose heap reached its limit is counted as that, by name', async () => {
  await using program = await startWorkerProgram();
  const error = { thread_name: 'greedy', error_type: 'ERR_WORKER_OUT_OF_MEMORY' };
  const errors = 'loopsight_worker_errors_total';
  await program.tell('begin', {
    key: 'greedy',
    kind: 'greedy',
    name: 'greedy',
    resourceLimits: { maxOldGenerationSizeMb: 12 },
  });
  await program.scrapeWhen((sample) => sample(errors, error) >= 0, 'from 0 on, so that the first one is an increase');
  await program.tell('exit', { key: 'greedy' });
  // A scrape waits but so long for the figures of a main thread that has much to do.
  const exits = { thread_name: 'greedy', exit_code: '1' };
  const after = await program.scrapeWhen((sample) => sample('loopsight_worker_exits_total', exits) === 1, 'its exit');
  assert.equal(after(errors, error), 1);
});
