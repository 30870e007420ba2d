// Threads: garbage collection, heap and CPU time of each.
import { ATTRIBUTES as A } from './attributes.js';
import { LATENCY_BOUNDS_S, type MetricDefinition } from './definition.js';

export const THREAD_METRICS = {
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
    description: 'Size that the heap may grow to. Threads that share a name add up.',
  },
  threadCpuTime: {
    name: 'loopsight.thread.cpu.time',
    unit: 's',
    kind: 'counter',
    stability: 'stable',
    attributes: [A.threadName],
    description: 'CPU time of the thread that runs the loop. Threads that share a name add up, ended ones included.',
  },
  cpuTime: {
    name: 'loopsight.cpu.time',
    unit: 's',
    kind: 'counter',
    stability: 'experimental',
    attributes: [A.threadName, A.codeFunctionName, A.codeFilePath],
    description:
      "CPU time of the main thread by the application's function that it was spent in, what that called in packages, Node and the engine included; from samples, while LOOPSIGHT_PROFILE is on. The dearest 100 functions are named; `_other` are all further ones, `_none` is what no code of the application or of a package called, `_gc` garbage collection.",
  },
  routeCpuTime: {
    name: 'loopsight.route.cpu.time',
    unit: 's',
    kind: 'counter',
    stability: 'experimental',
    attributes: [A.threadName, A.httpRequestMethod, A.httpRoute, A.codeFunctionName, A.codeFilePath],
    description:
      'CPU time of the main thread by the route of the HTTP request that it was spent for, and by function as in `loopsight.cpu.time`; estimated from one second in thirty, while LOOPSIGHT_PROFILE is on. Of a route its dearest functions are named, ten at most, and 50 routes; `_other` are all further ones. The route `_none` is what ran for no request, `_unknown` are requests whose route no framework tells.',
  },
  threadCpuWaitTime: {
    name: 'loopsight.thread.cpu.wait.time',
    unit: 's',
    kind: 'counter',
    stability: 'experimental',
    attributes: [A.threadName],
    description:
      'Time that the thread was ready to run and waited for a processor (Linux). Threads that share a name add up, ended ones included.',
  },
} as const satisfies Record<string, MetricDefinition>;
