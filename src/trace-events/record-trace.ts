// Has a process trace itself for a while, through its inspector.
import type { Inspected } from '../attach/inspected.js';
import { untilExit } from '../attach/let-exit.js';
import { type CdpConnection, CdpError } from '../cdp/connection.js';
import { abortedAfter, pause, within } from '../cdp/waiting.js';
import { CATEGORIES, readEvents, type TraceEvent } from './trace-event.js';

export interface TraceOptions {
  readonly durationMs: number;
  /** Ends the trace early; what there is by then is kept. */
  readonly signal: AbortSignal;
  /** Called when the process traces itself. */
  readonly onBegin?: (() => void) | undefined;
  /** Called with events as they come: some in one go, in the order in which each thread made them. */
  readonly onEvents: (events: readonly TraceEvent[]) => void;
}

/** How a trace went. */
export interface TracedWindow {
  /** When it began, in milliseconds since the Unix epoch. */
  readonly unixMs: number;
  readonly durationMs: number;
  /** What the reader must know: each one sentence. */
  readonly notes: readonly string[];
}

/** A main thread that has not begun by then is in a native call. */
const START_MS = 5000;
/** After so long without events, the rest of them is given up. */
const COMPLETE_MS = 5000;
const LOOK_MS = 100;

/** Traces `inspected`. Rejects with a CdpError where tracing cannot be begun. */
export async function recordTrace(
  inspected: Inspected,
  { durationMs, signal, onBegin, onEvents }: TraceOptions,
): Promise<TracedWindow> {
  const [main] = await inspected.threads();
  if (main === undefined) throw new CdpError('the process has ended');
  const { connection } = main;
  const exit = untilExit(connection, signal);
  let lastMs = performance.now();
  const offData = connection.on('NodeTracing.dataCollected', (params) => {
    lastMs = performance.now();
    onEvents(readEvents(params));
  });
  try {
    const traceConfig = { recordMode: 'recordContinuously', includedCategories: CATEGORIES };
    if ((await within(connection.post('NodeTracing.start', { traceConfig }), START_MS)) === undefined) {
      throw new CdpError('its main thread did not answer: it is in a native call');
    }
    const unixMs = Date.now();
    const startMs = performance.now();
    onBegin?.();
    await pause(durationMs, exit.signal, abortedAfter(connection.closed));
    const tracedMs = performance.now() - startMs;
    const isComplete = await complete(connection, () => lastMs);
    const notes = isComplete
      ? []
      : ['The last events are missing: the process ended, or its main thread did not answer in time.'];
    return { unixMs, durationMs: tracedMs, notes };
  } finally {
    exit.stop();
    offData();
  }
}

// What is left comes behind the answer to `stop` and the word that it is complete, but before the answer to whatever is asked
// next. A main thread in a native call answers after it.
function complete(connection: CdpConnection, lastMs: () => number): Promise<boolean> {
  return new Promise((resolve) => {
    const fromMs = performance.now();
    const finish = (isComplete: boolean) => {
      clearInterval(timer);
      resolve(isComplete);
    };
    const timer = setInterval(() => {
      if (performance.now() - Math.max(fromMs, lastMs()) > COMPLETE_MS) finish(false);
    }, LOOK_MS);
    connection
      .post('NodeTracing.stop')
      .then(() => connection.post('NodeTracing.getCategories'))
      .then(
        () => finish(true),
        () => finish(false),
      );
  });
}
