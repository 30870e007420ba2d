// How the common queues tell their depth, running tasks and capacity: known by their shape, never by their package.

/** Reads one figure of a queue; anything but a number means that the queue cannot tell. */
export type ReadQueue = (queue: object) => unknown;

/** Figures of one kind of queue. */
export interface QueueShape {
  /** Value of `queue.type`. */
  readonly type: string;
  readonly depth: ReadQueue;
  readonly running?: ReadQueue;
  readonly capacity?: ReadQueue;
}

interface KnownShape extends QueueShape {
  /** Types of the members by which the kind is recognised. */
  readonly members: Readonly<Record<string, 'number' | 'function' | 'object'>>;
}

const CALLBACK_QUEUE = {
  depth: told('length'),
  running: told('running'),
  capacity: told('concurrency'),
} as const;

const THREAD_POOL_MEMBERS = { queueSize: 'number', threads: 'object', completed: 'number' } as const;
const THREAD_POOL = { depth: told('queueSize'), capacity: threadPoolCapacity } as const;

// Ordered: the first shape that fits wins.
const KNOWN_SHAPES: readonly KnownShape[] = [
  {
    type: 'p-queue',
    members: { size: 'number', pending: 'number', concurrency: 'number', add: 'function' },
    depth: told('size'),
    running: told('pending'),
    capacity: told('concurrency'),
  },
  {
    type: 'p-limit',
    members: { pendingCount: 'number', activeCount: 'number' },
    depth: told('pendingCount'),
    running: told('activeCount'),
    capacity: told('concurrency'),
  },
  // A fork of Piscina. Neither tells how many tasks run.
  { type: 'tinypool', members: { ...THREAD_POOL_MEMBERS, recycleWorkers: 'function' }, ...THREAD_POOL },
  { type: 'piscina', members: THREAD_POOL_MEMBERS, ...THREAD_POOL },
  {
    type: 'workerpool',
    members: { stats: 'function', exec: 'function', maxWorkers: 'number' },
    depth: (queue) => figureOf(told('stats')(queue), 'pendingTasks'),
    running: (queue) => figureOf(told('stats')(queue), 'activeTasks'),
    capacity: told('maxWorkers'),
  },
  {
    type: 'poolifier',
    members: { info: 'object', execute: 'function', workerNodes: 'object' },
    // Without its queue it hands every task to a worker at once.
    depth: (queue) => figureOf(member(queue, 'info'), 'queuedTasks') ?? 0,
    running: (queue) => figureOf(member(queue, 'info'), 'executingTasks'),
    capacity: poolifierCapacity,
  },
  { type: 'async', members: { length: 'function', running: 'function', workersList: 'function' }, ...CALLBACK_QUEUE },
  { type: 'fastq', members: { length: 'function', running: 'function', concurrency: 'number' }, ...CALLBACK_QUEUE },
  {
    type: 'bottleneck',
    members: { counts: 'function', schedule: 'function' },
    // What Bottleneck calls running may still wait for its time between two others.
    depth: (queue) => counted(queue, ['RECEIVED', 'QUEUED', 'RUNNING']),
    running: (queue) => counted(queue, ['EXECUTING']),
  },
  {
    // Its `size` is that of the pool; what waits are requests for one of its resources.
    type: 'generic-pool',
    members: { pending: 'number', borrowed: 'number', max: 'number' },
    depth: told('pending'),
    running: told('borrowed'),
    capacity: told('max'),
  },
];

const DEPTH_MEMBERS = ['waiting', 'queueSize', 'length', 'size'] as const;
const RUNNING_MEMBERS = ['running', 'active'] as const;

/** Members that `shapeOf` looks for, in words for an error message. */
export const RECOGNISED =
  'an array, Map, Set, or object with `size`, `length`, `waiting`, `queueSize` or `pendingCount`';

/** The shape of `queue`; undefined when it is none that tells a depth. */
export function shapeOf(queue: object): QueueShape | undefined {
  if (Array.isArray(queue)) return { type: 'array', depth: told('length') };
  if (queue instanceof Map) return { type: 'map', depth: told('size') };
  if (queue instanceof Set) return { type: 'set', depth: told('size') };
  return KNOWN_SHAPES.find(({ members }) => fits(queue, members)) ?? ownShape(queue);
}

function fits(queue: object, members: KnownShape['members']): boolean {
  return Object.entries(members).every(([key, type]) => typeof member(queue, key) === type);
}

function ownShape(queue: object): QueueShape | undefined {
  const tells = (key: string) => {
    // The `length` of a function counts its parameters.
    if (typeof queue === 'function' && key === 'length') return false;
    return typeof told(key)(queue) === 'number';
  };
  const depth = DEPTH_MEMBERS.find(tells);
  if (depth === undefined) return undefined;
  const running = RUNNING_MEMBERS.find(tells);
  return {
    type: 'custom',
    depth: told(depth),
    capacity: told('concurrency'),
    ...(running === undefined ? {} : { running: told(running) }),
  };
}

function member(queue: object, key: string): unknown {
  return (queue as Readonly<Record<string, unknown>>)[key];
}

// A figure that is a property, or a method without arguments.
function told(key: string): ReadQueue {
  return (queue) => {
    const value = member(queue, key);
    return typeof value === 'function' ? value.call(queue) : value;
  };
}

function counted(queue: object, states: readonly string[]): unknown {
  const counts = told('counts')(queue);
  if (typeof counts !== 'object' || counts === null) return undefined;
  return states.reduce((sum, state) => sum + Number(member(counts, state) ?? 0), 0);
}

function threadPoolCapacity(queue: object): unknown {
  const options = member(queue, 'options');
  return Number(figureOf(options, 'maxThreads')) * Number(figureOf(options, 'concurrentTasksPerWorker') ?? 1);
}

function poolifierCapacity(queue: object): unknown {
  const { enableTasksQueue, tasksQueueOptions } = Object(member(queue, 'opts'));
  const each = enableTasksQueue === true ? (figureOf(tasksQueueOptions, 'concurrency') ?? 1) : 1;
  return Number(figureOf(member(queue, 'info'), 'maxSize')) * Number(each);
}

function figureOf(figures: unknown, key: string): unknown {
  return typeof figures === 'object' && figures !== null ? member(figures, key) : undefined;
}
