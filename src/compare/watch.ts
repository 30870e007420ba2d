// Looks several times, until an answer is there or time is up.
import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { duration } from '../status/wording.js';
import type { Verdict } from './observations.js';
import { UnreadableData } from './unreadable.js';

/** What one look found. */
export interface Looked {
  readonly verdict: Verdict;
}

/** When to look, and where to tell of it. */
export interface WatchOptions {
  readonly deadlineS: number;
  readonly everyS: number;
  /** Draws one line anew; undefined where no line can be. */
  readonly redraw: ((line: string) => void) | undefined;
  /** Writes a line that stays. */
  readonly tell: (line: string) => void;
}

const REDRAW_MS = 1000;
const BAR_WIDTH = 20;

/**
 * Calls `look` now and every `everyS` until its verdict is not inconclusive or the deadline has come; resolves to the last
 * one. A look that finds nothing yet, or fails once it has found something, is not the end. Rejects with UnreadableData.
 */
export async function watch<T extends Looked>(
  look: (number: { readonly number: number; readonly of: number }) => Promise<T>,
  { deadlineS, everyS, redraw, tell }: WatchOptions,
): Promise<T> {
  const of = Math.floor(deadlineS / everyS + 1e-9) + 1;
  const startMs = performance.now();
  let last: T | undefined;
  for (let number = 1; ; number++) {
    let state: string;
    try {
      redraw?.(`${bar(last?.verdict.progress ?? 0)} look ${number} of ${of} …`);
      last = await look({ number, of });
      if (last.verdict.verdict !== 'inconclusive' || number >= of) return last;
      state = `${last.verdict.verdict}, ${percentOf(last.verdict.progress)} of the data`;
    } catch (error) {
      const mayCome = error instanceof UnreadableData && (last !== undefined || error.mayCome);
      if (!mayCome || number >= of) throw error;
      state = error.message;
    } finally {
      redraw?.('');
    }
    if (redraw === undefined) tell(`Look ${number} of ${of}: ${state}`);
    await waitUntil(startMs + number * everyS * 1000, (leftS) => {
      const next = duration(Math.max(1, Math.ceil(leftS)));
      redraw?.(`${bar(last?.verdict.progress ?? 0)} ${state}; look ${number + 1} of ${of} in ${next}`);
    });
    redraw?.('');
  }
}

async function waitUntil(atMs: number, meanwhile: (leftS: number) => void): Promise<void> {
  for (let leftMs = atMs - performance.now(); leftMs > 0; leftMs = atMs - performance.now()) {
    meanwhile(leftMs / 1000);
    await delay(Math.min(REDRAW_MS, leftMs));
  }
}

function bar(progress: number): string {
  const filled = Math.round(Math.min(1, Math.max(0, progress)) * BAR_WIDTH);
  return `[${'#'.repeat(filled)}${'-'.repeat(BAR_WIDTH - filled)}]`;
}

function percentOf(progress: number): string {
  return `${Math.floor(Math.min(1, Math.max(0, progress)) * 100)} %`;
}
