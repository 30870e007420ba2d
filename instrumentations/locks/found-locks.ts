// The locks of libraries that are followed without anybody naming them.
import { lockState } from './lock-state.js';

/** From now on instances of `prototype` are followed by its methods; returns the undo. */
export function findLocksOf(prototype: object): () => void {
  const { prototypes } = lockState();
  prototypes.add(prototype);
  return () => {
    prototypes.delete(prototype);
  };
}

/** Whether a lock is followed by itself. */
export function isFoundByItself(lock: object): boolean {
  return lockState().prototypes.has(Object.getPrototypeOf(lock) as object);
}

/** What a lock is known by: of a Mutex of async-mutex the Semaphore that it is made of. */
export function innerLock(lock: object): object {
  const inner: unknown = Reflect.get(lock, '_semaphore');
  return typeof inner === 'object' && inner !== null ? inner : lock;
}
