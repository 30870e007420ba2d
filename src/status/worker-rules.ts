// Rules about threads that do not get on although they are not busy: they wait for a processor, or in a wait.
import { ATTRIBUTES, METRICS } from '../metric-names.js';
import { type Figure, type Figures, labelOf } from './figures.js';
import type { Problem } from './problem.js';
import * as bounds from './thresholds.js';
import { counted, figure, percent, printable } from './wording.js';

const BY_THREAD = [ATTRIBUTES.threadName];
const BY_STATE = [ATTRIBUTES.threadName, ATTRIBUTES.workerState];

type Named = Pick<Figure, 'labels'>;

/** How many workers of a name do not turn and use no CPU, and that no other one is held; undefined where that is not so. */
export function workersInWaits(figures: Figures, thread: Named): number | undefined {
  const states = figures.gauges(METRICS.workerStates, BY_STATE).filter((it) => nameOf(it) === nameOf(thread));
  const count = (state: string) => states.find((it) => labelOf(it, ATTRIBUTES.workerState) === state)?.value ?? 0;
  return count('waiting') > 0 && count('blocked') === 0 ? count('waiting') : undefined;
}

/** Whether it was in waits that a worker's loop was held for most of its stalls: callbacks were late because nobody sent any. */
export function stallsAreWaits(figures: Figures, thread: Named, period: 'interval' | 'lifetime'): boolean {
  const stalls = figures
    .counters(METRICS.stallTime, [ATTRIBUTES.threadName, ATTRIBUTES.stallCause], period)
    .filter((it) => nameOf(it) === nameOf(thread));
  const total = stalls.reduce((sum, { value }) => sum + value, 0);
  const waits = stalls.find((it) => labelOf(it, ATTRIBUTES.stallCause) === 'wait')?.value ?? 0;
  return total > 0 && waits > total / 2;
}

/** What is said in the place of a utilization of workers that only wait. */
export function waitingWorkers(figures: Figures, thread: Named, waiting: number): Problem {
  const metric = figures.nameOf(METRICS.workerStates);
  const subject = `worker thread ${printable(nameOf(thread))}`;
  return {
    severity: 'notice',
    rule: 'worker-waits',
    subject,
    sentence:
      `${counted(waiting, 'worker')} of ${subject} ${waiting === 1 ? 'does' : 'do'} not turn and ` +
      `${waiting === 1 ? 'uses' : 'use'} no CPU: blocked in a wait, such as Atomics.wait, a lock or synchronous I/O ` +
      `(${metric} ${figure(waiting)}, bound 0).`,
    metric,
    value: waiting,
    bound: 0,
    labels: thread.labels,
    period: 'now',
  };
}

/** Threads that are ready to run and wait for a processor; since the start of the process that says little of now. */
export function starvedThreads(figures: Figures): Problem[] {
  const { elapsedS } = figures;
  if (elapsedS === undefined || elapsedS < bounds.SHARE_MINIMUM_S) return [];
  const metric = figures.nameOf(METRICS.threadCpuWaitTime);
  const bound = bounds.CPU_WAIT_SHARE;
  const workers = figures.gauges(METRICS.workers, BY_THREAD);
  const threads = 1 + workers.reduce((sum, { value }) => sum + value, 0);
  const limit = figures.gauges(METRICS.cpuLimit, [])[0]?.value;
  return figures.counters(METRICS.threadCpuWaitTime, BY_THREAD, 'interval').flatMap((wait): Problem[] => {
    const own = Math.max(1, workers.find((it) => nameOf(it) === nameOf(wait))?.value ?? 1);
    const value = wait.value / elapsedS / own;
    if (value <= bound) return [];
    const name = nameOf(wait);
    const subject = `${name === 'main' ? 'thread' : 'worker thread'} ${printable(name)}`;
    const isCrowded = limit !== undefined && threads > limit;
    const crowd = isCrowded ? `; ${counted(threads, 'thread')} share ${counted(limit, 'processor')}` : '';
    return [
      {
        severity: 'warning',
        rule: 'cpu-wait',
        subject: `CPU of ${subject}`,
        sentence:
          `For ${percent(value)} of the time ${subject} was ready to run and waited for a processor ` +
          `${figures.phrase('interval')}${crowd} (growth of ${metric} a second ${figure(value)}, bound ${figure(bound)}).`,
        metric,
        value,
        bound,
        labels: wait.labels,
        period: 'interval',
      },
    ];
  });
}

const nameOf = (of: Named): string => labelOf(of, ATTRIBUTES.threadName);
