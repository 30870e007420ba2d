// Connections that wait to be accepted, and streams that hold data.
import { ATTRIBUTES as A } from './attributes.js';
import type { MetricDefinition } from './definition.js';

export const SOCKET_METRICS = {
  acceptQueueCapacity: {
    name: 'loopsight.accept_queue.capacity',
    unit: '{connection}',
    kind: 'gauge',
    stability: 'experimental',
    attributes: [A.serverPort],
    description:
      'Connections that may wait in the kernel until the process accepts them, by port (Linux): what a server of the main thread that began to listen after the start asked for, and no more than the kernel gives. The 20 lowest ports are named, others are `other`.',
  },
  acceptQueueDepth: {
    name: 'loopsight.accept_queue.depth',
    unit: '{connection}',
    kind: 'gauge',
    stability: 'experimental',
    attributes: [A.serverPort],
    description:
      'Connections that wait in the kernel until the process accepts them, by port (Linux). They pile up while the loop is blocked. The 20 lowest ports are named, others are `other`.',
  },
  acceptQueueOverflows: {
    name: 'loopsight.accept_queue.overflows',
    unit: '{connection}',
    kind: 'counter',
    stability: 'experimental',
    attributes: [],
    description:
      'Connections that the kernel did not take because an accept queue was full, in the network namespace of the process: its container, pod or machine (Linux).',
  },
  streamBuffered: {
    name: 'loopsight.stream.buffered',
    unit: 'By',
    kind: 'gauge',
    stability: 'experimental',
    attributes: [A.streamName, A.streamSide],
    description:
      'Data that a monitored stream holds, by side (`readable`, `writable`); of streams in object mode, the number of objects. Streams of one name add up.',
  },
  streamHighWaterMark: {
    name: 'loopsight.stream.high_water_mark',
    unit: 'By',
    kind: 'gauge',
    stability: 'experimental',
    attributes: [A.streamName, A.streamSide],
    description:
      'What a monitored stream may hold before it asks to wait, in the same unit. Streams of one name add up.',
  },
  streamPausedTime: {
    name: 'loopsight.stream.paused.time',
    unit: 's',
    kind: 'counter',
    stability: 'experimental',
    attributes: [A.streamName, A.streamSide],
    description:
      'Time in which a monitored stream was paused (`readable`), or wanted its writer to wait for `drain` (`writable`). Streams of one name add up, ended ones included.',
  },
} as const satisfies Record<string, MetricDefinition>;
