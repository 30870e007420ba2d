// A loop that turns and turns without anything to do: it has no lag, so that neither probes nor heartbeats show it.
import { performance, type UVMetrics } from 'node:perf_hooks';
import { lostSleep } from '../../lost-sleep.js';
import { readLoopMetrics } from './loop-metrics.js';
import { field, LOOP } from './loop-record.js';
import type { TurnRequests } from './next-turn.js';

/** What a loop did in a while. */
export interface LoopActivity {
  readonly seconds: number;
  /** Share of the time in which the loop did not sleep. */
  readonly utilization: number;
  readonly iterations: number;
  /** Events of the system (I/O) that it processed. */
  readonly events: number;
}

/** A spinning loop hardly ever sleeps, … */
const UTILIZATION_FROM = 0.9;
/** … turns this often in a second, … */
const ITERATIONS_FROM = 300;
/** … and finds an event in fewer turns than this share. */
const EVENTS_BELOW = 0.1;

/** Whether a loop spins: busy with turning, not with work that came from outside. */
export function isSpinning({ seconds, utilization, iterations, events }: LoopActivity): boolean {
  return (
    seconds > 0 &&
    utilization >= UTILIZATION_FROM &&
    iterations / seconds >= ITERATIONS_FROM &&
    events < iterations * EVENTS_BELOW
  );
}

/** Looked at this often, in milliseconds. */
const WINDOW_MS = 1000;

/** While it spins, what keeps it turning is looked for again this often, in milliseconds. */
const NAME_EVERY_MS = 10_000;

/** A watch over whether the calling thread's loop spins. */
export interface SpinWatch {
  /** Called at each turn of our timer. */
  sample(nowMs: number): void;
  stop(): void;
}

/** Keeps the record's word of whether the calling thread's loop spins; `requests` names what keeps it turning. */
export function createSpinWatch(record: Float64Array, requests: TurnRequests | undefined): SpinWatch {
  let lookedMs = 0;
  let before: { readonly atMs: number; readonly idleMs: number; readonly uv: UVMetrics } | undefined;
  return {
    sample(nowMs) {
      if (before !== undefined && nowMs - before.atMs < WINDOW_MS) return;
      const uv = readLoopMetrics();
      if (uv === undefined) return;
      const now = { atMs: nowMs, idleMs: performance.nodeTiming.idleTime + lostSleep().ms, uv };
      if (before !== undefined) {
        const ms = nowMs - before.atMs;
        const spins = isSpinning({
          seconds: ms / 1000,
          utilization: 1 - (now.idleMs - before.idleMs) / ms,
          iterations: uv.loopCount - before.uv.loopCount,
          events: uv.events - before.uv.events,
        });
        // Since when, so that whoever reads it later can count the time.
        if (!spins) record[LOOP.spinning] = 0;
        else if (field(record, LOOP.spinning) === 0) {
          record[LOOP.spinning] = before.atMs;
          lookedMs = 0;
        }
        requests?.end();
        if (spins && nowMs - lookedMs >= NAME_EVERY_MS) {
          lookedMs = nowMs;
          requests?.begin(field(record, LOOP.spinning));
        }
      }
      before = now;
    },
    stop() {
      requests?.end();
    },
  };
}
