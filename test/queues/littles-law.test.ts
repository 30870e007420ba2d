// Little's law holds for any queue: the mean depth is the arrival rate times the mean wait. Figures that break it are wrong.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { queuesMonitor } from '../../instrumentations/queues/index.js';
import { createQueueMonitor, type QueueTask } from '../../instrumentations/queues/queue-monitor.js';
import { createStore } from '../../src/recorder/store.js';
import { workersNeeded } from '../../src/status/workers-needed.js';
import { createRandom } from '../support/random.js';
import { readStore, rethrow } from '../support/read-store.js';

interface Load {
  readonly arrivalsPerS: number;
  readonly runS: number;
  readonly workers: number;
  readonly durationS: number;
}

/** What the metrics say of a simulated queue, whose depth is read every second as a scrape does. */
function simulate({ arrivalsPerS, runS, workers, durationS }: Load) {
  const random = createRandom(20_260_701).next;
  const exponential = (mean: number) => -mean * Math.log(1 - random());
  let nowMs = 0;
  const clock = { monotonicMs: () => nowMs, unixMs: () => nowMs };
  const store = createStore({ clock, report: rethrow });
  const monitor = queuesMonitor.start({ recorder: store, clock, shared: false, report: rethrow });
  const queue = createQueueMonitor({ name: 'simulated', capacity: workers }, clock);
  const waiting: QueueTask[] = [];
  const running: { readonly task: QueueTask; readonly endMs: number }[] = [];
  let arrivalMs = exponential(1000 / arrivalsPerS);
  let scrapeMs = 1000;
  let depths = 0;
  let busy = 0;
  let scrapes = 0;
  const value = (name: string) =>
    readStore(store)[`loopsight.queue.${name}{queue.name=simulated,queue.type=custom}`] ?? Number.NaN;

  while (nowMs < durationS * 1000) {
    running.sort((a, b) => a.endMs - b.endMs);
    nowMs = Math.min(arrivalMs, scrapeMs, running[0]?.endMs ?? Number.POSITIVE_INFINITY);
    if (nowMs === scrapeMs) {
      depths += value('depth');
      busy += value('running');
      scrapes++;
      scrapeMs += 1000;
    } else if (nowMs === arrivalMs) {
      waiting.push(queue.added());
      arrivalMs += exponential(1000 / arrivalsPerS);
    } else running.shift()?.task.finished();
    while (running.length < workers && waiting.length > 0) {
      const task = waiting.shift() as QueueTask;
      task.started();
      running.push({ task, endMs: nowMs + exponential(runS * 1000) });
    }
  }
  const mean = (name: string) => value(`${name}.sum`) / value(`${name}.count`);
  const added =
    readStore(store)['loopsight.queue.tasks{queue.name=simulated,queue.task.state=added,queue.type=custom}'] ?? 0;
  const result = {
    arrivalsPerS: added / durationS,
    waitS: mean('wait.duration'),
    runS: mean('run.duration'),
    depth: depths / scrapes,
    running: busy / scrapes,
  };
  queue.stop();
  monitor.stop();
  return result;
}

const LOADS: readonly Load[] = [
  { arrivalsPerS: 8, runS: 0.1, workers: 1, durationS: 20_000 },
  { arrivalsPerS: 36, runS: 0.1, workers: 4, durationS: 5000 },
  { arrivalsPerS: 2, runS: 7, workers: 16, durationS: 20_000 },
];

for (const load of LOADS) {
  test(`arrival rate × mean wait is the mean depth: ${JSON.stringify(load)}`, () => {
    const seen = simulate(load);
    const within = (actual: number, expected: number) =>
      assert.ok(Math.abs(actual - expected) <= 0.1 * expected, `${actual} is not within 10 % of ${expected}`);
    within(seen.depth, seen.arrivalsPerS * seen.waitS);
    within(seen.running, seen.arrivalsPerS * seen.runS);
  });
}

const TARGETS: readonly { readonly arrivalsPerS: number; readonly runS: number; readonly targetWaitS: number }[] = [
  { arrivalsPerS: 8, runS: 0.1, targetWaitS: 0.5 },
  { arrivalsPerS: 36, runS: 0.1, targetWaitS: 0.05 },
  { arrivalsPerS: 5, runS: 2, targetWaitS: 1 },
  { arrivalsPerS: 100, runS: 0.2, targetWaitS: 0.01 },
];

for (const load of TARGETS) {
  test(`as many workers as are said to be needed keep the wait, and hardly more are said: ${JSON.stringify(load)}`, () => {
    const workers = workersNeeded(load);
    const waitWith = (count: number) => simulate({ ...load, workers: count, durationS: 10_000 }).waitS;
    assert.ok(waitWith(workers) <= load.targetWaitS, `${workers} workers are too few`);
    const work = load.arrivalsPerS * load.runS;
    const tooFew = Math.max(Math.ceil(work), Math.floor(workers * 0.7));
    if (tooFew < workers) assert.ok(waitWith(tooFew) > load.targetWaitS, `${tooFew} of ${workers} workers were enough`);
  });
}

test('a worker that is never idle is not enough', () => {
  assert.equal(workersNeeded({ arrivalsPerS: 10, runS: 0.1, targetWaitS: 60 }), 2);
  assert.equal(workersNeeded({ arrivalsPerS: 0, runS: 0.1, targetWaitS: 1 }), 1);
});
