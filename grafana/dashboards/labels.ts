// The labels that queries match and group by.
import { ATTRIBUTES } from '../../src/metric-names.js';
import { prometheusLabel } from '../../src/prometheus/naming.js';

/** Labels of a Prometheus target, of the resource, and of our attributes. */
export const LABELS = {
  job: 'job',
  instance: 'instance',
  version: 'service_version',
  runtimeVersion: 'process_runtime_version',
  deployment: 'deployment_id',
  thread: prometheusLabel(ATTRIBUTES.threadName),
  function: prometheusLabel(ATTRIBUTES.codeFunctionName),
  file: prometheusLabel(ATTRIBUTES.codeFilePath),
  stallCause: prometheusLabel(ATTRIBUTES.stallCause),
  blockingCall: prometheusLabel(ATTRIBUTES.blockingCallName),
  functionTimeState: prometheusLabel(ATTRIBUTES.functionTimeState),
  stdioStream: prometheusLabel(ATTRIBUTES.stdioStream),
  errorType: prometheusLabel(ATTRIBUTES.errorType),
  loopState: prometheusLabel(ATTRIBUTES.eventLoopState),
  gcType: prometheusLabel(ATTRIBUTES.gcType),
  method: prometheusLabel(ATTRIBUTES.httpRequestMethod),
  status: prometheusLabel(ATTRIBUTES.httpResponseStatusCode),
  route: prometheusLabel(ATTRIBUTES.httpRoute),
  exitCode: prometheusLabel(ATTRIBUTES.exitCode),
  queue: prometheusLabel(ATTRIBUTES.queueName),
  queueType: prometheusLabel(ATTRIBUTES.queueType),
  taskState: prometheusLabel(ATTRIBUTES.queueTaskState),
  lock: prometheusLabel(ATTRIBUTES.lockName),
  lane: prometheusLabel(ATTRIBUTES.threadPoolLane),
  work: prometheusLabel(ATTRIBUTES.threadPoolWork),
  pool: prometheusLabel(ATTRIBUTES.dbClientConnectionPoolName),
  connectionState: prometheusLabel(ATTRIBUTES.dbClientConnectionState),
  httpConnectionState: prometheusLabel(ATTRIBUTES.httpConnectionState),
  direction: prometheusLabel(ATTRIBUTES.messageDirection),
  server: prometheusLabel(ATTRIBUTES.serverAddress),
  port: prometheusLabel(ATTRIBUTES.serverPort),
  program: prometheusLabel(ATTRIBUTES.childProcessName),
  stream: prometheusLabel(ATTRIBUTES.streamName),
  streamSide: prometheusLabel(ATTRIBUTES.streamSide),
  selfPart: prometheusLabel(ATTRIBUTES.selfPart),
  selfMetric: prometheusLabel(ATTRIBUTES.selfMetric),
  process: 'process',
} as const;

const { job, instance, version, thread, process } = LABELS;

/** What most panels group by. The job is always among it: services are never mixed. */
export const BY_JOB = [job] as const;
export const BY_VERSION = [job, version] as const;
/** What is scraped: one process, or a group that shares an endpoint. */
export const BY_TARGET = [job, instance] as const;
/** One process: those of a group have a slot each, all others none. */
export const BY_INSTANCE = [...BY_TARGET, process] as const;
export const BY_VERSIONED_INSTANCE = [...BY_INSTANCE, version] as const;
export const BY_LOOP = [...BY_INSTANCE, thread] as const;
export const BY_QUEUE = [job, LABELS.queue] as const;
export const BY_CODE = [job, LABELS.function, LABELS.file] as const;
export const BY_FUNCTION = [job, LABELS.function] as const;

/** What a process and a loop are called in legends; what has no slot in a group shows none. */
export const INSTANCE = `{{${instance}}} {{${process}}}`;
export const LOOP = `${INSTANCE} {{${thread}}}`;
