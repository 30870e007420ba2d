// Windows in which calls are measured, on the real loop: the sample against what the functions know of themselves.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createSchedule, type Schedule, type Timing } from '../../../instrumentations/traced/time/schedule.js';
import { openWindow } from '../../../instrumentations/traced/time/window.js';
import { systemClock } from '../../../src/clock.js';
import { beginOffload } from '../../../src/offload.js';
import { sharedState } from '../../../src/shared-state.js';
import { traced } from '../../../src/traced.js';
import { rethrow } from '../../support/read-store.js';
import { startHarness } from '../harness.js';

const harness = startHarness();
after(() => harness.stop());

const TIMING: Timing = { periodMs: 120, windowMs: 30, tailMs: 30, firstMs: 1, budget: 1 };
/** For what is to happen within a window, also on a machine that takes the processor away. */
const LONG_TIMING: Timing = { ...TIMING, periodMs: 60_000, windowMs: 400, tailMs: 400 };

/** Runs `body` with windows of this timing in the place of the ordinary ones. */
async function withSchedule(timing: Timing, body: (schedule: Schedule) => Promise<void>): Promise<void> {
  const state = sharedState();
  const before = state.callTimes;
  const schedule = createSchedule({ clock: systemClock, report: rethrow, timing });
  const stop = schedule.use('sampled');
  state.callTimes = schedule;
  try {
    await body(schedule);
  } finally {
    stop();
    state.callTimes = before;
  }
}

function spin(ms: number): number {
  const from = performance.now();
  let now = from;
  while (now - from < ms) now = performance.now();
  return now - from;
}

function timesOf(name: string): { own: number; others: number; idle: number; measured: number; duration: number } {
  const metrics = harness.metrics();
  const time = (state: string) =>
    metrics[`loopsight.function.time{code.function.name=${name},function.time.state=${state}}`] ?? 0;
  return {
    own: time('own'),
    others: time('others'),
    idle: time('idle'),
    measured: metrics[`loopsight.function.measured{code.function.name=${name}}`] ?? 0,
    duration: metrics[`loopsight.function.duration.sum{code.function.name=${name}}`] ?? 0,
  };
}

// A processor that is taken away in one of the few windows is in the estimate for all calls, so it may take several rounds.
test('the time of all calls is estimated from those that were measured', async () => {
  let wrong: string[] = [];
  for (let round = 1; round <= 10; round++) {
    wrong = await estimateErrors(round);
    if (wrong.length === 0) return;
  }
  assert.deepEqual(wrong, []);
});

async function estimateErrors(round: number): Promise<string[]> {
  const wrong: string[] = [];
  await withSchedule(TIMING, async () => {
    const names = { greedy: `greedy ${round}`, patient: `patient ${round}` };
    let [greedyMs, calls] = [0, 0];
    const greedy = traced(names.greedy, async () => {
      greedyMs += spin(1);
      await sleep(1);
      greedyMs += spin(2);
    });
    const patient = traced(names.patient, async () => {
      spin(0.2);
      await sleep(4);
      spin(0.2);
    });
    const endMs = performance.now() + 1200;
    const flow = async () => {
      while (performance.now() < endMs) {
        calls++;
        await Promise.all([greedy(), patient()]);
      }
    };
    await Promise.all([flow(), flow()]);
    const [first, second] = [timesOf(names.greedy), timesOf(names.patient)];
    for (const times of [first, second]) {
      if (times.measured <= 5) wrong.push(`${times.measured} of ${calls} calls are too few`);
      assert.ok(times.measured < calls, `${times.measured} of ${calls} calls`);
      const sum = times.own + times.others + times.idle;
      assert.ok(Math.abs(sum - times.duration) < times.duration / 1000, 'own + others + idle is the duration');
    }
    // Each waits for the other's loops: without a measurement the two could not be told apart.
    const waits = second.own < first.own / 2 && second.others > second.own;
    if (!waits) wrong.push('the patient one does not wait for the greedy one');
    const near = (seconds: number, truthMs: number, what: string) => {
      if (Math.abs(seconds * 1000 - truthMs) > truthMs * 0.15)
        wrong.push(`${what}: ${seconds} s, in truth ${truthMs} ms`);
    };
    near(first.own, greedyMs, 'greedy');
  });
  return wrong;
}

test('nothing is hooked until a traced call was suspended, and nothing once windows are closed', async () => {
  await withSchedule({ ...TIMING, periodMs: 60_000, firstMs: 20 }, async (schedule) => {
    traced('never suspended', () => spin(1))();
    await sleep(80);
    assert.equal(schedule.costMs, 0);
    await traced('suspended once', () => sleep(1))();
    while (schedule.costMs === 0) await sleep(5);
    assert.equal(schedule.begin({ functionName: 'x', livePlace: -1, cut() {} }), undefined);
  });
});

