// The first event at a worker's port: what handles it is no start-up any more, even if the loop has not turned until then.
import { parentPort } from 'node:worker_threads';

/** What Node calls on a port for each event, in all versions that are supported. */
const DISPATCH = 'nodejs.internal.kHybridDispatch';

/** Calls `onFirst`, which must not throw, just before the first event of this worker's port is dispatched, where Node allows it. */
export function watchFirstMessage(onFirst: () => void): void {
  const port = parentPort;
  const key = port === null ? undefined : dispatchKey(port);
  if (port === null || key === undefined) return;
  // A getter, and no function: it leaves no frame in the stacks of those who listen.
  Object.defineProperty(port, key, {
    configurable: true,
    get() {
      Reflect.deleteProperty(port, key);
      onFirst();
      return Reflect.get(port, key);
    },
  });
}

function dispatchKey(port: object): symbol | undefined {
  for (let owner: object | null = port; owner !== null; owner = Object.getPrototypeOf(owner)) {
    const key = Object.getOwnPropertySymbols(owner).find(({ description }) => description === DISPATCH);
    if (key !== undefined) return key;
  }
  return undefined;
}
