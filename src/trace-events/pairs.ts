// Beginnings and ends of the same thing, put together as they come.
import type { TraceEvent } from './trace-event.js';

/** Puts events together; what began before the trace is left out. */
export interface Pairs {
  /** Takes an event; returns the duration in microseconds where it ends something. */
  add(event: TraceEvent): number | undefined;
}

/** Pairs of a thread, `B` and `E`, which stand within each other, and durations of their own, `X`. */
export function pairsOfThreads(): Pairs {
  const stacks = new Map<number, TraceEvent[]>();
  return {
    add(event) {
      const stack = stacks.get(event.tid) ?? [];
      stacks.set(event.tid, stack);
      if (event.ph === 'X') return event.dur ?? 0;
      if (event.ph === 'B') stack.push(event);
      if (event.ph !== 'E') return undefined;
      // An end whose beginning is not on top began before the trace, or what stands above it was cut off.
      const at = stack.findLastIndex(({ name }) => name === event.name);
      const [begun] = at === -1 ? [] : stack.splice(at);
      return begun === undefined ? undefined : event.ts - begun.ts;
    },
  };
}

/** Pairs of what is under way beside others, `b` and `e`, by their id. */
export function pairsById(): Pairs {
  const begun = new Map<string, TraceEvent>();
  return {
    add(event) {
      const key = `${event.name} ${event.id ?? ''}`;
      if (event.ph === 'b') begun.set(key, event);
      if (event.ph !== 'e') return undefined;
      const from = begun.get(key);
      begun.delete(key);
      return from === undefined ? undefined : event.ts - from.ts;
    },
  };
}
