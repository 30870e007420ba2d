// Locks: who waits, for how long, who holds them; long holds and likely deadlocks by name.
import { clearTimeout, setTimeout } from 'node:timers';
import type { MonitorDefinition } from '../../src/instrumentation.js';
import { watchLibraries } from '../../src/loading/watch-libraries.js';
import { type LogFormat, writeLine } from '../../src/log.js';
import { ATTRIBUTES, METRICS } from '../../src/metric-names.js';
import type { BoundObservation, BoundSum, Recorder } from '../../src/recorder/recorder.js';
import { addSink, sinksOf } from '../../src/shared-state.js';
import { createCulpritLimit } from '../../src/stalls/tell/culprit-limit.js';
import { forgetDropped } from './dropped-locks.js';
import { flowsAreCheap } from './flows.js';
import { LOCK_LIBRARIES } from './libraries.js';
import { type OppositeOrders, onOppositeOrders } from './lock-order.js';
import { longHoldJson, longHoldSentence, oppositeOrdersJson, oppositeOrdersSentence } from './lock-sentences.js';
import type { LockUse } from './lock-use.js';
import { type LongHold, mayBecomeLong, newLongHolds } from './long-holds.js';
import { allNamedLocks, LOCK_SINKS } from './named-locks.js';
import { forgetAllUses, locksInUse, onContention } from './watched-lock.js';
import { watchWebLocks } from './web-locks.js';

export { type MonitoredLock, monitorLock } from './monitor-lock.js';
export { type LostUpdate, type WatchSharedOptions, watchShared } from './watch-shared.js';

export interface LocksOptions {
  /** A lock that is held for longer while others wait is told of, in milliseconds. @default 1000 */
  readonly holdThresholdMs?: number | undefined;
  /** How it is told of; `off` for by metrics alone. @default 'off' */
  readonly log?: LogFormat | undefined;
  /** Whether the order in which flows take locks is followed. @default on Node 24 and newer */
  readonly order?: boolean | undefined;
}

/** The same holder is told of once in this time, in milliseconds. */
const TELL_EVERY_MS = 10 * 60_000;
const LOOKS_PER_THRESHOLD = 4;

/** Creates the monitor of locks. */
export function createLocksMonitor(options: LocksOptions = {}): MonitorDefinition {
  const { holdThresholdMs = 1000, log = 'off', order = flowsAreCheap() } = options;
  return {
    name: 'locks',
    start({ recorder, clock, report }) {
      const removeSink = addSink(LOCK_SINKS, recorder);
      const refreshAll = () => {
        for (const named of allNamedLocks()) named.refresh();
      };
      refreshAll();
      const gauges = createGauges(recorder);
      const undoCollect = recorder.onCollect(() => gauges.observe(clock.monotonicMs()));
      const limitCulprit = createCulpritLimit();
      let deadlocks: BoundSum | undefined;
      const told = new WeakSet<LockUse>();
      const toldMs = new Map<string, number>();

      function tellLongHold(hold: LongHold, nowMs: number): void {
        const { name, file } = limitCulprit(hold.holder);
        recorder
          .sum(METRICS.lockLongHolds, {
            [ATTRIBUTES.lockName]: hold.lock,
            [ATTRIBUTES.codeFunctionName]: name,
            [ATTRIBUTES.codeFilePath]: file,
          })
          .add(1);
        const key = `${hold.lock}\n${name}\n${file}`;
        if (log === 'off' || nowMs - (toldMs.get(key) ?? Number.NEGATIVE_INFINITY) < TELL_EVERY_MS) return;
        toldMs.set(key, nowMs);
        writeLine(log === 'json' ? longHoldJson(hold) : `loopsight: ${longHoldSentence(hold)}`);
      }

      function tellOrders(found: OppositeOrders): void {
        deadlocks ??= recorder.sum(METRICS.lockDeadlocks);
        deadlocks.add(1);
        if (log !== 'off')
          writeLine(log === 'json' ? oppositeOrdersJson(found) : `loopsight: ${oppositeOrdersSentence(found)}`);
      }

      let timer: NodeJS.Timeout | undefined;

      // Only while somebody waits: nothing else can become long, and an idle process is not woken.
      function look(): void {
        timer = undefined;
        try {
          const nowMs = clock.monotonicMs();
          for (const hold of newLongHolds(locksInUse(), { nowMs, thresholdMs: holdThresholdMs, told }))
            tellLongHold(hold, nowMs);
          if (mayBecomeLong(locksInUse(), told)) lookLater();
        } catch (error) {
          report('long holds of locks could not be looked for', error);
        }
      }

      function lookLater(): void {
        timer ??= setTimeout(look, holdThresholdMs / LOOKS_PER_THRESHOLD).unref();
      }

      const libraries = watchLibraries(LOCK_LIBRARIES, report);
      const undoWebLocks = watchWebLocks();
      const undos = [onContention(lookLater), ...(order ? [onOppositeOrders(tellOrders)] : [])];
      return {
        stop() {
          libraries.stop();
          undoWebLocks();
          for (const undo of undos) undo();
          clearTimeout(timer);
          undoCollect();
          removeSink();
          refreshAll();
          if (sinksOf(LOCK_SINKS).recorders.size === 0) forgetAllUses();
          gauges.release();
          deadlocks?.release();
        },
      };
    },
  };
}

function createGauges(recorder: Recorder) {
  // An instrument that is created during a collection would miss it; this creates them without a series.
  for (const metric of [METRICS.lockWaiters, METRICS.lockLongestHold]) recorder.observation(metric).release();
  const bound = new Map<string, { readonly waiters: BoundObservation; readonly longest: BoundObservation }>();

  function gaugesOf(name: string) {
    let gauges = bound.get(name);
    if (gauges === undefined) {
      const attributes = { [ATTRIBUTES.lockName]: name };
      gauges = {
        waiters: recorder.observation(METRICS.lockWaiters, attributes),
        longest: recorder.observation(METRICS.lockLongestHold, attributes),
      };
      bound.set(name, gauges);
    }
    return gauges;
  }

  function release(name: string): void {
    const gauges = bound.get(name);
    bound.delete(name);
    gauges?.waiters.release();
    gauges?.longest.release();
  }

  return {
    observe(nowMs: number) {
      forgetDropped(locksInUse(), nowMs);
      const waiters = new Map<string, number>();
      const oldestMs = new Map<string, number>();
      for (const { named, waiting, held } of locksInUse()) {
        waiters.set(named.name, (waiters.get(named.name) ?? 0) + waiting.size);
        const [oldest] = held;
        if (oldest !== undefined) oldestMs.set(named.name, Math.min(oldestMs.get(named.name) ?? nowMs, oldest.sinceMs));
      }
      const names = new Set([...allNamedLocks()].map(({ name }) => name));
      for (const name of bound.keys()) if (!names.has(name)) release(name);
      for (const name of names) {
        const gauges = gaugesOf(name);
        gauges.waiters.set(waiters.get(name) ?? 0);
        gauges.longest.set((nowMs - (oldestMs.get(name) ?? nowMs)) / 1000);
      }
    },
    release() {
      for (const name of bound.keys()) release(name);
    },
  };
}
