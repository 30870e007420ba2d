// Found queues of one name and type: one set of series and one source of figures for all of them, so that a program that
// creates a queue for each request pays for little more than its tasks.
import { type QueueNaming, type QueueReading, type QueueSource, sharedState } from '../../src/shared-state.js';
import { QueueSeries } from './queue-series.js';
import { TaskQueue } from './task-queue.js';

/** So many names are told apart; queues of further ones are `other`. */
export const NAME_LIMIT = 100;
const OTHER = 'other';
/** Of more queues than this the capacity is not asked for: most of them are done and wait for the garbage collection. */
const QUEUES_ASKED = 1000;

/** A queue in a group: it holds the queue weakly, and nothing that may refer to it. */
export interface GroupMember {
  readonly target: WeakRef<object>;
  /** Another one once its tasks were forgotten. */
  tasks: TaskQueue;
  /** Whether the application has a monitor of its own for it, which tells the figures that are read. */
  isTold: boolean;
  group: QueueGroup | undefined;
}

/** What a queue tells of itself when it is asked. */
export interface QueueFigures {
  readonly capacity?: (queue: object) => number;
  readonly depth?: (queue: object) => number;
  readonly running?: (queue: object) => number;
}

type Report = (cause: string, error: unknown) => void;

const groups = new Map<string, QueueGroup>();

/**
 * Shows a queue under a name until `leaveGroup`, or until it is garbage-collected. Names that the application gave always
 * have a place.
 */
export function enterGroup(member: GroupMember, naming: QueueNaming, figuresOf: (queue: object) => QueueFigures): void {
  const known = groups.get(keyOf(naming));
  const isFull = known === undefined && groups.size >= NAME_LIMIT && !member.isTold;
  const group = known ?? groupOf(isFull ? { name: OTHER, type: naming.type } : naming, figuresOf);
  group.enter(member);
}

/** Takes a queue out of the metrics; what its tasks do later goes nowhere. */
export function leaveGroup(member: GroupMember): void {
  member.group?.leave(member);
}

/** Forgets the tasks of all queues of a type: who told of them does so no more. */
export function forgetTasks(type: string): void {
  for (const group of groups.values()) if (group.type === type) group.forgetTasks();
}

const keyOf = ({ name, type }: QueueNaming): string => `${type}\n${name}`;

function groupOf(naming: QueueNaming, figuresOf: (queue: object) => QueueFigures): QueueGroup {
  const key = keyOf(naming);
  let group = groups.get(key);
  if (group === undefined) {
    group = new QueueGroup(naming, figuresOf);
    groups.set(key, group);
    sharedState().queues.add(group);
  }
  return group;
}

class QueueGroup implements QueueSource {
  readonly name: string;
  readonly type: string;
  readonly #series: QueueSeries;
  readonly #members = new Set<GroupMember>();
  readonly #figuresOf: (queue: object) => QueueFigures;
  #prunedAt = QUEUES_ASKED;
  #isFailing = false;

  constructor({ name, type }: QueueNaming, figuresOf: (queue: object) => QueueFigures) {
    this.name = name;
    this.type = type;
    this.#series = new QueueSeries(name, type);
    this.#figuresOf = figuresOf;
  }

  enter(member: GroupMember): void {
    this.#members.add(member);
    member.group = this;
    member.tasks.series = this.#series;
    if (this.#members.size < this.#prunedAt) return;
    // Where nobody reads, nobody else notices that queues are gone.
    for (const one of this.#members) if (one.target.deref() === undefined) this.#members.delete(one);
    this.#prunedAt = Math.max(QUEUES_ASKED, this.#members.size * 2);
  }

  leave(member: GroupMember): void {
    member.group = undefined;
    member.tasks.series = undefined;
    this.#members.delete(member);
    if (this.#members.size === 0) this.#end();
  }

  forgetTasks(): void {
    for (const member of this.#members) {
      member.tasks.series = undefined;
      member.tasks = new TaskQueue(this.#series, member.tasks.clock);
    }
  }

  refresh(): void {
    this.#series.refresh();
  }

  read(report: Report): QueueReading | undefined {
    const isAsked = this.#members.size <= QUEUES_ASKED;
    const sum = { depth: 0, running: 0, capacity: 0, oldestAgeMs: 0 };
    for (const member of this.#members) {
      const { target, tasks, isTold } = member;
      const queue = target.deref();
      if (queue === undefined) {
        this.#members.delete(member);
        continue;
      }
      const own = tasks.read(Number.NaN);
      sum.oldestAgeMs = Math.max(sum.oldestAgeMs, own.oldestAgeMs);
      if (isTold) continue;
      const { depth, running, capacity } = isAsked ? this.#figuresOf(queue) : {};
      sum.depth += this.#ask(depth, queue, own.depth, report);
      sum.running += this.#ask(running, queue, own.running, report);
      sum.capacity += this.#ask(capacity, queue, Number.NaN, report);
    }
    if (this.#members.size > 0) return sum;
    this.#end();
    return undefined;
  }

  #ask(tell: ((queue: object) => number) | undefined, queue: object, otherwise: number, report: Report): number {
    if (tell === undefined) return otherwise;
    try {
      const value = tell(queue);
      // An infinite capacity is no bound.
      return typeof value === 'number' && value >= 0 && Number.isFinite(value) ? value : otherwise;
    } catch (error) {
      if (!this.#isFailing) report('a queue of a library could not be read', error);
      this.#isFailing = true;
      return otherwise;
    }
  }

  #end(): void {
    groups.delete(keyOf(this));
    sharedState().queues.delete(this);
    this.#series.end();
  }
}
