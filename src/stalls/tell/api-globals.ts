// The tracer and the logger that the application registered, and what both take.
import { apiGlobal } from '../../api-global.js';
import { VERSION } from '../../version.js';

/** The name of our instrumentation scope. */
export const STALL_SCOPE = 'loopsight/stalls';

// The logs' own API before 1.10 of the API, which is asked for the version of its interface.
const LOGS_API = Symbol.for('io.opentelemetry.js.api.logs');
const LOGS_API_VERSION = 1;
const SPAN = Symbol.for('OpenTelemetry Context Key SPAN');

type Attributes = Readonly<Record<string, string | number>>;
type HrTime = [seconds: number, nanoseconds: number];

/** A context of OpenTelemetry. */
interface Context {
  getValue(key: symbol): unknown;
  setValue(key: symbol, value: unknown): Context;
  deleteValue(key: symbol): Context;
}

interface Tracer {
  startSpan(
    name: string,
    options: { readonly startTime: HrTime; readonly attributes: Attributes },
    context: Context,
  ): { end(endTime: HrTime): void };
}

/** A log record as the Logs API takes it. */
interface LogRecord {
  readonly eventName: string;
  readonly timestamp: HrTime;
  readonly severityNumber: number;
  readonly severityText: string;
  readonly body: string;
  readonly attributes: Attributes;
  readonly context: Context;
}

interface Logger {
  emit(record: LogRecord): void;
}

interface LoggerProvider {
  getLogger(name: string, version: string): Logger;
}

interface Providers {
  readonly trace?: { getTracer(name: string, version: string): Tracer };
  readonly logs?: LoggerProvider;
}

interface LogsGlobal {
  readonly [LOGS_API]?: (version: number) => LoggerProvider;
}

/** The tracer of the registered provider; undefined where there is none. */
export function registeredTracer(): Tracer | undefined {
  return apiGlobal<Providers>()?.trace?.getTracer(STALL_SCOPE, VERSION);
}

/** The logger of the registered provider; undefined where there is none. */
export function registeredLogger(): Logger | undefined {
  const provider = apiGlobal<Providers>()?.logs ?? (globalThis as LogsGlobal)[LOGS_API]?.(LOGS_API_VERSION);
  return provider?.getLogger(STALL_SCOPE, VERSION);
}

/** A span of which only the identity is known. */
interface SpanIdentity {
  readonly traceId: string;
  readonly spanId: string;
  readonly sampled: boolean;
}

/** A context in which `parent` is the active span, or none is. */
export function contextOf(parent: SpanIdentity | undefined): Context {
  if (parent === undefined) return createContext(new Map());
  const { traceId, spanId, sampled } = parent;
  const spanContext = { traceId, spanId, traceFlags: sampled ? 1 : 0 };
  return createContext(new Map([[SPAN, { spanContext: () => spanContext, isRecording: () => false }]]));
}

function createContext(values: ReadonlyMap<symbol, unknown>): Context {
  return {
    getValue: (key) => values.get(key),
    setValue: (key, value) => createContext(new Map(values).set(key, value)),
    deleteValue(key) {
      const rest = new Map(values);
      rest.delete(key);
      return createContext(rest);
    },
  };
}

/** Milliseconds since the Unix epoch as spans and log records keep them. */
export function hrTime(unixMs: number): HrTime {
  const seconds = Math.floor(unixMs / 1000);
  return [seconds, Math.floor((unixMs - seconds * 1000) * 1e6)];
}
