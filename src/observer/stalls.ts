// Stalls as the observer tells of them: counted in its own store, logged, and reported to the main thread.
import type { Clock } from '../clock.js';
import { createDumper, type Dumper } from '../dump/collect.js';
import { openLiveMemory } from '../live-calls/live-memory.js';
import { METRICS } from '../metric-names.js';
import type { Store } from '../recorder/store.js';
import { createHolds } from '../relay/holds.js';
import type { RelaysOptions } from '../relay/relays.js';
import { createSessionGuard } from '../relay/session-guard.js';
import { createSourceMapper } from '../stalls/blame/source-maps.js';
import type { StallReport } from '../stalls/blame/stall-report.js';
import { field, LOOP } from '../stalls/loop/loop-record.js';
import { createSpinLog } from '../stalls/tell/spin-log.js';
import { createStallFigures } from '../stalls/tell/stall-figures.js';
import { createStallLog } from '../stalls/tell/stall-log.js';
import { createCapturer } from '../stalls/watch/capturer.js';
import type { SpinReport } from '../stalls/watch/spin-report.js';
import { type StallWatch, type StallWatchOptions, startStallWatch } from '../stalls/watch/stall-watch.js';
import { createTaskReader, type TaskReader } from '../tasks/collect.js';
import { type Board, HEAD } from '../worker-board/memory.js';
import { writeError } from '../write-error.js';
import type { Heartbeat } from './heartbeat.js';
import { createLastingStalls } from './lasting-stalls.js';
import type { StallWatchSettings } from './messages.js';

export interface StallsOptions {
  readonly settings: StallWatchSettings;
  readonly clock: Clock;
  readonly heartbeat: Heartbeat;
  readonly board: Board | undefined;
  readonly liveCalls: SharedArrayBuffer | undefined;
  readonly store: Store;
  /** What a profile saw of a stall of the main thread; undefined where there is none. */
  readonly seenOf?: StallWatchOptions['seenOf'];
  /** Tells the main thread. */
  readonly tell: (report: StallReport, isStarted: boolean) => void;
  readonly tellSpin: (report: SpinReport) => void;
  readonly report: (cause: string, error: unknown) => void;
}

/** A running watch, and what can be asked of those that it watches. */
export interface Stalls {
  readonly watch: StallWatch;
  readonly dump: Dumper;
  /** Undefined where no traced calls are shown. */
  readonly tasks: TaskReader | undefined;
  /** What the inspector is relayed with; undefined where it may not be used. */
  readonly relay: Pick<RelaysOptions, 'guard' | 'holds'> | undefined;
}

/** Starts the watch over the stalls of all loops. */
export function startStalls({
  settings,
  clock,
  heartbeat,
  board,
  liveCalls,
  store,
  seenOf,
  tell,
  tellSpin,
  report,
}: StallsOptions): Stalls {
  const figures = createStallFigures(store);
  const log = createStallLog(settings.log);
  const spinLog = createSpinLog(settings.log);
  const captures = store.sum(METRICS.selfCaptures);
  const holds = createHolds(clock);
  const capture = settings.capture
    ? createCapturer({ heartbeat, board, isHeld: holds.isHeld, onCapture: () => captures.add(1), report })
    : undefined;
  const mapped = createSourceMapper();
  const dump = createDumper({
    clock,
    capture,
    pid: process.pid,
    root: settings.root,
    mapped,
    threads: () => watch.threads(),
    areAll: () => board !== undefined && Atomics.load(board.ints, HEAD.unwatched) === 0,
  });
  const lasting = createLastingStalls({ settings, clock, heartbeat, dump, report });
  const watch = startStallWatch({
    settings,
    clock,
    heartbeat,
    board,
    report,
    capture,
    heldMs: holds.within,
    ...(seenOf === undefined ? {} : { seenOf }),
    onLook: lasting.look,
    onSpin(spin) {
      figures.countSpin(spin);
      tellSpin(spin);
      write(spinLog(spin, clock.monotonicMs()));
    },
    onStall(stall, isStarted) {
      figures.count(stall);
      tell(stall, isStarted);
      lasting.over(stall);
      if (isStarted) write(log(stall, clock.monotonicMs()));
    },
  });
  const tasks =
    liveCalls === undefined
      ? undefined
      : createTaskReader({
          clock,
          pid: process.pid,
          memory: openLiveMemory(liveCalls),
          root: settings.root,
          mapped,
          isSleeping: () => field(heartbeat.record, LOOP.sleeping) === 1,
          // Then it turns as often as its stalls ask for.
          sleepsForMs: settings.thresholdMs,
          blockedMs: heartbeat.blockedMs,
        });
  // By the same rights as captures.
  const relay = settings.capture ? { guard: createSessionGuard(heartbeat, board), holds } : undefined;
  return { watch, dump, tasks, relay };
}

function write(line: string | undefined): void {
  if (line !== undefined) writeError(`${line}\n`);
}