test('promises carry no ids but in windows, however these end', () => {
  const program = join('test', 'traced', 'time', 'programs', 'hooked.mjs');
  const seen = JSON.parse(execFileSync(process.execPath, [program], { encoding: 'utf8' })) as unknown;
  assert.deepEqual(seen, { before: false, within: true, after: false, withinSmall: true, afterSmall: false });
});

test('a call that goes on after its window is cut, and its rest is estimated', async () => {
  await withSchedule(LONG_TIMING, async (schedule) => {
    await traced('before', () => sleep(1))();
    let cut = () => {};
    // Windows keep nothing alive.
    const alive = setInterval(() => {}, 1000);
    const closed = new Promise<void>((resolve) => {
      cut = resolve;
    }).finally(() => clearInterval(alive));
    while (schedule.begin({ functionName: 'x', livePlace: -1, cut }) === undefined) await sleep(1);
    const long = traced('long', async () => {
      spin(4);
      await sleep(10);
      spin(4);
      await closed;
      await sleep(10);
    });
    await long();
    const times = timesOf('long');
    assert.equal(times.measured, 1);
    assert.ok(times.own >= 0.0075 && times.own < times.duration, `${times.own} s`);
    assert.ok(Math.abs(times.own + times.others + times.idle - times.duration) < 1e-3);
  });
});

test('a window ends when its budget is spent', async () => {
  const cuts: string[] = [];
  const closed = new Promise<number>((resolve) => {
    const window = openWindow({
      nowMs: () => systemClock.monotonicMs(),
      idLimit: 1 << 19,
      budgetMs: 0.5,
      hasPlaces: false,
      report: rethrow,
      onCall() {},
      onClose: resolve,
    });
    window.begin({ functionName: 'endless', livePlace: -1, cut: () => cuts.push('endless') });
  });
  let isClosed = false;
  void closed.then(() => {
    isClosed = true;
  });
  for (let i = 0; i < 1_000_000 && !isClosed; i++) await null;
  assert.ok(isClosed);
  assert.deepEqual(cuts, ['endless']);
});

test('nobody is told of work that is handed over outside of measured calls', () => {
  assert.equal(beginOffload(), undefined);
});

test('spans of measured calls say where their time went, others what is known', async () => {
  await withSchedule({ ...LONG_TIMING, firstMs: 300 }, async (schedule) => {
    const work = traced('with span', async () => {
      spin(2);
      await sleep(5);
      spin(2);
    });
    await work();
    const keysOf = () =>
      Object.keys(harness.spans().find(({ name }) => name === 'with span')?.attributes ?? {}).filter((key) =>
        key.startsWith('loopsight.time.'),
      );
    assert.deepEqual(keysOf(), ['loopsight.time.idle', 'loopsight.time.first_segment']);
    while (schedule.begin({ functionName: 'x', livePlace: -1, cut() {} }) === undefined) await sleep(1);
    await work();
    assert.deepEqual(keysOf(), ['loopsight.time.own', 'loopsight.time.others', 'loopsight.time.idle']);
  });
});

test('what callers run of generators is their own, and nothing that lies between', async () => {
  await withSchedule({ ...TIMING, firstMs: 10_000 }, async () => {
    const known = { numbers: 0, pages: 0 };
    const between = { numbers: 0, pages: 0 };
    const numbers = traced('numbers', function* () {
      for (let i = 0; i < 3; i++) {
        known.numbers += spin(3);
        yield i;
      }
    });
    const pages = traced('pages', async function* () {
      for (let i = 0; i < 3; i++) {
        known.pages += spin(3);
        const from = performance.now();
        await sleep(10);
        between.pages += performance.now() - from;
        yield i;
      }
    });
    for (const _ of numbers()) between.numbers += spin(5);
    for await (const _ of pages()) between.pages += spin(5);
    for (const name of ['numbers', 'pages'] as const) {
      const { own, duration } = timesOf(name);
      // A part of what lies between may be taken for its own by the clock of the test: the first line after each wait.
      const most = duration - (0.8 * between[name]) / 1000;
      assert.ok(own * 1000 >= known[name] && own <= most, `${name}: ${own} of ${duration} s`);
    }
    const { own, others, idle, duration } = timesOf('numbers');
    assert.ok(Math.abs(own + others + idle - duration) < 1e-6 && others >= 0.015, 'that of the caller is of others');
  });
});
