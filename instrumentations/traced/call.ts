// One call of a traced function, from its start to its end: a span, a duration, where its time went, and one more in flight
// meanwhile.
import { types } from 'node:util';
import { type Attributes, type Context, type Span, SpanStatusCode, trace } from '@opentelemetry/api';
import { setBlockedTime } from '../../src/blocked-time.js';
import type { CallTimes, MeasurableCall } from '../../src/call-times.js';
import { systemClock } from '../../src/clock.js';
import { reportFailure } from '../../src/diagnostics.js';
import { closeLiveCall, NO_CALL, noteSegment, openLiveCall } from '../../src/live-calls/live-calls.js';
import { ATTRIBUTES } from '../../src/metric-names.js';
import type { ExemplarSpan } from '../../src/recorder/exemplars.js';
import { type SharedState, type SinkList, sharedState, sinksOf } from '../../src/shared-state.js';
import { ABORT_ERROR_TYPE, errorMessageOf, errorTypeOf, isError } from './error-type.js';
import type { ResolvedTracedOptions } from './options.js';
import type { BoundSeries, FunctionSeries } from './series.js';
import { CallTime } from './time/call-time.js';
import { loopIdleAt } from './time/loop-idle.js';
import { activeContext, callWithin, currentTracer } from './tracer.js';

/** A function as its calls need it. */
export interface TracedFunction {
  readonly series: FunctionSeries;
  readonly options: ResolvedTracedOptions;
}

/** What is known of the steps of a generator, which other calls do not pay for; times in milliseconds. */
interface Steps {
  /** It gave a value, and nobody asked for the next one. */
  isPaused: boolean;
  /** A step of an asynchronous one is under way. */
  isWaiting: boolean;
  /** When it was advanced the last time, unless that was the first one. */
  resumedMs: number | undefined;
  /** When it gave its last value, and how long the loop had been idle by then. */
  untilMs: number | undefined;
  untilUnixMs: number | undefined;
  untilIdleMs: number | undefined;
}

const ATTRIBUTE_LIMIT = 16;
const TEXT_LIMIT = 256;

let sinks: SinkList | undefined;
let state: SharedState | undefined;
/** The live call whose code runs, as far as its first segment goes. */
let running = NO_CALL;

function currentSinks(): SinkList {
  sinks ??= sinksOf('traced');
  return sinks;
}

/** Whether a span is being started or ended, which runs code of the application's own samplers and span processors. */
let isTelling = false;

/**
 * False when no provider and no recorder would learn of a call, so that the function may simply be called; and for what is
 * called to tell of a call, which would have to be told of without end.
 */
export function isObserved(): boolean {
  if (isTelling) return false;
  return currentSinks().recorders.size > 0 || currentTracer() !== undefined;
}

function currentTimes(): CallTimes | undefined {
  state ??= sharedState();
  const times = state.callTimes;
  return times?.measuresCalls === false ? undefined : times;
}

/** A call under way; it ends once, whatever is called after that, and none of its methods throws anything of ours. */
export class Call implements MeasurableCall {
  readonly #traced: TracedFunction;
  readonly #args: unknown[];
  #bound: readonly BoundSeries[] = [];
  #span: Span | undefined;
  #context: Context | undefined;
  #startMs = 0;
  #time: CallTime | undefined;
  #ticket = NO_CALL;
  #steps: Steps | undefined;
  #open = true;

