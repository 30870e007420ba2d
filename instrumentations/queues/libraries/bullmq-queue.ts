// One queue of BullMQ as this process sees it: how many jobs wait is known to Redis alone and asked for from time to
// time; what is added and run here is seen here.
import type { Clock } from '../../../src/clock.js';
import type { ExemplarSpan } from '../../../src/recorder/exemplars.js';
import { type QueueReading, type QueueSource, sharedState } from '../../../src/shared-state.js';
import { QueueSeries } from '../queue-series.js';
import { TaskLine } from '../task-line.js';

/** A `Queue` or `Worker` of BullMQ, as far as it is looked at. */
export interface BullInstance {
  readonly name: string;
  readonly qualifiedName?: unknown;
  /** Set once the instance is being closed. */
  readonly closing?: unknown;
  /** Of workers alone. */
  readonly concurrency?: unknown;
  getJobCounts?(...states: string[]): Promise<Readonly<Record<string, number>>>;
  readonly backend?: { getCounts?(states: readonly string[]): Promise<readonly number[]> };
  readonly scripts?: { getCounts?(states: readonly string[]): Promise<readonly number[]> };
}

/** A job, as far as it is looked at. */
export interface BullJob {
  /** When it was added, by the clock of who added it, in milliseconds since the Unix epoch. */
  readonly timestamp?: unknown;
  readonly opts?: { readonly delay?: unknown };
  readonly attemptsMade?: unknown;
  readonly attemptsStarted?: unknown;
  readonly stalledCounter?: unknown;
}

/** One run of a job. */
export interface BullRun {
  /** `state` is undefined for a job that goes back to its queue. */
  ended(state: 'completed' | 'failed' | undefined): void;
}

/** Redis is asked no more often than this. */
const ASK_EVERY_MS = 5000;
/** Without a collection for so long Redis is not asked any more. */
const UNCOLLECTED_MS = 60_000;

export interface BullQueueOptions {
  readonly clock: Clock;
  /** Whether Redis is asked how many jobs wait. */
  readonly asks: boolean;
  /** Told when the last instance has gone. */
  readonly onGone: () => void;
}

