// Web Locks, `navigator.locks`, where Node has them (24 and newer).
import { replaceAccessor, replaceMethod, undoAll } from '../../src/loading/replace.js';
import { leave, queueUp } from '../../src/loading/turns.js';
import { runApart, runInFlow } from './flows.js';
import { guarded } from './guarded.js';
import type { LockUse } from './lock-use.js';
import { whenSettled } from './settled.js';
import { askFor } from './watched-lock.js';

type Callback = (this: unknown, lock: unknown) => unknown;
type Request = (this: object, ...args: unknown[]) => unknown;

const TURN = 'web-locks';

/** Follows the locks of this thread; returns the undo. Where there are none, or another one follows them, it does nothing. */
export function watchWebLocks(): () => void {
  let undo = () => {};
  const turn = {
    begin() {
      undo = patchNavigator();
    },
    end: () => undo(),
  };
  if (queueUp(TURN, turn)) turn.begin();
  return () => leave(TURN, turn);
}

function patchNavigator(): () => void {
  const { Navigator, navigator } = globalThis as {
    readonly Navigator?: { readonly prototype: object };
    readonly navigator?: { readonly locks?: unknown };
  };
  if (Navigator === undefined || !('locks' in Navigator.prototype)) return () => {};
  const undos: (() => void)[] = [];
  let isPatched = false;

  function patch(locks: unknown): void {
    if (isPatched || typeof locks !== 'object' || locks === null) return;
    isPatched = true;
    guarded(() => undos.push(replaceMethod(Object.getPrototypeOf(locks) as object, 'request', watchRequest)));
  }

  // Asking for `locks` makes Node load what hardly any application uses.
  undos.push(
    replaceAccessor(
      Navigator.prototype,
      'locks',
      'get',
      (get) =>
        function (this: object) {
          const locks: unknown = Reflect.apply(get, this, []);
          patch(locks);
          return locks;
        },
    ),
  );
  // Whoever has asked for it already need not do so again.
  if (isLoaded()) patch(navigator?.locks);
  return () => {
    isPatched = true;
    undoAll(undos);
  };
}

function isLoaded(): boolean {
  const { moduleLoadList } = process as { readonly moduleLoadList?: unknown };
  return Array.isArray(moduleLoadList) && moduleLoadList.includes('NativeModule internal/locks');
}

interface Named {
  uses: number;
}

/**
 * What stands for each lock, which Node knows by its name alone: as long as somebody has to do with it, and a little longer,
 * because it costs more to begin anew. The name is no name of a series: names of locks are made of what clients sent, such
 * as ids of users.
 */
const inUse = new Map<string, Named>();
const idle = new Map<string, Named>();
const MOST_IDLE = 100;
/** Longer names are not kept. */
const LONGEST_KEPT = 200;

function begin(name: string): Named {
  const lock = inUse.get(name) ?? idle.get(name) ?? { uses: 0 };
  lock.uses++;
  idle.delete(name);
  inUse.set(name, lock);
  return lock;
}

function end(name: string, lock: Named): void {
  lock.uses--;
  if (lock.uses > 0) return;
  inUse.delete(name);
  if (name.length > LONGEST_KEPT) return;
  idle.set(name, lock);
  if (idle.size <= MOST_IDLE) return;
  for (const oldest of idle.keys()) {
    idle.delete(oldest);
    return;
  }
}

function watchRequest(request: Request): Request {
  return function watched(...args) {
    const [name, second, third] = args;
    const callback = third === undefined ? second : third;
    const options = third === undefined ? undefined : second;
    if (typeof name !== 'string' || typeof callback !== 'function') return Reflect.apply(request, this, args);
    const lock = begin(name);
    const use = guarded(() => askFor(lock, { below: watched, isExclusive: !isShared(options), isScoped: true }));
    const over = () => {
      use?.gaveUp();
      use?.released();
      end(name, lock);
    };
    const others = [...args];
    // Nobody but Node sees it, so that it need not look like the application's.
    if (use !== undefined) others[third === undefined ? 1 : 2] = callbackOf(callback as Callback, use);
    try {
      return whenSettled(
        runApart(() => Reflect.apply(request, this, others)),
        (value) => {
          over();
          return value;
        },
        over,
      );
    } catch (error) {
      over();
      throw error;
    }
  };
}

function isShared(options: unknown): boolean {
  return typeof options === 'object' && options !== null && 'mode' in options && options.mode === 'shared';
}

// With `ifAvailable` there may be no lock to be had.
function callbackOf(callback: Callback, use: LockUse): Callback {
  return function (lock) {
    if (lock === null) use.gaveUp();
    else use.granted();
    return lock === null
      ? Reflect.apply(callback, this, [lock])
      : runInFlow(use, () => Reflect.apply(callback, this, [lock]));
  };
}
