// Monitors of queues that tell their depth when they are asked.
import { text, unexpected } from '../../src/option-values.js';
import { type QueueNaming, sharedState } from '../../src/shared-state.js';
import { knownQueue } from './found-queue.js';
import { createSource, FIGURES, type FiguresOfQueue, figureReader, type ReadFigures } from './monitored-source.js';
import { type QueueShape, RECOGNISED, shapeOf } from './queue-shapes.js';
import { addQueue, removeQueue } from './registry.js';

/** Options of `monitorQueue`; each function is given the queue, so that it need not keep it alive. */
export interface MonitorQueueOptions<Q extends object = object> {
  /** Name of the queue in the metrics; use few and fixed ones. */
  readonly name: string;
  /** Kind of the queue in the metrics. @default the kind that is recognised, else 'custom' */
  readonly type?: string;
  /** Tells how many tasks wait. @default as the kind that is recognised tells it */
  readonly depth?: (queue: Q) => number;
  /** Tells how many tasks run. @default as the kind that is recognised tells it */
  readonly running?: (queue: Q) => number;
  /** Tells how many tasks may run at the same time. @default as the kind that is recognised tells it */
  readonly capacity?: (queue: Q) => number;
  /** Tells how long the oldest task has waited, in milliseconds. @default not known */
  readonly oldestAgeMs?: (queue: Q) => number;
}

/** The monitor of one queue. */
export interface MonitoredQueue {
  /** Takes the queue out of the metrics. */
  stop(): void;
}

const OPTION_NAMES: readonly string[] = ['name', 'type', ...FIGURES];

/**
 * Shows depth, running tasks and capacity of `queue` in the metrics until `stop()`, or until it is garbage-collected:
 * it is held weakly. A queue that is found by itself goes by this name meanwhile. Recognised are arrays, Maps and Sets,
 * p-queue, p-limit, fastq, async, Piscina, tinypool, workerpool, poolifier, Bottleneck and generic-pool, and objects with
 * `size`, `length`, `waiting` or `queueSize`; for others give the functions. Queues of one name and type add up. Throws a
 * TypeError for an object that cannot tell its depth and for bad options.
 *
 * @example
 * const jobs = [];
 * const monitor = monitorQueue(jobs, { name: 'jobs' });
 * monitor.stop();
 */
export function monitorQueue<Q extends object>(queue: Q, options: MonitorQueueOptions<Q>): MonitoredQueue {
  const isObject = (typeof queue === 'object' && queue !== null) || typeof queue === 'function';
  if (!isObject) throw unexpected('queue', 'an object that tells its depth', queue);
  const { name, type } = checkOptions(options);
  const shape = options.depth === undefined ? recognise(queue) : undefined;
  const figures: FiguresOfQueue = { given: givenFigures(options), shape };
  checkDepth(queue, figures);
  const naming = { name, type: type ?? knownQueue(queue)?.type ?? shape?.type ?? 'custom' };
  const source = createSource(queue, { ...naming, figures });
  addQueue(source, queue);
  nameQueue(queue, naming);
  const target = new WeakRef(queue);
  return {
    stop() {
      removeQueue(source);
      unnameQueue(target.deref(), naming);
    },
  };
}

// What is found of the queue by itself (waits, runs, tasks) goes by the same name; its depth is told by the monitor alone.
function nameQueue(queue: object, naming: QueueNaming): void {
  const state = sharedState();
  state.queueNames ??= new WeakMap();
  state.queueNames.set(queue, naming);
  state.foundQueues?.get(queue)?.renamed();
}

function unnameQueue(queue: object | undefined, naming: QueueNaming): void {
  const { queueNames, foundQueues } = sharedState();
  if (queue === undefined || queueNames?.get(queue) !== naming) return;
  queueNames.delete(queue);
  foundQueues?.get(queue)?.renamed();
}

function checkOptions<Q extends object>(options: MonitorQueueOptions<Q>): { name: string; type: string | undefined } {
  if (typeof options !== 'object' || options === null) throw unexpected('options', 'an object with a `name`', options);
  for (const key of Object.keys(options)) {
    if (!OPTION_NAMES.includes(key))
      throw unexpected('options', `an object with keys of ${OPTION_NAMES.join(', ')}`, key);
  }
  for (const figure of FIGURES) {
    const read = options[figure];
    if (read !== undefined && typeof read !== 'function') throw unexpected(figure, 'a function', read);
  }
  const { name, type } = options;
  return { name: text.check(name, 'name'), type: type === undefined ? undefined : text.check(type, 'type') };
}

function recognise(queue: object): QueueShape | undefined {
  let shape: QueueShape | undefined;
  try {
    shape = shapeOf(queue);
  } catch {
    // A getter of a foreign object threw: it cannot tell its depth.
  }
  if (shape !== undefined || knownQueue(queue) !== undefined) return shape;
  throw unexpected('queue', `${RECOGNISED} that tells its depth, or \`depth\` to be given`, queue);
}

function givenFigures<Q extends object>(options: MonitorQueueOptions<Q>): ReadFigures {
  return Object.fromEntries(
    FIGURES.filter((figure) => options[figure] !== undefined).map((key) => [key, options[key]]),
  );
}

function checkDepth(queue: object, figures: FiguresOfQueue): void {
  let depth: unknown;
  try {
    depth = figureReader(queue, figures)('depth');
  } catch (error) {
    throw new TypeError('Expected `depth` to be a number >= 0, but reading it threw', { cause: error });
  }
  if (typeof depth !== 'number' || !(depth >= 0)) throw unexpected('depth', 'a number >= 0', depth);
}
