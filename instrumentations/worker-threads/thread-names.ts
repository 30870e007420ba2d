// Names of worker threads, as `thread.name` shows them: read from the Worker, and from its options where Node keeps them to itself.
import { Worker } from 'node:worker_threads';
import { nameOf } from './worker-names.js';

/** Beyond this number of distinct names a worker is `other`. */
export const NAME_LIMIT = 50;

const OTHER = 'other';

const given = new WeakMap<Worker, string>();
let watchers = 0;
let unpatch: (() => void) | undefined;

/** Name that the code gave to `worker`, `worker` if none. */
export function threadNameOf(worker: Worker): string {
  return nameOf(worker, given.get(worker));
}

/** Maps names to themselves, and to `other` those that are new when `NAME_LIMIT` names are known. */
export function createNameLimit(): (name: string) => string {
  const known = new Set<string>();
  return (name) => {
    if (!known.has(name) && known.size >= NAME_LIMIT) return OTHER;
    known.add(name);
    return name;
  };
}

/**
 * Notes the names of workers from now on; returns its undo. Node >= 22.20 and >= 24.6 have `worker.threadName` and need
 * nothing; before, `Worker` becomes a proxy that reads `options.name`, for CommonJS and named ES imports alike.
 */
export function watchThreadNames(): () => void {
  if ('threadName' in Worker.prototype) return () => {};
  watchers++;
  unpatch ??= patchWorker();
  let stopped = false;
  return () => {
    if (stopped) return;
    stopped = true;
    if (--watchers > 0) return;
    unpatch?.();
    unpatch = undefined;
  };
}

function patchWorker(): () => void {
  // The module object that `require` gives out; an ES namespace cannot be written.
  const module = process.getBuiltinModule('node:worker_threads');
  const original = module.Worker;
  const proxy = new Proxy(original, {
    construct(target, argumentList, newTarget) {
      const worker: Worker = Reflect.construct(target, argumentList, newTarget === proxy ? target : newTarget);
      const name: unknown = nameIn(argumentList[1]);
      if (typeof name === 'string') given.set(worker, name.trim());
      return worker;
    },
  });
  setWorker(module, proxy);
  return () => {
    // Somebody else has wrapped ours meanwhile: it stays below theirs, where it does no more than pass on.
    if (module.Worker === proxy) setWorker(module, original);
  };
}

function nameIn(options: unknown): unknown {
  try {
    return (options as { readonly name?: unknown } | undefined)?.name;
  } catch {
    return undefined;
  }
}

// `worker.constructor === Worker` holds with the proxy as it does without.
function setWorker(module: { Worker: typeof Worker }, value: typeof Worker): void {
  module.Worker = value;
  Object.defineProperty(value.prototype, 'constructor', {
    value,
    writable: true,
    configurable: true,
    enumerable: false,
  });
  process.getBuiltinModule('node:module').syncBuiltinESMExports();
}
