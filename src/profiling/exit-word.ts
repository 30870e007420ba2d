// The main thread's word that the process exits, as it reaches the observer: without looking for it all the time.
import { setInterval } from 'node:timers';
import { EXITING, FLAG, type Heartbeat } from '../observer/heartbeat.js';

/** Where it is not told of, it is looked for this often, in milliseconds. */
const LOOK_EVERY_MS = 4;

type Flags = Heartbeat['flags'];
type WaitAsync = (
  typed: Int32Array,
  index: number,
  value: number,
) => { readonly async: true; readonly value: Promise<string> } | { readonly async: false };

/** One wait for each process, whoever listens: a wait cannot be taken back. */
const watched = new WeakMap<Flags, Set<() => void>>();

const word = (flags: Flags): number => Atomics.load(flags, FLAG.exiting);

/** Whether the process exits. */
export const isExiting = ({ flags }: Pick<Heartbeat, 'flags'>): boolean => word(flags) === EXITING.yes;

/** Calls `listener` once when the process exits; at once where it does already. Returns its undo. Keeps no thread alive. */
export function whenExiting({ flags }: Pick<Heartbeat, 'flags'>, listener: () => void): () => void {
  const told = () => listener();
  listenersOf(flags).add(told);
  if (isExiting({ flags })) tell(flags);
  return () => void watched.get(flags)?.delete(told);
}

function listenersOf(flags: Flags): Set<() => void> {
  let listeners = watched.get(flags);
  if (listeners === undefined) {
    listeners = new Set();
    watched.set(flags, listeners);
    watch(flags);
  }
  return listeners;
}

function tell(flags: Flags): void {
  const listeners = watched.get(flags) ?? new Set();
  for (const listener of [...listeners]) {
    listeners.delete(listener);
    listener();
  }
}

function watch(flags: Flags): void {
  const { waitAsync } = Atomics as unknown as { readonly waitAsync?: WaitAsync };
  const look = () => {
    if (isExiting({ flags })) tell(flags);
  };
  function wait(): void {
    for (;;) {
      look();
      const waiting = waitAsync?.(flags, FLAG.exiting, word(flags));
      // The word has changed between the two.
      if (waiting?.async !== true) continue;
      void waiting.value.then(wait);
      return;
    }
  }
  if (waitAsync === undefined) setInterval(look, LOOK_EVERY_MS).unref();
  else wait();
}
