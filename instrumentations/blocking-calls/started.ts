// When a program counts as started: once it serves, or has run for 10 s. What it does before that delays nobody.
import { clearInterval, setInterval } from 'node:timers';
import type { Clock } from '../../src/clock.js';
import type { Monitor } from '../../src/instrumentation.js';

const START_MS = 10_000;
const LOOK_EVERY_MS = 100;

/** Calls `begin` once the program has started, or never if it is stopped before. */
export function onStarted(clock: Clock, begin: () => void): Monitor {
  const latestMs = clock.monotonicMs() + START_MS;
  const timer = setInterval(() => {
    if (clock.monotonicMs() < latestMs && !process.getActiveResourcesInfo().includes('TCPServerWrap')) return;
    clearInterval(timer);
    begin();
  }, LOOK_EVERY_MS).unref();
  return { stop: () => clearInterval(timer) };
}
