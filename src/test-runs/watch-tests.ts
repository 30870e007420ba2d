// Watches the loop of this process while its tests run, and keeps what each test came to.

import { relative } from 'node:path';
import { performance } from 'node:perf_hooks';
import timers from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../clock.js';
import { sharedState } from '../shared-state.js';
import type { StallReport } from '../stalls/blame/stall-report.js';
import type { StallFigures } from '../stalls/tell/stall-figures.js';
import { start } from '../start.js';
import { dumpAfter } from './dump-of-test.js';
import type { TestRunSettings } from './settings.js';
import type { TestRecord, TestStall } from './test-record.js';
import { withoutProcessorMs } from './thread-times.js';
import { watchResources } from './waited-for.js';

// As they are now: tests put clocks and timers of their own in their place.
const { setTimeout: delay } = timers;
const { now: unixMs } = Date;

/** Shorter than that of a service: a test is short as well. */
const STALL_THRESHOLD_MS = 50;
const PROBE_EVERY_MS = 10;
/** The first turns are waited for, and the last reports, but no longer than this. */
const PATIENCE_MS = 300;
const LOOK_AGAIN_MS = 5;

/** A test that runs. */
export interface RunningTest {
  /** Ends it; returns what it came to so far: its last stall is named a moment later. */
  end(): TestRecord;
}

/** The watch of one process. */
export interface TestWatch {
  /** Resolves when stalls are seen: the first turns of a loop belong to its start. */
  ready(): Promise<void>;
  begin(name: string, file: string): RunningTest;
  /** Resolves when the stalls of the ended tests are named, or cannot be any more. */
  settled(): Promise<void>;
  /** The ended tests so far. */
  records(): TestRecord[];
  stop(): Promise<void>;
}

interface Ended {
  readonly record: TestRecord;
  readonly fromUnixMs: number;
  readonly toUnixMs: number;
}

/** Starts to watch. Throws a TypeError for a bad variable. */
export function watchTests({ dumpAfterMs }: TestRunSettings): TestWatch {
  const loopsight = start({
    endpoint: false,
    log: false,
    group: 'off',
    lagProbeIntervalMs: PROBE_EVERY_MS,
    stallThresholdMs: STALL_THRESHOLD_MS,
    dumpAfterMs,
  });
  // Tests may leave the folder, and remove the one that they are in.
  const workingDirectory = process.cwd();
  const stalls: StallReport[] = [];
  const figures: StallFigures = {
    count(report) {
      if (report.thread === 'main') stalls.push(report);
    },
    countSpin: () => {},
  };
  const state = sharedState();
  state.stallFigures ??= new Set();
  state.stallFigures.add(figures);
  const ended: Ended[] = [];
  const running = new Set<{ readonly name: string; others: number }>();

  const complete = ({ record, fromUnixMs, toUnixMs }: Ended): TestRecord => ({
    ...record,
    stalls: stallsWithin(stalls, fromUnixMs, toUnixMs),
  });

  return {
    ready: () => until(() => state.heldTime?.isWatching?.() !== false),
    begin(name, file) {
      const fromUnixMs = unixMs();
      const fromMs = systemClock.monotonicMs();
      const idleAtMs = performance.nodeTiming.idleTime;
      const unscheduledAtMs = withoutProcessorMs();
      const waitedFor = watchResources();
      const undoDump = dumpAfter(dumpAfterMs, name);
      const self = { name, others: 0 };
      for (const other of running) {
        if (isPartOf(name, other.name) || isPartOf(other.name, name)) continue;
        other.others++;
        self.others++;
      }
      running.add(self);
      return {
        end() {
          undoDump();
          const toMs = systemClock.monotonicMs();
          const toUnixMs = unixMs();
          running.delete(self);
          const durationMs = toMs - fromMs;
          const waitedMs = Math.min(durationMs, Math.max(0, performance.nodeTiming.idleTime - idleAtMs));
          // By the clock that it is told by, which may be one of the test's own.
          const heldMs = state.heldTime?.between(systemClock.unixMs() - durationMs, undefined, toMs) ?? 0;
          const blockedMs = Math.min(heldMs, durationMs - waitedMs);
          const unscheduledMs = withoutProcessorMs();
          const entry: Ended = {
            fromUnixMs,
            toUnixMs,
            record: {
              name,
              file: shownFile(file, workingDirectory),
              durationMs,
              blockedMs,
              spunMs: durationMs - waitedMs - blockedMs,
              waitedMs,
              ...(unscheduledMs === undefined || unscheduledAtMs === undefined
                ? {}
                : { withoutProcessorMs: unscheduledMs - unscheduledAtMs }),
              stalls: [],
              waitedFor: waitedFor(),
              others: self.others,
            },
          };
          ended.push(entry);
          return complete(entry);
        },
      };
    },
    settled: () =>
      until(() => ended.every((entry) => entry.record.blockedMs === 0 || complete(entry).stalls.length > 0)),
    records: () => ended.map(complete),
    async stop() {
      state.stallFigures?.delete(figures);
      await loopsight.stop();
    },
  };
}

async function until(isTrue: () => boolean): Promise<void> {
  const endMs = systemClock.monotonicMs() + PATIENCE_MS;
  while (!isTrue() && systemClock.monotonicMs() < endMs) await delay(LOOK_AGAIN_MS);
}

// A test that has others within it waits for them.
const isPartOf = (name: string, whole: string): boolean => name.startsWith(`${whole} › `);

function stallsWithin(stalls: readonly StallReport[], fromUnixMs: number, toUnixMs: number): TestStall[] {
  return stalls
    .filter(({ startUnixMs, durationMs }) => startUnixMs < toUnixMs && startUnixMs + durationMs > fromUnixMs)
    .sort((one, other) => other.durationMs - one.durationMs)
    .map(({ durationMs, cause, confidence, culprit, leaf }) => ({
      durationMs,
      cause,
      confidence,
      ...(culprit === undefined ? {} : { culprit }),
      ...(leaf === undefined ? {} : { leaf }),
    }));
}

function shownFile(file: string, workingDirectory: string): string {
  const path = file.startsWith('file:') ? fileURLToPath(file) : file;
  return path === '' ? '' : relative(workingDirectory, path);
}
