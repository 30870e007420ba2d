// How far a recording is, in the last line of a terminal.
import { formatMs } from '../stalls/tell/stall-sentence.js';

const WIDTH = 16;
const DRAW_MS = 200;

/**
 * Draws how much of `durationMs` has passed until the returned function is called, which wipes the line. Does nothing where
 * there is no terminal, `redraw`.
 */
export function showProgress(
  redraw: ((line: string) => void) | undefined,
  what: string,
  durationMs: number,
): () => void {
  if (redraw === undefined) return () => {};
  const startMs = performance.now();
  const draw = () => redraw(progressLine(what, performance.now() - startMs, durationMs));
  draw();
  const timer = setInterval(draw, DRAW_MS);
  return () => {
    clearInterval(timer);
    redraw('');
  };
}

/** The line after `passedMs`. */
export function progressLine(what: string, passedMs: number, durationMs: number): string {
  const share = Math.min(1, passedMs / durationMs);
  const full = Math.round(share * WIDTH);
  const shownMs = Math.min(passedMs, durationMs);
  return `${what} [${'#'.repeat(full)}${'-'.repeat(WIDTH - full)}] ${formatMs(shownMs)} of ${formatMs(durationMs)}; Ctrl-C ends it early`;
}
