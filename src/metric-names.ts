// Every metric and attribute of Loopsight, defined once; dashboards, alerts, docs and tests take them from here.

/** The instruments of OpenTelemetry that a metric can be. */
export type MetricKind = 'counter' | 'updowncounter' | 'gauge' | 'histogram';

/** What a name promises: `stable` ones never change, `experimental` ones may in a minor version, with a note in the changelog. */
export type Stability = 'stable' | 'experimental';

/** A metric's name, unit, meaning and attributes. */
export interface MetricDefinition {
  readonly name: string;
  /** A UCUM unit; in braces where it only names what is counted. */
  readonly unit: string;
  readonly kind: MetricKind;
  readonly description: string;
  readonly attributes: readonly string[];
  readonly stability: Stability;
  /** Upper bounds of the buckets, in the metric's unit; histograms only. */
  readonly bounds?: readonly number[];
  /** Series beyond this number share one; SERIES_LIMIT_PER_METRIC where it is not given. */
  readonly seriesLimit?: number;
}

/** Series of one metric beyond this number share one that carries `otel.metric.overflow`: the specification's default. */
export const SERIES_LIMIT_PER_METRIC = 2000;

/** Bucket bounds of every latency histogram, in seconds. */
export const LATENCY_BOUNDS_S: readonly number[] = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30,
];

/** Attribute keys; those without a `loopsight` meaning of their own are the semantic conventions'. */
export const ATTRIBUTES = {
  threadName: 'thread.name',
  codeFunctionName: 'code.function.name',
  codeFilePath: 'code.file.path',
  codeLineNumber: 'code.line.number',
  codeStacktrace: 'code.stacktrace',
  stallCause: 'loopsight.stall.cause',
  stallConfidence: 'loopsight.stall.confidence',
  stallDuration: 'loopsight.stall.duration',
  stallLeftOut: 'loopsight.stall.left_out',
  stallWaitingRequests: 'loopsight.stall.waiting.requests',
  stallWaitingTime: 'loopsight.stall.waiting.time',
  blockedTime: 'loopsight.blocked_time',
  errorType: 'error.type',
  eventLoopState: 'nodejs.eventloop.state',
  gcType: 'v8js.gc.type',
  heapSpaceName: 'v8js.heap.space.name',
  cpuMode: 'cpu.mode',
  httpRequestMethod: 'http.request.method',
  httpResponseStatusCode: 'http.response.status_code',
  httpRoute: 'http.route',
  urlScheme: 'url.scheme',
  exitCode: 'exit.code',
  queueName: 'queue.name',
  queueType: 'queue.type',
  queueTaskState: 'queue.task.state',
  blockingCallName: 'blocking_call.name',
  selfPart: 'loopsight.self.part',
  selfMetric: 'loopsight.self.metric',
} as const;

const A = ATTRIBUTES;
const QUEUE = [A.queueName, A.queueType] as const;

