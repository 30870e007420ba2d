// Every message that a port hands to the program, without a listener of ours: that would start the port, or keep the loop alive.
// Small, because it is loaded into every worker thread.

type Dispatch = (this: object, ...args: unknown[]) => unknown;

// Node's name for what the native side of a port calls with each message; a symbol that nothing exports.
const DISPATCH = 'nodejs.internal.kHybridDispatch';
const PUBLIC_PORT = 'kPublicPort';

/**
 * Calls `received` before each message of `port` is handed out, with whether it can be read; returns the undo, undefined
 * where this version of Node has no such place.
 */
export function watchReceived(port: object, received: (isReadable: boolean) => void): (() => void) | undefined {
  const key = dispatchOf(port);
  const original: unknown = key === undefined ? undefined : Reflect.get(port, key);
  if (key === undefined || typeof original !== 'function' || Object.hasOwn(port, key)) return undefined;
  const dispatch: Dispatch = function (...args) {
    // Data, type and event.
    const type = args[1];
    try {
      if (type === 'message' || type === 'messageerror') received(type === 'message');
    } catch {
      // The message matters more.
    }
    return Reflect.apply(original, this, args);
  };
  const defined = Reflect.defineProperty(port, key, { value: dispatch, configurable: true, writable: true });
  if (!defined) return undefined;
  return () => {
    if (Object.getOwnPropertyDescriptor(port, key)?.value === dispatch) Reflect.deleteProperty(port, key);
  };
}

/** The port through which the creator of `worker` talks with it; undefined where this version of Node has none of that name. */
export function publicPortOf(worker: object): object | undefined {
  const key = Object.getOwnPropertySymbols(worker).find(({ description }) => description === PUBLIC_PORT);
  const port: unknown = key === undefined ? undefined : Reflect.get(worker, key);
  return typeof port === 'object' && port !== null ? port : undefined;
}

function dispatchOf(port: object): symbol | undefined {
  for (let owner: object | null = port; owner !== null; owner = Object.getPrototypeOf(owner)) {
    const key = Object.getOwnPropertySymbols(owner).find(({ description }) => description === DISPATCH);
    if (key !== undefined) return key;
  }
  return undefined;
}
