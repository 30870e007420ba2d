// Finds an observer that does not turn, from the main thread: it would serve nothing and find no stall.
import { FLAG, type Heartbeat } from './heartbeat.js';

const CHECK_EVERY_MS = 15_000;
/** A process that was stopped, or a machine that slept, wakes up with one check due at once: it takes more than one. */
const CHECKS = 2;

/** Calls `onStuck` when the observer has not looked at any loop between a few checks; returns its undo. */
export function watchLooks({ flags }: Heartbeat, onStuck: () => void): () => void {
  let before = Atomics.load(flags, FLAG.looks);
  let unchanged = 0;
  const timer = setInterval(() => {
    const looks = Atomics.load(flags, FLAG.looks);
    unchanged = looks === before ? unchanged + 1 : 0;
    before = looks;
    if (unchanged < CHECKS) return;
    unchanged = 0;
    onStuck();
  }, CHECK_EVERY_MS);
  timer.unref();
  return () => clearInterval(timer);
}
