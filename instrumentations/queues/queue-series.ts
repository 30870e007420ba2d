// The series that a home-made queue writes itself: one set for every recorder of the list, bound anew when the list changes.
import { ATTRIBUTES, METRICS } from '../../src/metric-names.js';
import type { ExemplarSpan } from '../../src/recorder/exemplars.js';
import type { BoundHistogram, BoundSum, Recorder } from '../../src/recorder/recorder.js';
import { type BoundToSinks, bindToSinks } from '../../src/sink-series.js';

/** The list of recorders that queues write to. */
export const QUEUE_SINKS = 'queues';

const TASK_STATES = ['added', 'completed', 'failed', 'dropped'] as const;

/** What can happen to a task, as `queue.task.state` says it. */
export type TaskState = (typeof TASK_STATES)[number];

interface BoundQueue {
  readonly wait: BoundHistogram;
  readonly run: BoundHistogram;
  readonly tasks: Readonly<Record<TaskState, BoundSum>>;
}

/** Counts tasks and times their wait and run, in every recorder that is there at the moment. */
export class QueueSeries {
  readonly #name: string;
  readonly #type: string;
  readonly #series: BoundToSinks<BoundQueue>;

  constructor(name: string, type: string) {
    this.#name = name;
    this.#type = type;
    this.#series = bindToSinks(QUEUE_SINKS, (recorder) => this.#bind(recorder), release);
    this.refresh();
  }

  count(state: TaskState, span?: ExemplarSpan): void {
    for (const queue of this.#series.bound()) queue.tasks[state].add(1, span);
  }

  /** Records a wait, in milliseconds; NaN, where the addition is not known, is left out. */
  waited(durationMs: number, span?: ExemplarSpan): void {
    if (Number.isNaN(durationMs)) return;
    for (const queue of this.#series.bound()) queue.wait.record(durationMs / 1000, span);
  }

  /** Records a run, in milliseconds; NaN, where the start is not known, is left out. */
  ran(durationMs: number, span?: ExemplarSpan): void {
    if (Number.isNaN(durationMs)) return;
    for (const queue of this.#series.bound()) queue.run.record(durationMs / 1000, span);
  }

  /** Binds series in recorders that came, and gives back those in recorders that went. */
  refresh(): void {
    this.#series.bound();
  }

  /** Gives all series back; what is recorded later goes nowhere. */
  end(): void {
    this.#series.end();
  }

  #bind(recorder: Recorder): BoundQueue {
    const attributes = { [ATTRIBUTES.queueName]: this.#name, [ATTRIBUTES.queueType]: this.#type };
    const tasks = (state: TaskState) =>
      recorder.sum(METRICS.queueTasks, { ...attributes, [ATTRIBUTES.queueTaskState]: state });
    return {
      wait: recorder.histogram(METRICS.queueWaitDuration, attributes),
      run: recorder.histogram(METRICS.queueRunDuration, attributes),
      tasks: {
        added: tasks('added'),
        completed: tasks('completed'),
        failed: tasks('failed'),
        dropped: tasks('dropped'),
      },
    };
  }
}

function release({ wait, run, tasks }: BoundQueue): void {
  wait.release();
  run.release();
  for (const state of TASK_STATES) tasks[state].release();
}