/** Every metric, by a short key; the names are a contract. */
export const METRICS = {
  eventLoopLag: {
    name: 'loopsight.eventloop.lag',
    unit: 's',
    kind: 'histogram',
    stability: 'stable',
    bounds: LATENCY_BOUNDS_S,
    attributes: [A.threadName],
    description:
      'Time that a callback arriving at a random moment waits until the loop reaches it, as random probes see it. Threads that share a name add up, ended ones included.',
  },
  eventLoopBlocked: {
    name: 'loopsight.eventloop.blocked',
    unit: 's',
    kind: 'gauge',
    stability: 'stable',
    attributes: [A.threadName],
    description:
      'How long the loop has been overdue right now; 0 while it turns. Of threads that share a name, the longest.',
  },
  stallDuration: {
    name: 'loopsight.eventloop.stall.duration',
    unit: 's',
    kind: 'histogram',
    stability: 'stable',
    bounds: LATENCY_BOUNDS_S,
    attributes: [A.threadName, A.stallCause],
    description: 'Length of stretches in which the loop did not turn for longer than the threshold, by their cause.',
  },
  stallTime: {
    name: 'loopsight.eventloop.stall.time',
    unit: 's',
    kind: 'counter',
    stability: 'stable',
    attributes: [A.threadName, A.stallCause, A.codeFunctionName, A.codeFilePath],
    description: 'Time in stalls, by the code that caused them. The first 100 functions are named, then `other`.',
  },
  spinTime: {
    name: 'loopsight.eventloop.spin.time',
    unit: 's',
    kind: 'counter',
    stability: 'experimental',
    attributes: [A.threadName, A.codeFunctionName, A.codeFilePath],
    description:
      'Time in which the loop was busy turning without I/O to handle, by the code that kept it turning; such a loop has no lag.',
  },
  stalls: {
    name: 'loopsight.eventloop.stalls',
    unit: '{stall}',
    kind: 'counter',
    stability: 'stable',
    attributes: [A.threadName, A.stallCause, A.codeFunctionName, A.codeFilePath],
    description: 'Stalls, by the code that caused them. The first 100 functions are named, then `other`.',
  },
  eventLoopTime: {
    name: 'nodejs.eventloop.time',
    unit: 's',
    kind: 'counter',
    stability: 'stable',
    attributes: [A.threadName, A.eventLoopState],
    description:
      'Cumulative time that the loop was active or idle. Threads that share a name add up, ended ones included.',
  },
  eventLoopUtilization: {
    name: 'nodejs.eventloop.utilization',
    unit: '1',
    kind: 'gauge',
    stability: 'stable',
    attributes: [A.threadName],
    description:
      'Share of the last 10 seconds in which the loop was active. Of threads that share a name, active time by total time.',
  },
  eventLoopIterations: {
    name: 'loopsight.eventloop.iterations',
    unit: '{iteration}',
    kind: 'counter',
    stability: 'experimental',
    attributes: [A.threadName],
    description: 'Iterations of the loop.',
  },
  eventLoopEvents: {
    name: 'loopsight.eventloop.events',
    unit: '{event}',
    kind: 'counter',
    stability: 'experimental',
    attributes: [A.threadName],
    description: 'Events that the loop processed.',
  },
  eventLoopEventsWaiting: {
    name: 'loopsight.eventloop.events_waiting',
    unit: '{event}',
    kind: 'counter',
    stability: 'experimental',
    attributes: [A.threadName],
    description: 'Events that were already waiting when the loop asked for them.',
  },
  gcDuration: {
    name: 'v8js.gc.duration',
    unit: 's',
    kind: 'histogram',
    stability: 'stable',
    bounds: LATENCY_BOUNDS_S,
    attributes: [A.threadName, A.gcType],
    description: 'Duration of garbage collections by type.',
  },
  heapUsed: {
    name: 'v8js.memory.heap.used',
    unit: 'By',
    kind: 'gauge',
    stability: 'stable',
    attributes: [A.threadName, A.heapSpaceName],
    description: 'Heap memory in use, by space. Threads that share a name add up.',
  },
  heapLimit: {
    name: 'loopsight.heap.limit',
    unit: 'By',
    kind: 'gauge',
    stability: 'stable',
    attributes: [A.threadName],
    description: 'Size that the heap may grow to.',
  },
  threadCpuTime: {
    name: 'loopsight.thread.cpu.time',
    unit: 's',
    kind: 'counter',
    stability: 'stable',
    attributes: [A.threadName],
    description: 'CPU time of the thread that runs the loop.',
  },
  processCpuTime: {
    name: 'process.cpu.time',
    unit: 's',
    kind: 'counter',
    stability: 'stable',
    attributes: [A.cpuMode],
    description: 'CPU time of the whole process, by mode.',
  },
  processMemoryUsage: {
    name: 'process.memory.usage',
    unit: 'By',
    kind: 'updowncounter',
    stability: 'stable',
    attributes: [],
    description: 'Physical memory that the process uses.',
  },
  processUptime: {
    name: 'process.uptime',
    unit: 's',
    kind: 'gauge',
    stability: 'stable',
    attributes: [],
    description: 'Time since the process started.',
  },
  processOpenFileDescriptors: {
    name: 'process.open_file_descriptor.count',
    unit: '{file_descriptor}',
    kind: 'updowncounter',
    stability: 'stable',
    attributes: [],
    description: 'Open file descriptors of the process (Linux).',
  },
  cgroupThrottledTime: {
    name: 'loopsight.cgroup.throttled.time',
    unit: 's',
    kind: 'counter',
    stability: 'stable',
    attributes: [],
    description: 'Time that the control group was kept from the CPU by its quota (Linux).',
  },
  httpServerRequestDuration: {
    name: 'http.server.request.duration',
    unit: 's',
    kind: 'histogram',
    stability: 'stable',
    bounds: LATENCY_BOUNDS_S,
    attributes: [A.httpRequestMethod, A.urlScheme, A.httpResponseStatusCode, A.httpRoute, A.errorType],
    description: 'Duration of HTTP server requests.',
  },
  httpServerActiveRequests: {
    name: 'http.server.active_requests',
    unit: '{request}',
    kind: 'updowncounter',
    stability: 'stable',
    attributes: [A.httpRequestMethod, A.urlScheme],
    description: 'HTTP server requests in flight.',
  },
  workers: {
    name: 'loopsight.workers',
    unit: '{worker}',
    kind: 'updowncounter',
    stability: 'stable',
    attributes: [A.threadName],
    description: 'Running worker threads.',
  },
  workerExits: {
    name: 'loopsight.worker.exits',
    unit: '{exit}',
    kind: 'counter',
    stability: 'stable',
    attributes: [A.threadName, A.exitCode],
    description: 'Worker threads that ended, by exit code.',
  },
  queueDepth: {
    name: 'loopsight.queue.depth',
    unit: '{task}',
    kind: 'gauge',
    stability: 'stable',
    attributes: QUEUE,
    description: 'Tasks that wait in the queue.',
  },
  queueRunning: {
    name: 'loopsight.queue.running',
    unit: '{task}',
    kind: 'gauge',
    stability: 'stable',
    attributes: QUEUE,
    description: 'Tasks that run.',
  },
  queueCapacity: {
    name: 'loopsight.queue.capacity',
    unit: '{task}',
    kind: 'gauge',
    stability: 'stable',
    attributes: QUEUE,
    description: 'Tasks that may run at the same time; no series where there is no bound.',
  },
  queueOldestAge: {
    name: 'loopsight.queue.oldest_age',
    unit: 's',
    kind: 'gauge',
    stability: 'stable',
    attributes: QUEUE,
    description: 'How long the oldest waiting task has waited; 0 when none waits.',
  },
  queueWaitDuration: {
    name: 'loopsight.queue.wait.duration',
    unit: 's',
    kind: 'histogram',
    stability: 'stable',
    bounds: LATENCY_BOUNDS_S,
    attributes: QUEUE,
    description: 'Time from the addition of a task to its start.',
  },
  queueRunDuration: {
    name: 'loopsight.queue.run.duration',
    unit: 's',
    kind: 'histogram',
    stability: 'stable',
    bounds: LATENCY_BOUNDS_S,
    attributes: QUEUE,
    description: 'Time from the start of a task to its end.',
  },
  queueTasks: {
    name: 'loopsight.queue.tasks',
    unit: '{task}',
    kind: 'counter',
    stability: 'stable',
    attributes: [...QUEUE, A.queueTaskState],
    description: 'Tasks that were added to, completed, failed in or dropped from the queue.',
  },
  functionDuration: {
    name: 'loopsight.function.duration',
    unit: 's',
    kind: 'histogram',
    stability: 'stable',
    bounds: LATENCY_BOUNDS_S,
    attributes: [A.codeFunctionName, A.errorType],
    description: 'Duration of calls of traced functions.',
  },
  functionActive: {
    name: 'loopsight.function.active',
    unit: '{call}',
    kind: 'updowncounter',
    stability: 'stable',
    attributes: [A.codeFunctionName],
    description: 'Calls of traced functions in flight.',
  },
  blockingCallDuration: {
    name: 'loopsight.blocking_call.duration',
    unit: 's',
    kind: 'histogram',
    stability: 'stable',
    bounds: LATENCY_BOUNDS_S.filter((bound) => bound > 0.01),
    attributes: [A.blockingCallName, A.codeFunctionName],
    seriesLimit: 200,
    description:
      'Synchronous calls of Node (`*Sync`, hashes and the like) on the main thread that took 10 ms or longer (buckets from 25 ms on), by the function that made them. The first 50 functions are named, then `other`.',
  },
  groupMemberUp: {
    name: 'loopsight.group.member.up',
    unit: '',
    kind: 'gauge',
    stability: 'experimental',
    attributes: [],
    description:
      'Whether the process of this slot was heard of in the last 2 s by the one that serves the endpoint of its group; 0 for one that does not answer, and for 5 minutes for one that has ended.',
  },
  groupMemberAge: {
    name: 'loopsight.group.member.age',
    unit: 's',
    kind: 'gauge',
    stability: 'experimental',
    attributes: [],
    description: 'Age of the figures that are shown of the process of this slot.',
  },
  groupMemberServing: {
    name: 'loopsight.group.member.serving',
    unit: '',
    kind: 'gauge',
    stability: 'experimental',
    attributes: [],
    description: 'Whether the process of this slot serves the endpoint of its group.',
  },
  selfOverheadTime: {
    name: 'loopsight.self.overhead.time',
    unit: 's',
    kind: 'counter',
    stability: 'experimental',
    attributes: [A.selfPart],
    description: 'Time that Loopsight spent on the main thread, by part, as it timed itself.',
  },
  selfSnapshotAge: {
    name: 'loopsight.self.snapshot.age',
    unit: 's',
    kind: 'gauge',
    stability: 'experimental',
    attributes: [],
    description: 'Age of the figures of the main thread in this exposition; grows while its loop is blocked.',
  },
  selfSeriesDropped: {
    name: 'loopsight.self.series.dropped',
    unit: '{series}',
    kind: 'counter',
    stability: 'experimental',
    attributes: [A.selfMetric],
    description:
      'Series that were asked for beyond the limit of their metric and share its overflow series (`otel_metric_overflow="true"`), by the name of that metric; 0 without a name.',
  },
  selfErrorsSuppressed: {
    name: 'loopsight.self.errors.suppressed',
    unit: '{error}',
    kind: 'counter',
    stability: 'experimental',
    attributes: [],
    description: 'Errors inside Loopsight that were kept from the application.',
  },
  selfThreadsUnwatched: {
    name: 'loopsight.self.threads.unwatched',
    unit: '{thread}',
    kind: 'counter',
    stability: 'experimental',
    attributes: [],
    description: 'Worker threads whose lag is not recorded because 256 others ran at the time.',
  },
  selfCaptures: {
    name: 'loopsight.self.captures',
    unit: '{capture}',
    kind: 'counter',
    stability: 'experimental',
    attributes: [],
    description: 'Stacks that were captured during stalls.',
  },
  selfObserverRestarts: {
    name: 'loopsight.self.observer.restarts',
    unit: '{restart}',
    kind: 'counter',
    stability: 'experimental',
    attributes: [],
    description: 'Times that the observer thread ended unexpectedly and was started again.',
  },
} as const satisfies Record<string, MetricDefinition>;
