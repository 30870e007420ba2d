// The tasks of piscina and tinypool: each is an asynchronous resource that is created within `run`, released to a worker,
// and done. Their class is in no export: the first task shows it.
import { createHook } from 'node:async_hooks';
import { replaceMethod, undoAll } from '../../../src/loading/replace.js';
import type { QueueTask } from '../task-queue.js';
import { type MarkedClass, markObjects } from './marked-class.js';

type TaskClass = abstract new (...args: never[]) => object;

/** Sees the tasks of one library come into being, start and end. */
export interface ThreadPoolTasks {
  /** `task` comes in until it is told to `leave`; returns the one within whose coming that is. */
  enter(task: QueueTask): QueueTask | undefined;
  /** What came in last is `task`, within `outer`. Returns whether the library made an object for it. */
  leave(task: QueueTask, outer: QueueTask | undefined): boolean;
  undo(): void;
}

/** Follows the tasks of a library that are asynchronous resources of the type `resource`. */
export function followThreadPoolTasks(resource: string): ThreadPoolTasks {
  const undos: (() => void)[] = [];
  /** The task that comes in right now, until the library's own object is there. */
  let entering: QueueTask | undefined;
  let marked: MarkedClass<QueueTask> | undefined;
  let isLearnt = false;
  let isLooking = false;
  /** The object that showed the class was created before the class could be changed. */
  let first: { readonly object: object; readonly task: QueueTask | undefined } | undefined;

  const hook = createHook({
    init(_id, type, _trigger, object) {
      if (type !== resource || isLearnt) return;
      isLearnt = true;
      first = { object, task: next() };
      follow(object.constructor as TaskClass);
    },
  });

  function next(): QueueTask | undefined {
    const task = entering;
    entering = undefined;
    return task;
  }

  function taskOf(object: object): QueueTask | undefined {
    return object === first?.object ? first.task : marked?.of(object);
  }

  function done(object: object, error: unknown): void {
    const task = taskOf(object);
    if (object === first?.object) first = undefined;
    if (task === undefined) return;
    // Of a task that has started this does nothing; of one that has not, what follows does nothing.
    task.dropped();
    if (error === null || error === undefined) task.finished();
    else task.failed();
  }

  function follow(Task: TaskClass): void {
    try {
      marked = markObjects(Task, next);
      undos.push(marked.undo);
      undos.push(
        replaceMethod(Task.prototype, 'releaseTask', (original) => {
          return function (this: object, ...args) {
            taskOf(this)?.started();
            return original.apply(this, args);
          };
        }),
        replaceMethod(Task.prototype, 'done', (original) => {
          return function (this: object, ...args) {
            done(this, args[0]);
            return original.apply(this, args);
          };
        }),
      );
    } catch {
      // Not as this version should be: depth and running stay at what `run` alone tells.
      undoAll(undos.splice(0));
    }
  }

  function look(on: boolean): void {
    if (on === isLooking) return;
    isLooking = on;
    if (on) hook.enable();
    else hook.disable();
  }

  return {
    enter(task) {
      const outer = entering;
      entering = task;
      if (!isLearnt) look(true);
      return outer;
    },
    leave(task, outer) {
      const isThere = entering !== task;
      entering = outer;
      if (isLooking) look(!isLearnt && outer !== undefined);
      return isThere;
    },
    undo: () => undoAll(undos.splice(0)),
  };
}