  /** Starts a call; its span's parent is that of `parent`, or of the active context. */
  constructor(traced: TracedFunction, args: unknown[], parent?: Context) {
    this.#traced = traced;
    this.#args = args;
    this.#startSpan(parent);
    try {
      const list = currentSinks();
      if (list.recorders.size > 0) {
        this.#bound = traced.series.boundTo(list);
        for (const { active } of this.#bound) active.add(1);
      }
      if (this.isObserved) this.#startTime(traced.series);
    } catch (error) {
      reportFailure('recording a traced call failed', error);
    }
  }

  /** False when nobody would learn how the call ends. */
  get isObserved(): boolean {
    return this.#span !== undefined || this.#bound.length > 0;
  }

  get functionName(): string {
    return this.#traced.series.name;
  }

  get livePlace(): number {
    return this.#ticket;
  }

  /** Calls `target` in the context of the call's span; throws what it throws. */
  run(target: (...args: unknown[]) => unknown, self: unknown, args: unknown[]): unknown {
    return this.#ticket === NO_CALL && this.#time?.measured === undefined
      ? this.#apply(target, self, args)
      : this.#runFollowed(target, self, args);
  }

  /** What was called has returned, and the call goes on. */
  suspend(): void {
    if (!this.#open || (this.#time === undefined && this.#ticket === NO_CALL)) return;
    const nowMs = systemClock.monotonicMs();
    const time = this.#time;
    if (this.#steps !== undefined) this.#steps.isWaiting = true;
    time?.suspend(this.#ranMs(nowMs));
    if (time?.measured === undefined) noteSegment(this.#ticket, time?.seenMs ?? 0, false, nowMs);
  }

  /** Remembers this moment as the end, should the call be abandoned: a generator gave a value. */
  pause(): void {
    const steps = this.#steps;
    if (steps === undefined || !this.isObserved) return;
    const nowMs = systemClock.monotonicMs();
    const time = this.#time;
    steps.untilMs = nowMs;
    steps.untilUnixMs = systemClock.unixMs();
    if (time !== undefined) steps.untilIdleMs = loopIdleAt(nowMs);
    steps.isPaused = true;
    // Of an asynchronous one the step has been told.
    if (!steps.isWaiting) time?.pause(this.#ranMs(nowMs));
    if (time?.measured === undefined) noteSegment(this.#ticket, time?.seenMs ?? 0, false, nowMs);
  }

  /** A generator begins or goes on, which it may be asked for before it has given the value of the last time. */
  resume(): void {
    const steps = this.#steps;
    if (steps === undefined) {
      this.#steps = createSteps();
      return;
    }
    if (!steps.isPaused && !steps.isWaiting) return;
    const nowMs = systemClock.monotonicMs();
    const time = this.#time;
    steps.isPaused = false;
    steps.isWaiting = false;
    steps.resumedMs = nowMs;
    if (time?.measured === undefined) noteSegment(this.#ticket, time?.seenMs ?? 0, true, nowMs);
  }

  /** Measuring ended before the call; told by whoever measures it. */
  cut(nowMs: number, loopIdleMs: number): void {
    this.#time?.cut(nowMs - this.#startMs, loopIdleMs);
  }

  /** Ends the call with what it came to. */
  succeed(result: unknown): void {
    if (!this.#open) return;
    this.#open = false;
    if (!this.isObserved) return;
    const nowMs = systemClock.monotonicMs();
    this.#endTime(nowMs);
    this.#record(undefined, nowMs);
    const span = this.#span;
    if (span === undefined) return;
    try {
      const { onResult } = this.#traced.options;
      if (onResult !== undefined) addAttributes(span, () => onResult(result, this.#args));
      this.#time?.describe(span);
      setBlockedTime(span, undefined, nowMs);
      endSpan(span);
    } catch (error) {
      reportFailure('ending a span failed', error);
    }
  }

  /** Ends the call with what it threw; being called off is no error of the span. */
  fail(error: unknown): void {
    if (!this.#open) return;
    this.#open = false;
    const nowMs = this.isObserved ? systemClock.monotonicMs() : 0;
    this.#endTime(nowMs);
    const ownType = errorTypeOf(error);
    const isAbort = ownType === ABORT_ERROR_TYPE;
    const errorType = isAbort ? ownType : this.#traced.series.boundedErrorType(ownType);
    this.#record(errorType, nowMs);
    const span = this.#span;
    if (span === undefined) return;
    try {
      span.setAttribute(ATTRIBUTES.errorType, errorType);
      if (!isAbort) {
        const message = errorMessageOf(error);
        span.setStatus({ code: SpanStatusCode.ERROR, ...(message === undefined ? {} : { message }) });
        span.recordException(isError(error) || typeof error === 'string' ? error : describeThrown(error));
      }
    } catch (failure) {
      reportFailure('describing an error on a span failed', failure);
    }
    try {
      this.#time?.describe(span);
      setBlockedTime(span);
      endSpan(span);
    } catch (failure) {
      reportFailure('ending a span failed', failure);
    }
  }

  /** Ends a call that can no longer go on, at the moment it was last active. */
  abandon(): void {
    if (!this.#open) return;
    this.#open = false;
    const { untilMs, untilUnixMs, untilIdleMs } = this.#steps ?? createSteps();
    const endMs = untilMs ?? systemClock.monotonicMs();
    this.#endTime(endMs, untilIdleMs);
    this.#record(undefined, endMs);
    try {
      if (this.#span !== undefined) {
        this.#time?.describe(this.#span);
        setBlockedTime(this.#span, untilUnixMs);
      }
      if (this.#span !== undefined) endSpan(this.#span, untilUnixMs);
    } catch (error) {
      reportFailure('ending a span failed', error);
    }
  }

  #apply(target: (...args: unknown[]) => unknown, self: unknown, args: unknown[]): unknown {
    return this.#context === undefined
      ? Reflect.apply(target, self, args)
      : callWithin(this.#context, target, self, args);
  }

  #runFollowed(target: (...args: unknown[]) => unknown, self: unknown, args: unknown[]): unknown {
    const outer = running;
    running = this.#ticket;
    const measured = this.#time?.measured;
    measured?.enter();
    try {
      return this.#apply(target, self, args);
    } finally {
      measured?.leave();
      running = outer;
    }
  }

  #startTime(series: FunctionSeries): void {
    const nowMs = systemClock.monotonicMs();
    this.#startMs = nowMs;
    const times = currentTimes();
    const idleMs = times === undefined ? Number.NaN : loopIdleAt(nowMs);
    this.#ticket = openLiveCall(series.liveId, nowMs, times?.current?.livePlace ?? running, idleMs);
    if (times !== undefined) this.#time = new CallTime(times, series.times, idleMs, this);
  }

  #endTime(nowMs: number, loopIdleMs?: number): void {
    try {
      closeLiveCall(this.#ticket, nowMs);
      const ranMs = this.#steps?.isPaused === true ? 0 : this.#ranMs(nowMs);
      this.#time?.end(nowMs - this.#startMs, ranMs, nowMs, this.#span !== undefined, loopIdleMs);
    } catch (error) {
      reportFailure('recording the time of a traced call failed', error);
    }
  }

  // The segment that runs.
  #ranMs(nowMs: number): number {
    return nowMs - (this.#steps?.resumedMs ?? this.#startMs);
  }

  #startSpan(parent: Context | undefined): void {
    const tracer = currentTracer();
    const outer = tracer === undefined ? undefined : (parent ?? activeContext());
    if (tracer === undefined || outer === undefined) return;
    const { series, options } = this.#traced;
    try {
      const attributes = { [ATTRIBUTES.codeFunctionName]: series.name };
      isTelling = true;
      let span: Span;
      try {
        span = tracer.startSpan(series.name, { kind: options.kind, attributes }, outer);
      } finally {
        isTelling = false;
      }
      this.#context = trace.setSpan(outer, span);
      if (!span.isRecording()) return;
      this.#span = span;
      const { onCall } = options;
      if (onCall !== undefined) addAttributes(span, () => onCall(this.#args));
    } catch (error) {
      reportFailure('starting a span failed', error);
    }
  }

  #record(errorType: string | undefined, endMs: number): void {
    if (this.#bound.length === 0) return;
    try {
      const seconds = (endMs - this.#startMs) / 1000;
      const span = identityOf(this.#span);
      for (const bound of this.#bound) {
        bound.active.add(-1);
        const histogram = errorType === undefined ? bound.duration : this.#traced.series.failure(bound, errorType);
        histogram.record(seconds, span);
      }
    } catch (error) {
      reportFailure('recording a traced call failed', error);
    }
  }
}

function createSteps(): Steps {
  return {
    isPaused: false,
    isWaiting: false,
    resumedMs: undefined,
    untilMs: undefined,
    untilUnixMs: undefined,
    untilIdleMs: undefined,
  };
}

function endSpan(span: Span, atUnixMs?: number): void {
  isTelling = true;
  try {
    span.end(atUnixMs);
  } finally {
    isTelling = false;
  }
}

// Of a span whose provider fails, nothing is known; the call is counted all the same.
function identityOf(span: Span | undefined): ExemplarSpan | undefined {
  try {
    return span?.spanContext();
  } catch {
    return undefined;
  }
}

// The hook is the application's, so whatever it does stays here.
function addAttributes(span: Span, hook: () => unknown): void {
  try {
    const given = hook();
    if (typeof given !== 'object' || given === null) return;
    if (types.isPromise(given)) {
      given.catch(() => undefined);
      throw new TypeError('the hook returned a promise');
    }
    const bounded: Attributes = {};
    for (const [key, value] of Object.entries(given).slice(0, ATTRIBUTE_LIMIT)) {
      if (key === ATTRIBUTES.codeFunctionName || key === ATTRIBUTES.errorType) continue;
      bounded[key] = typeof value === 'string' && value.length > TEXT_LIMIT ? value.slice(0, TEXT_LIMIT) : value;
    }
    span.setAttributes(bounded);
  } catch (error) {
    reportFailure('an attribute hook of a traced function failed', error);
  }
}

function describeThrown(value: unknown): { name: string; message: string } {
  const isObject = typeof value === 'object' || typeof value === 'function';
  const message = errorMessageOf(value) ?? (isObject && value !== null ? `a thrown ${typeof value}` : String(value));
  return { name: typeof value, message };
}
