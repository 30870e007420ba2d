// The libraries whose queues and pools are found by themselves.
import type { Library } from '../../src/loading/library.js';
import { asyncFileLibraries, asyncLibrary } from './libraries/async.js';
import { bottleneckLibraries } from './libraries/bottleneck.js';
import { bullmqLibrary } from './libraries/bullmq.js';
import { fastqLibrary } from './libraries/fastq.js';
import { pLimitLibrary } from './libraries/p-limit.js';
import { pQueueLibrary } from './libraries/p-queue.js';
import { piscinaLibrary } from './libraries/piscina.js';
import { poolifierLibrary } from './libraries/poolifier.js';
import { tinypoolLibrary } from './libraries/tinypool.js';
import { workerpoolLibrary } from './libraries/workerpool.js';

/** Every library of this folder. */
export const QUEUE_LIBRARIES: readonly Library[] = [
  pQueueLibrary,
  pLimitLibrary,
  bullmqLibrary,
  fastqLibrary,
  asyncLibrary,
  ...asyncFileLibraries,
  ...bottleneckLibraries,
  piscinaLibrary,
  tinypoolLibrary,
  workerpoolLibrary,
  poolifierLibrary,
];
