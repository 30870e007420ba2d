// Calls that can hold the loop and cannot be looked into: wrapped, so that a stall in one is seen there, and timed.
import { clearTimeout, setTimeout } from 'node:timers';
import type { Monitor, MonitorDefinition } from '../../src/instrumentation.js';
import { watchLibraries } from '../../src/loading/watch-libraries.js';
import { readCallers } from '../../src/stalls/loop/capture.js';
import {
  type AnyFunction,
  type CallTiming,
  type Capturing,
  type LongCall,
  NOT_TIMED,
  withMethodCheckpoint,
  withParseTiming,
  withStringifyTiming,
  withTiming,
  withUnboundCheckpoint,
} from '../../src/stalls/loop/checkpoint.js';
import type { SeenCall } from '../../src/stalls/loop/recent-calls.js';
import { createCallFigures } from './call-figures.js';
import { createCallTotals, STDIO_LABELS } from './call-totals.js';
import { callerIn, callerName } from './caller.js';
import { METHOD_CALLS, PARSE_CALLS, STRINGIFY_CALLS, TIMED_CALLS, UNTIMED_CALLS, WAITING_CALLS } from './calls.js';
import { blockingLibraries } from './libraries.js';
import { onStarted } from './started.js';
import { watchStdioWrites } from './stdio-writes.js';
import { type FailOnBlockingCallsOptions, failOnBlockingCalls } from './throwing/fail-on-blocking-calls.js';
import { loadGuarded } from './throwing/guarded-calls.js';
import { askGuards, type CallGuard } from './throwing/guards.js';
import { createCallWrapping } from './wrapping.js';

/** Calls from this length on are counted; reading the stack for the caller's name is a thousandth of it then. */
export const LONG_CALL_MS = 10;

export interface BlockingCallsOptions {
  /** Not 0 while somebody waits for a capture; without it, wrappers only time. */
  readonly capturing?: Capturing | undefined;
  /** Told of each long call, when it is over. */
  readonly onLongCall?: ((call: SeenCall) => void) | undefined;
  /** What may block where blocking calls throw; they do not without it. */
  readonly throwing?: FailOnBlockingCallsOptions | undefined;
}

/** Writes that go to standard output or standard error by the number of their first argument. */
const WRITES: ReadonlySet<string> = new Set(['fs.writeSync', 'fs.writevSync']);
/** Calls that work in the thread pool where they are given a callback. */
const WITH_CALLBACK: ReadonlySet<string> = new Set([
  'crypto.randomBytes',
  'crypto.sign',
  'crypto.verify',
  'crypto.diffieHellman',
]);

/** Creates the monitor. */
export function createBlockingCallsMonitor(options: BlockingCallsOptions = {}): MonitorDefinition {
  const { capturing, onLongCall, throwing } = options;
  return {
    name: 'blocking-calls',
    start({ recorder, clock, report }): Monitor {
      const figures = createCallFigures(recorder);
      const totals = createCallTotals({ recorder, boundedCaller: figures.bounded });
      const timing: CallTiming = {
        depth: 0,
        longMs: LONG_CALL_MS,
        now: () => clock.monotonicMs(),
        onLong,
        onSample(tally, ms, wrapper) {
          guarded(() => totals.sampled(tally, ms, () => callerName(wrapper)));
        },
      };
      const flag = capturing ?? new Int32Array(1);
      const stdio = [undefined, totals.of(STDIO_LABELS.stdout), totals.of(STDIO_LABELS.stderr)] as const;

      const timed = (original: AnyFunction, label: string, guard?: CallGuard): AnyFunction => {
        const tally = totals.of(label);
        // Anything may stand there, also what is no number and throws when it is to be the name of a property.
        const ofStream = ([fd]: readonly unknown[]) => (fd === 1 || fd === 2 ? stdio[fd] : tally);
        const ofBlocking = (args: readonly unknown[]) => (typeof args.at(-1) === 'function' ? undefined : tally);
        const tallyOf = WRITES.has(label) ? ofStream : WITH_CALLBACK.has(label) ? ofBlocking : undefined;
        return withTiming(original, { tally, capturing: flag, timing, tallyOf, guard });
      };
      const shared = { mayLoad: true, report };
      const ofEngine = capturing === undefined ? [] : UNTIMED_CALLS;
      const jsonOptions = (label: string) => ({ tally: totals.of(label), capturing: flag, timing });
      if (throwing !== undefined) loadGuarded();
      const wrappings = [
        createCallWrapping({ ...shared, groups: [...TIMED_CALLS, ...WAITING_CALLS], wrap: timed }),
        createCallWrapping({ ...shared, groups: ofEngine, wrap: (original) => withUnboundCheckpoint(original, flag) }),
        createCallWrapping({
          ...shared,
          groups: PARSE_CALLS,
          wrap: (original, label) => withParseTiming(original, jsonOptions(label)),
        }),
        createCallWrapping({
          ...shared,
          groups: STRINGIFY_CALLS,
          wrap: (original, label) => withStringifyTiming(original, jsonOptions(label)),
        }),
        createCallWrapping({
          ...shared,
          groups: capturing === undefined ? [] : METHOD_CALLS,
          wrap: (original) => withMethodCheckpoint(original, flag),
        }),
      ];
      const libraries = watchLibraries(
        blockingLibraries((original, label) => timed(original, label, askGuards)),
        report,
      );
      const writes = watchStdioWrites({ wrap: timed, report });
      const started = onStarted(clock, totals.begin);
      const guard = throwing === undefined ? undefined : failOnBlockingCalls(throwing);

      function wrapLoaded(): void {
        // The stack is empty where this is called; a call that was cut off (a vm's timeout does that) is over.
        if (timing.depth !== NOT_TIMED) timing.depth = 0;
        for (const wrapping of wrappings) wrapping.wrapLoaded();
      }

      function onLong({ label, fromMs, toMs, wrapper }: LongCall): void {
        guarded(() => {
          const frames = readCallers(wrapper);
          figures.count(label, callerIn(frames), (toMs - fromMs) / 1000);
          onLongCall?.({ label, fromMs, toMs, frames });
        });
      }

      function guarded(act: () => void): void {
        try {
          act();
        } catch (error) {
          report('a blocking call could not be told of', error);
        }
      }

      // Modules that are imported are loaded before the first turn, and imports follow what is wrapped later. Those that
      // are loaded while the program runs are found at the next collection.
      const firstTurn = setTimeout(wrapLoaded, 0).unref();
      const offCollect = recorder.onCollect(wrapLoaded);
      return {
        stop() {
          clearTimeout(firstTurn);
          offCollect();
          timing.depth = NOT_TIMED;
          guard?.stop();
          started.stop();
          writes.stop();
          libraries.stop();
          totals.stop();
          figures.stop();
          for (const wrapping of wrappings) wrapping.stop();
        },
      };
    },
  };
}
