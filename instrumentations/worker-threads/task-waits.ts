// In a worker: waits for the next task outside of its loop, as in the idle workers of Piscina and Tinypool. Their loops do not
// turn, and are not held either: whoever comes is served at once.
// Small, because it is loaded into every worker thread.
import { callSites } from '../../src/call-sites.js';
import { replaceMethod } from '../../src/loading/replace.js';
import { originOf } from '../../src/stalls/blame/frames.js';

/** A wait that comes from deeper down is taken for one of the application. */
const FRAMES = 24;
/** Places of one memory that are known; a lock for each of very many objects needs none. */
const PLACES = 64;

export interface TaskWaits {
  /** Such a wait begins; returns whether it is to be told of its end. */
  readonly begun: () => boolean;
  readonly over: () => void;
  /** Any other wait begins. */
  readonly held?: () => void;
}

/**
 * Tells of each `Atomics.wait` of this thread with no code of the application on the stack: nobody waits then but a package,
 * for work. A place in shared memory is asked about once. Returns the undo.
 */
export function watchTaskWaits({ begun, over, held }: TaskWaits): () => void {
  const known = new WeakMap<object, Map<unknown, boolean>>();

  function isForTasks(array: unknown, index: unknown): boolean {
    const buffer: unknown = (array as { readonly buffer?: unknown } | null | undefined)?.buffer;
    if (typeof buffer !== 'object' || buffer === null) return false;
    let places = known.get(buffer);
    if (places === undefined) {
      places = new Map();
      known.set(buffer, places);
    }
    let answer = places.get(index);
    if (answer === undefined) {
      answer = places.size < PLACES && isOfPackage();
      if (places.size < PLACES) places.set(index, answer);
    }
    return answer;
  }

  function begins(array: unknown, index: unknown): boolean {
    if (isForTasks(array, index)) return begun();
    held?.();
    return false;
  }

  try {
    return replaceMethod(
      Atomics,
      'wait',
      (original) =>
        ({
          wrapper(this: unknown, ...args: unknown[]): unknown {
            if (!attempt(() => begins(args[0], args[1]))) return Reflect.apply(original, this, args);
            try {
              return Reflect.apply(original, this, args);
            } finally {
              attempt(over);
            }
          },
        }).wrapper,
    );
  } catch {
    // Frozen intrinsics.
    return () => {};
  }
}

function isOfPackage(): boolean {
  const files = callSites(isOfPackage, FRAMES).map((site) => site.getFileName() ?? '');
  // The innermost is this one. All that is loaded into a worker is one file, and may hand out the message that is is handled below.
  const origins = files.filter((file) => file !== files[0]).map(originOf);
  return files.length < FRAMES && origins.includes('package') && !origins.includes('application');
}

// The wait matters more than that it is known.
function attempt<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch {
    return undefined;
  }
}
