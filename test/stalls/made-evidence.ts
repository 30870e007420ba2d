// Evidence and reports for tests of what is said about a stall, with only what a case is about spelled out.

import type { SchedulerSample, StallEvidence, TimedCapture } from '../../src/stalls/blame/evidence.js';
import type { StallReport } from '../../src/stalls/blame/stall-report.js';
import type { RawCapture } from '../../src/stalls/loop/capture.js';
import type { RawFrame } from '../../src/stalls/loop/raw-frame.js';

/** The folder of the application in all of these tests. */
export const APP = '/srv/shop';

/** A frame as `function file:line`, such as `parse src/a.js:3`; a file that is not `node:` or `native` lies below APP. */
export function frame(text: string): RawFrame {
  const [, name = '', file = '', line = '1', awaited] = /^(.*?) ?(\S*?)(?::(\d+))?( awaited)?$/.exec(text) ?? [];
  const isWhole = file === '' || file === 'native' || file.startsWith('node:') || file.startsWith('/');
  return [name, isWhole ? file : `${APP}/${file}`, Number(line), 1, awaited !== undefined];
}

/** A capture that was taken `atMs`, asked for `waitedMs` before; its stack from the innermost frame on. */
export function taken(
  atMs: number,
  stack: readonly string[],
  { waitedMs = 1, ...more }: Partial<RawCapture> & { readonly waitedMs?: number } = {},
): TimedCapture {
  return { askedMs: atMs - waitedMs, capture: { atMs, asyncId: 7, frames: stack.map(frame), ...more } };
}

/** What the scheduler did with the thread in `wallMs`, in shares of it. */
export function scheduled(
  wallMs: number,
  { cpu = 0, queued = 0, waitsIn = '' }: { cpu?: number; queued?: number; waitsIn?: string },
): SchedulerSample {
  return { wallMs, cpuMs: cpu * wallMs, runQueueMs: queued * wallMs, state: waitsIn === '' ? 'R' : 'S', waitsIn };
}

/** A stall from 1000 to 1400 ms of which nothing is known. */
export function evidence(known: Partial<StallEvidence> = {}): StallEvidence {
  return {
    fromMs: 1000,
    toMs: 1400,
    thresholdMs: 100,
    captures: [],
    scheduler: [],
    gcMs: 0,
    observerGapMs: 0,
    hasDebugger: false,
    ...known,
  };
}

/** A stall of 412 ms by parseInvoice. */
export function report(known: Partial<StallReport> = {}): StallReport {
  return {
    thread: 'main',
    startUnixMs: Date.UTC(2026, 0, 2, 3, 4, 5, 678),
    durationMs: 412,
    cause: 'javascript',
    confidence: 'exact',
    culprit: { function: 'parseInvoice', file: 'src/invoice.ts', line: 42, column: 3 },
    stack: [],
    callbacks: 1,
    ...known,
  };
}
