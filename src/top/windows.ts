// One thread's profile in windows without a gap between them; where that is not allowed, one after the other.
import { compileAnew } from '../attach/compile-anew.js';
import type { CdpThread } from '../cdp/connection.js';
import type { Clock } from '../clock.js';
import type { V8Profile } from '../profile/v8-profile.js';
import { turnExpression } from './expressions.js';

/** Starting a profile holds the thread, for longer the more code it has; that may take this share of its time. */
const START_SHARE = 0.02;

/** The windows of a thread. */
export interface ProfileWindows {
  /**
   * Ends the window that runs and begins the next; resolves when the thread has done so, and never rejects. A second request
   * while one is not answered is left out.
   */
  turn(): Promise<void>;
  /** The windows that have ended since they were last taken: one at most, usually. */
  take(): readonly V8Profile[];
  /** Whether the thread has not answered the last request yet. */
  readonly isWaiting: boolean;
  /** Ends the profile that runs, as far as the thread still answers. Never rejects. */
  stop(): Promise<void>;
}

export interface WindowsOptions {
  readonly intervalUs: number;
  readonly mayEvaluate: boolean;
  /** Whether nobody else profiles: code is compiled anew at the begin, so that what was inlined is known. */
  readonly isOwn: boolean;
  readonly clock: Clock;
}

interface Finished {
  readonly title?: string;
  readonly profile?: V8Profile;
}

let created = 0;

/** Begins the first window with the first turn. */
export function createWindows({ connection }: CdpThread, options: WindowsOptions): ProfileWindows {
  created++;
  // Others who look into the same process see these as well, and must be able to tell them from their own.
  const name = `loopsight top ${process.pid}.${created}`;
  let ended: V8Profile[] = [];
  let begun = 0;
  let isEnabled = false;
  let overlaps = options.mayEvaluate && options.isOwn;
  let isWaiting = false;
  let hasBegun = false;
  let startedMs = 0;
  let startTookMs: number | undefined;
  let starts = 0;
  let stopped = false;

  const forget = connection.on('Profiler.consoleProfileFinished', (params) => {
    const { title, profile } = params as Finished;
    if (profile !== undefined && title?.startsWith(`${name}#`) === true) ended.push(profile);
  });

  async function enable(): Promise<void> {
    // In this order: windows of others who look into the same process run here as well, and V8 refuses it while one does.
    await connection.post('Profiler.setSamplingInterval', { interval: options.intervalUs });
    await connection.post('Profiler.enable');
    isEnabled = true;
  }

  // Two titles are enough, and each text that is evaluated stays with V8 while the thread is profiled.
  const titleOf = (number: number): string | undefined => (number === 0 ? undefined : `${name}#${number % 2}`);

  async function overlap(): Promise<boolean> {
    const expression = turnExpression(titleOf(begun + 1), titleOf(begun));
    const answer = (await connection.post('Runtime.evaluate', { expression, returnByValue: true, silent: true })) as {
      readonly result?: { readonly value?: unknown };
    };
    if (answer.result?.value !== true) return false;
    begun++;
    return true;
  }

  async function restart(): Promise<void> {
    const nowMs = options.clock.monotonicMs();
    if (startedMs > 0) {
      // Of the first window nothing is known yet, and somebody waits for it.
      if (startTookMs !== undefined && nowMs - startedMs < startTookMs / START_SHARE) return;
      const { profile } = (await connection.post('Profiler.stop')) as { readonly profile: V8Profile };
      ended.push(profile);
    }
    const atMs = options.clock.monotonicMs();
    await connection.post('Profiler.start');
    startedMs = options.clock.monotonicMs();
    starts++;
    // The least of them is what it takes; the rest is waiting for the thread.
    if (starts > 1) startTookMs = Math.min(startTookMs ?? Number.POSITIVE_INFINITY, startedMs - atMs);
  }

  return {
    async turn() {
      if (isWaiting || stopped) return;
      isWaiting = true;
      try {
        if (!isEnabled) await enable();
        if (overlaps) overlaps = await overlap();
        if (!overlaps) await restart();
        if (options.isOwn && !hasBegun) await compileAnew(connection);
        hasBegun = true;
      } catch {
        // The thread has ended.
      } finally {
        isWaiting = false;
      }
    },
    take() {
      const taken = ended;
      ended = [];
      return taken;
    },
    get isWaiting() {
      return isWaiting;
    },
    async stop() {
      if (stopped) return;
      stopped = true;
      forget();
      // Ends all profiles of this session.
      await connection.post('Profiler.disable').catch(() => {});
    },
  };
}
