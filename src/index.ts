// The public API.

export { BlockingCallError } from '../instrumentations/blocking-calls/throwing/blocking-call-error.js';
export {
  type BlockingCallGuard,
  type FailOnBlockingCallsOptions,
  failOnBlockingCalls,
} from '../instrumentations/blocking-calls/throwing/fail-on-blocking-calls.js';
export { failOnBlockingCallsIn, type TestHooks } from '../instrumentations/blocking-calls/throwing/in-tests.js';
export { traceHandlers } from '../instrumentations/handlers/index.js';
export {
  type LostUpdate,
  type MonitoredLock,
  monitorLock,
  type WatchSharedOptions,
  watchShared,
} from '../instrumentations/locks/index.js';
export {
  type MonitoredQueue,
  type MonitoredStream,
  type MonitorQueueOptions,
  monitorQueue,
  monitorStream,
  type QueueMonitor,
  type QueueMonitorOptions,
  type QueueTask,
  queueMonitor,
} from '../instrumentations/queues/index.js';
export {
  type MeasuredFunction,
  type MeasureFunctionsOptions,
  measureFunctions,
} from '../instrumentations/traced/time/measure-functions.js';
export type { AccessOptions } from './access/access-options.js';
export { type BlockedTimeProcessor, createBlockedTimeProcessor } from './blocked-time-processor.js';
export { addToRegistry } from './bridges/add-to-registry.js';
export type { PromClientRegistry } from './bridges/registry.js';
export { serveRegistry } from './bridges/serve-registry.js';
export { dumpStacksAfter } from './dump/dump-after.js';
export type { LoopsightInstrumentation } from './instrumentation.js';
export { getLoopsightInstrumentations, type InstrumentationOptions } from './instrumentations.js';
export { type MetricsHandler, metricsHandler } from './mount/metrics-handler.js';
export type { Endpoint } from './observer/messages.js';
export type { BlockingCallsMode, FunctionTimeMode, InstrumentationName, LoopsightOptions } from './options.js';
export type { CodePlace, Confidence, StallCause, StallReport } from './stalls/blame/stall-report.js';
export { current, type LoopsightHandle, start } from './start.js';
export * from './traced.js';
