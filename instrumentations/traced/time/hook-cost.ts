// What hooks make of the cost of an asynchronous resource, on this machine and now: it is tried.
import { type AsyncHook, AsyncResource } from 'node:async_hooks';

const RESOURCES = 16;
const ROUNDS = 6;

/** Less cannot be told from nothing, in milliseconds. */
const LEAST_MS = 5e-5;

/** Enables `hook` and returns what it costs for each resource that is made and runs once, in milliseconds. */
export function enableAndMeasure(hook: AsyncHook, nowMs: () => number): number {
  const withoutMs = quickest(nowMs);
  hook.enable();
  return Math.max(LEAST_MS, quickest(nowMs) - withoutMs);
}

// The quickest round, because a thread may lose its processor in any of them.
function quickest(nowMs: () => number): number {
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    const startMs = nowMs();
    for (let i = 0; i < RESOURCES; i++) new AsyncResource('loopsight').runInAsyncScope(doNothing);
    least = Math.min(least, nowMs() - startMs);
  }
  return least / RESOURCES;
}

function doNothing(): void {}
