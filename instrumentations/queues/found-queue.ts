// Queues of libraries, which nobody had to name: their tasks are told by the patches of the library.
import { type Clock, systemClock } from '../../src/clock.js';
import { beginOffload } from '../../src/offload.js';
import { type QueueNaming, type QueueReading, type RenamedQueue, sharedState } from '../../src/shared-state.js';
import { creatorName } from './creator-name.js';
import { enterGroup, type GroupMember, leaveGroup, type QueueFigures } from './queue-group.js';
import { type QueueTask, TaskQueue } from './task-queue.js';

/** Options of `foundQueue`; each function is given the queue, so that it need not keep it alive. */
export interface FoundQueueOptions<Q extends object = object> {
  /** Kind of the queue in the metrics: the name of the library's package. */
  readonly type: string;
  /** Name of the queue in the metrics. @default the place that created it, as `src/mail.ts` */
  readonly name?: string;
  /** The function that the application called, below which the place is looked for: that is quicker. */
  readonly below?: (...args: never[]) => unknown;
  /** Tells how many tasks may run at the same time. @default no bound */
  readonly capacity?: (queue: Q) => number;
  /** Tells how many tasks wait. @default those that were added and not started */
  readonly depth?: (queue: Q) => number;
  /** Tells how many tasks run. @default those that were started and not ended */
  readonly running?: (queue: Q) => number;
  /** Whether the tasks run in other threads. @default false */
  readonly offloads?: boolean;
}

/** A queue of a library. None of the calls throws. */
export interface FoundQueue {
  readonly type: string;
  /** A task came in; tell the task when it starts and how it ends. */
  added(): QueueTask;
  /** Every task that waits was taken out without having run. */
  emptied(): void;
  /** How it stands, as far as it is known. Throws where the queue does when it is asked. */
  read(): QueueReading;
  /** Shows the queue under another name from now on. */
  rename(name: string): void;
  /** Takes the queue out of the metrics; later calls are harmless. */
  stop(): void;
}

/**
 * The tasks of a queue of a library, which is held weakly: it leaves the metrics with the queue. The same queue gives the
 * same object, and queues of one name and type add up. Call it where the queue is created, so that the place can name it:
 * the innermost frame on the stack that is neither ours nor of the package `type`. Never throws.
 */
export function foundQueue<Q extends object>(queue: Q, options: FoundQueueOptions<Q>): FoundQueue {
  return knownQueue(queue) ?? createFoundQueue(queue, options, systemClock);
}

/** The queue that was found already, or undefined: for patches that must not find one late. */
export function knownQueue(queue: object): FoundQueue | undefined {
  return sharedState().foundQueues?.get(queue) as (RenamedQueue & FoundQueue) | undefined;
}

/** As `foundQueue` for a queue that is not known yet, with a clock of the caller's choice. */
export function createFoundQueue<Q extends object>(queue: Q, options: FoundQueueOptions<Q>, clock: Clock): FoundQueue {
  const state = sharedState();
  state.foundQueues ??= new WeakMap();
  const { type, below } = options;
  const own = { name: options.name ?? creatorName(below ?? createFoundQueue, type, below !== undefined), type };
  const found = new Found(queue, options as unknown as FoundQueueOptions, own, clock);
  state.foundQueues.set(queue, found);
  return found;
}

class Found implements FoundQueue, RenamedQueue {
  // The functions may refer to the queue: only what the queue itself is the key of holds them.
  readonly figures: QueueFigures;
  readonly #member: GroupMember;
  readonly #offloads: boolean;
  #own: QueueNaming;
  #stopped = false;

  constructor(queue: object, figures: FoundQueueOptions, own: QueueNaming, clock: Clock) {
    this.figures = figures;
    this.#offloads = figures.offloads === true;
    this.#own = own;
    const given = givenName(queue);
    this.#member = {
      target: new WeakRef(queue),
      tasks: new TaskQueue(undefined, clock),
      isTold: given !== undefined,
      group: undefined,
    };
    enterGroup(this.#member, given ?? own, figuresOf);
  }

  get type(): string {
    return this.#own.type;
  }

  added(): QueueTask {
    const task = this.#member.tasks.added();
    const back = this.#offloads ? beginOffload() : undefined;
    return back === undefined ? task : offloadedTask(task, back);
  }

  emptied(): void {
    this.#member.tasks.emptied();
  }

  read(): QueueReading {
    const { target, tasks } = this.#member;
    const queue = target.deref();
    const own = tasks.read(Number.NaN);
    const { depth, running, capacity } = this.figures;
    const ask = (tell: ((queue: object) => number) | undefined, otherwise: number) =>
      tell === undefined || queue === undefined ? otherwise : tell(queue);
    return {
      depth: ask(depth, own.depth),
      running: ask(running, own.running),
      capacity: ask(capacity, own.capacity),
      oldestAgeMs: own.oldestAgeMs,
    };
  }

  rename(name: string): void {
    this.#own = { name, type: this.#own.type };
    this.renamed();
  }

  renamed(): void {
    const queue = this.#member.target.deref();
    if (this.#stopped || queue === undefined) return;
    const given = givenName(queue);
    leaveGroup(this.#member);
    this.#member.isTold = given !== undefined;
    enterGroup(this.#member, given ?? this.#own, figuresOf);
  }

  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    leaveGroup(this.#member);
  }
}

function figuresOf(queue: object): QueueFigures {
  return (sharedState().foundQueues?.get(queue) as Found | undefined)?.figures ?? {};
}

// Only for calls that are measured: a wrapper for each task would be dear.
function offloadedTask(task: QueueTask, back: () => void): QueueTask {
  const backThen = (end: () => void) => () => {
    back();
    end();
  };
  return {
    started: () => task.started(),
    finished: backThen(() => task.finished()),
    failed: backThen(() => task.failed()),
    dropped: backThen(() => task.dropped()),
  };
}

function givenName(queue: object): QueueNaming | undefined {
  return sharedState().queueNames?.get(queue);
}
