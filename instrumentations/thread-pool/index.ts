// The thread pool of libuv, where files, name look-ups, cryptography and compression wait for one of four threads.
import type { Monitor, MonitorDefinition } from '../../src/instrumentation.js';
import { ATTRIBUTES, METRICS } from '../../src/metric-names.js';
import type { BoundObservation } from '../../src/recorder/recorder.js';
import { hasHooksWithoutPromises, hookRequests } from './async-hook.js';
import { watchCompression } from './compression.js';
import { DNS_CALLS, OTHER_CALLS } from './pool-calls.js';
import { createPoolGauges, type PoolGauges } from './pool-gauges.js';
import { createPoolRequests, laneOf, type PoolWork } from './pool-requests.js';
import { poolSize } from './pool-size.js';
import { canReadPoolThreads, createPoolThreads } from './pool-threads.js';
import { markUsed, openPoolUse, type PoolUse } from './pool-use.js';
import { quietBuiltin } from './quiet-builtin.js';
import { wrapRequests } from './wrapped-calls.js';

const { moduleLoadList } = process as { readonly moduleLoadList?: readonly string[] };

export interface ThreadPoolOptions {
  /** Where it is noted that the pool has been used, for the probes of the observer. */
  readonly poolUse?: PoolUse | undefined;
}

/** Records the requests of the calling thread to the pool, and the pool itself where nobody else reads it. */
export function createThreadPoolMonitor({ poolUse = openPoolUse() }: ThreadPoolOptions = {}): MonitorDefinition {
  return {
    name: 'thread-pool',
    start({ recorder, shared, report }) {
      const depths = new Map<PoolWork, BoundObservation>();
      const threads = createPoolThreads();
      // An instrument that is created during a collection would miss it; this creates them without a series.
      const gaugesHere = [METRICS.threadPoolDepth, METRICS.threadPoolRunning, METRICS.threadPoolSize];
      for (const metric of gaugesHere) recorder.observation(metric).release();
      // Whoever serves our own endpoint reads the threads there, also while this thread is blocked.
      const isReadElsewhere = !shared && canReadPoolThreads();
      let gauges: PoolGauges | undefined;
      let sizeByVariable: number | undefined;
      let compression: Monitor | undefined;
      let isCompressionKnown = true;

      const requests = createPoolRequests((work) => {
        // libuv reads the variable when the pool is first used, and programs may set it before that.
        sizeByVariable ??= poolSize(process.env.UV_THREADPOOL_SIZE);
        markUsed(poolUse, laneOf(work));
      });
      const hooked = hasHooksWithoutPromises() ? hookRequests(requests) : undefined;
      const wrapped = wrapRequests({
        requests,
        calls: hooked === undefined ? [...DNS_CALLS, ...OTHER_CALLS] : DNS_CALLS,
        subtle: hooked === undefined,
        report,
      });

      function watchLoaded(): void {
        wrapped.wrapLoaded();
        if (compression !== undefined || !isCompressionKnown) return;
        if (moduleLoadList?.includes('NativeModule zlib') !== true) return;
        try {
          compression = watchCompression(quietBuiltin('node:zlib'), requests);
        } catch (error) {
          isCompressionKnown = false;
          report('compression in the thread pool cannot be watched', error);
        }
      }

      function depthOf(work: PoolWork): BoundObservation {
        let depth = depths.get(work);
        if (depth === undefined) {
          const attributes = { [ATTRIBUTES.threadPoolLane]: laneOf(work), [ATTRIBUTES.threadPoolWork]: work };
          depth = recorder.observation(METRICS.threadPoolDepth, attributes);
          depths.set(work, depth);
        }
        return depth;
      }

      function collect(): void {
        hooked?.settle();
        watchLoaded();
        if (sizeByVariable === undefined) return;
        const found = threads.size();
        const size = found === 0 ? sizeByVariable : found;
        const { running, waiting } = requests.read(size);
        for (const [work, count] of waiting) depthOf(work).set(count);
        if (isReadElsewhere) return;
        gauges ??= createPoolGauges(recorder);
        gauges.set(threads.read() ?? { size, running });
      }

      watchLoaded();
      // What is imported is loaded before the first turn.
      const firstTurn = setImmediate(watchLoaded).unref();
      const undoCollect = recorder.onCollect(collect);
      return {
        stop() {
          clearImmediate(firstTurn);
          undoCollect();
          compression?.stop();
          wrapped.stop();
          hooked?.stop();
          gauges?.release();
          for (const depth of depths.values()) depth.release();
          depths.clear();
        },
      };
    },
  };
}
