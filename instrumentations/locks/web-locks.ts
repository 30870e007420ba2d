// Web Locks, `navigator.locks`, where Node has them (24 and newer).
import { disguise, replaceAccessor, replaceMethod, undoAll } from '../../src/loading/replace.js';
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
  const { Navigator } = globalThis as { readonly Navigator?: { readonly prototype: object } };
  if (Navigator === undefined || !('locks' in Navigator.prototype)) return () => {};
  const undos: (() => void)[] = [];
  let isPatched = false;
  // Asking for `locks` makes Node load what hardly any application uses.
  undos.push(
    replaceAccessor(
      Navigator.prototype,
      'locks',
      'get',
      (get) =>
        function (this: object) {
          const locks: unknown = Reflect.apply(get, this, []);
          if (!isPatched && typeof locks === 'object' && locks !== null) {
            isPatched = true;
            guarded(() => undos.push(replaceMethod(Object.getPrototypeOf(locks) as object, 'request', watchRequest)));
          }
          return locks;
        },
    ),
  );
  return () => {
    isPatched = true;
    undoAll(undos);
  };
}

/**
 * What stands for each lock, which Node knows by its name alone; as long as somebody has to do with it. The name is no name
 * of a series: names of locks are made of what clients sent, such as ids of users.
 */
const lockOf = new Map<string, { uses: number }>();

function watchRequest(request: Request): Request {
  return function watched(...args) {
    const [name, second, third] = args;
    const callback = third === undefined ? second : third;
    const options = third === undefined ? undefined : second;
    if (typeof name !== 'string' || typeof callback !== 'function') return Reflect.apply(request, this, args);
    const lock = lockOf.get(name) ?? { uses: 0 };
    const use = guarded(() => askFor(lock, { below: watched, isExclusive: !isShared(options), isScoped: true }));
    if (use === undefined) return Reflect.apply(request, this, args);
    lockOf.set(name, lock);
    lock.uses++;
    const end = () => {
      use.gaveUp();
      use.released();
      lock.uses--;
      if (lock.uses === 0 && lockOf.get(name) === lock) lockOf.delete(name);
    };
    const others = [...args];
    others[third === undefined ? 1 : 2] = disguise(callbackOf(callback as Callback, use), callback as Callback);
    try {
      return whenSettled(
        runApart(() => Reflect.apply(request, this, others)),
        (value) => {
          end();
          return value;
        },
        end,
      );
    } catch (error) {
      end();
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
