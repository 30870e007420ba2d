// Measures the lag of a loop from outside: now and then a callback arrives, and what it waited is read from the clock.
import { setTimeout } from 'node:timers';
import type { CdpConnection } from '../cdp/connection.js';
import type { Clock } from '../clock.js';
import { ARRIVAL_EXPRESSION } from './expressions.js';

/** Mean time between arrivals. They come at random, so that they do not keep step with the application's timers. */
const MEAN_MS = 100;
/** What the way there and back takes on a busy machine. */
const CLOCK_TOLERANCE_MS = 1;

/** The arrivals since they were last read. */
export interface Arrivals {
  /** Mean and longest wait in milliseconds; undefined where nothing arrived. */
  readonly lagMs: number | undefined;
  readonly worstLagMs: number | undefined;
  /** How long the one has waited that waits now, in milliseconds; 0 where none does. */
  readonly waitingMs: number;
}

export interface ArrivalProbe {
  /** What was measured since the last reading. */
  read(): Arrivals;
  /** Twice is harmless. */
  stop(): void;
}

/** Starts measuring. `random` gives numbers from 0 to 1. */
export function startArrivals(
  connection: CdpConnection,
  clock: Clock,
  random: () => number = Math.random,
): ArrivalProbe {
  let waits: number[] = [];
  let sentMs: number | undefined;
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;

  function arm(): void {
    if (stopped) return;
    timer = setTimeout(arrive, Math.min(-Math.log(1 - random()) * MEAN_MS, 10 * MEAN_MS));
  }

  function arrive(): void {
    const atMs = clock.monotonicMs();
    sentMs = atMs;
    connection
      .post('Runtime.evaluate', {
        expression: ARRIVAL_EXPRESSION,
        awaitPromise: true,
        returnByValue: true,
        silent: true,
      })
      .then((answer) => {
        const waitMs = waitOf(answer, atMs, clock.monotonicMs());
        if (waitMs !== undefined) waits.push(waitMs);
      })
      // The connection has ended, or the thread has no such functions.
      .catch(() => {})
      .finally(() => {
        sentMs = undefined;
        arm();
      });
  }
  arrive();

  return {
    read() {
      const waitingMs = sentMs === undefined ? 0 : clock.monotonicMs() - sentMs;
      const all = [...waits, ...(waitingMs > MEAN_MS ? [waitingMs] : [])];
      waits = [];
      if (all.length === 0) return { lagMs: undefined, worstLagMs: undefined, waitingMs };
      return {
        lagMs: all.reduce((sum, ms) => sum + ms, 0) / all.length,
        worstLagMs: Math.max(...all),
        waitingMs,
      };
    },
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}

/** What the callback waited from when it was sent; undefined where the answer is none. */
export function waitOf(answer: unknown, sentMs: number, receivedMs: number): number | undefined {
  const { result } = (answer ?? {}) as { readonly result?: { readonly value?: unknown } };
  if (!Array.isArray(result?.value)) return undefined;
  const [arrivedMs, reachedMs] = result.value.map(millisecondsOf);
  if (arrivedMs === undefined || reachedMs === undefined || !(reachedMs >= arrivedMs)) return undefined;
  const isOurClock = arrivedMs >= sentMs - CLOCK_TOLERANCE_MS && reachedMs <= receivedMs + CLOCK_TOLERANCE_MS;
  // A container can have a clock of its own; then the way there is not seen, and neither is a native call that held it up.
  return isOurClock ? Math.max(0, reachedMs - sentMs) : Math.max(reachedMs - arrivedMs, 0);
}

function millisecondsOf(pair: unknown): number | undefined {
  if (!Array.isArray(pair)) return undefined;
  const [seconds, nanoseconds] = pair as unknown[];
  return typeof seconds === 'number' && typeof nanoseconds === 'number'
    ? seconds * 1000 + nanoseconds / 1e6
    : undefined;
}