/** All instances of one queue. */
export class BullQueue implements QueueSource {
  readonly name: string;
  readonly type = 'bullmq';
  readonly #clock: Clock;
  readonly #series: QueueSeries;
  readonly #instances = new Set<WeakRef<BullInstance>>();
  readonly #known = new WeakSet<BullInstance>();
  readonly #running = new TaskLine();
  readonly #asks: boolean;
  readonly #onGone: () => void;
  #depth = Number.NaN;
  #isAsking = false;
  #collectedMs = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(name: string, { clock, asks, onGone }: BullQueueOptions) {
    this.name = name;
    this.#clock = clock;
    this.#asks = asks;
    this.#onGone = onGone;
    this.#series = new QueueSeries(name, this.type);
    sharedState().queues.add(this);
  }

  /** One more instance of the queue. */
  join(instance: BullInstance): void {
    if (this.#known.has(instance)) return;
    this.#known.add(instance);
    this.#instances.add(new WeakRef(instance));
  }

  added(jobs: number, span?: ExemplarSpan): void {
    for (let left = jobs; left > 0; left--) this.#series.count('added', span);
  }

  /** A worker of this process runs `job` from now on. */
  started(job: BullJob): BullRun {
    const startMs = this.#clock.monotonicMs();
    const mark = this.#running.join(startMs);
    this.#series.waited(waitedMs(job, this.#clock.unixMs()));
    let isOver = false;
    return {
      ended: (state) => {
        if (isOver) return;
        isOver = true;
        this.#running.leave(mark);
        this.#series.ran(this.#clock.monotonicMs() - startMs);
        if (state !== undefined) this.#series.count(state);
      },
    };
  }

  refresh(): void {
    this.#series.refresh();
  }

  read(report: (cause: string, error: unknown) => void): QueueReading | undefined {
    const living = this.#living();
    const running = this.#running.size;
    if (living.length === 0 && running === 0) {
      this.end();
      return undefined;
    }
    this.#askFromTimeToTime(report);
    const workers = living.filter(({ concurrency }) => typeof concurrency === 'number');
    const capacity = workers.reduce((sum, { concurrency }) => sum + Number(concurrency), 0);
    const hasWorkers = workers.length > 0 || running > 0;
    return {
      depth: this.#depth,
      running: hasWorkers ? running : Number.NaN,
      capacity: workers.length > 0 ? capacity : Number.NaN,
      oldestAgeMs: Number.NaN,
    };
  }

  /** Takes the queue out of the metrics; ending twice is harmless. */
  end(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    sharedState().queues.delete(this);
    this.#series.end();
    this.#onGone();
  }

  // An instance that is closed, or being closed, cannot be asked any more.
  #living(): BullInstance[] {
    const living: BullInstance[] = [];
    for (const reference of this.#instances) {
      const instance = reference.deref();
      if (instance !== undefined && !instance.closing) living.push(instance);
      else this.#instances.delete(reference);
    }
    return living;
  }

  #askFromTimeToTime(report: (cause: string, error: unknown) => void): void {
    this.#collectedMs = this.#clock.monotonicMs();
    if (!this.#asks || this.#timer !== undefined) return;
    this.#timer = setInterval(() => {
      if (this.#clock.monotonicMs() - this.#collectedMs > UNCOLLECTED_MS) {
        clearInterval(this.#timer);
        this.#timer = undefined;
        // What was known would be shown at the next collection as if it were true.
        this.#depth = Number.NaN;
      } else void this.#ask(report);
    }, ASK_EVERY_MS);
    this.#timer.unref();
    void this.#ask(report);
  }

  // Where Redis does not answer, one question waits for it and no other is asked.
  async #ask(report: (cause: string, error: unknown) => void): Promise<void> {
    if (this.#isAsking) return;
    this.#isAsking = true;
    try {
      this.#depth = await countWaiting(this.#living());
    } catch (error) {
      this.#depth = Number.NaN;
      // Asked while it was being closed.
      if (this.#living().length > 0) report('BullMQ could not be asked how many jobs wait', error);
    } finally {
      this.#isAsking = false;
    }
  }
}

// Delayed jobs are not due yet, and those that wait for their children cannot run.
async function countWaiting(instances: readonly BullInstance[]): Promise<number> {
  const queue = instances.find(({ getJobCounts }) => typeof getJobCounts === 'function');
  if (queue?.getJobCounts !== undefined) return sum(Object.values(await queue.getJobCounts('waiting', 'prioritized')));
  for (const { backend, scripts } of instances) {
    if (backend?.getCounts !== undefined) return sum(await backend.getCounts(['waiting', 'prioritized']));
    // BullMQ 5 has a list of its own for the jobs of a queue that is paused.
    if (scripts?.getCounts !== undefined) return sum(await scripts.getCounts(['waiting', 'paused', 'prioritized']));
  }
  return Number.NaN;
}

function sum(counts: readonly unknown[]): number {
  return counts.reduce<number>((total, count) => total + (Number(count) || 0), 0);
}

/**
 * How long a job waited that starts now, since it was due; NaN for one that ran before, whose time of waiting anew is
 * nowhere. Only wall clocks are the same in two processes; a negative wait is the difference of two of them.
 */
export function waitedMs(
  { timestamp, opts, attemptsMade, attemptsStarted, stalledCounter }: BullJob,
  nowMs: number,
): number {
  const isFirst = !(Number(attemptsMade) > 0) && !(Number(attemptsStarted) > 1) && !(Number(stalledCounter) > 0);
  if (!isFirst || typeof timestamp !== 'number') return Number.NaN;
  const delay = typeof opts?.delay === 'number' ? opts.delay : 0;
  return Math.max(0, nowMs - timestamp - delay);
}
