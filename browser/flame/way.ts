// Finding a frame again in another drawing, and the axis of time.
import { type Code, keyOf } from './codes.js';
import { element } from './dom.js';
import type { Drawing } from './drawing.js';
import { timeText } from './figures.js';
import type { Span } from './span.js';
import { at } from './tree.js';

/** The frame of `drawing` that is called as the last one of `path` was; the nearest caller where it is gone. */
export function samePath(before: Drawing, path: readonly number[], drawing: Drawing): number | undefined {
  let found: number | undefined;
  for (const frame of path) {
    const wanted = key(before.codes[at(before.tree.code, frame)]);
    const row = drawing.tree.rows[found === undefined ? 0 : at(drawing.tree.depth, found) + 1] ?? new Int32Array();
    const next = row.find(
      (one) =>
        (found === undefined || drawing.tree.parent[one] === found) &&
        key(drawing.codes[at(drawing.tree.code, one)]) === wanted,
    );
    if (next !== undefined) found = next;
  }
  return found;
}

const key = (code: Code | undefined): string => (code === undefined ? '' : keyOf(code));

const TICKS = 8;

/** Draws the ticks of the part in sight. */
export function timeAxis(box: HTMLElement, { from, to }: Span): void {
  const wanted = (to - from) / TICKS;
  const power = 10 ** Math.floor(Math.log10(wanted));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((one) => one >= wanted) ?? wanted;
  const ticks: HTMLElement[] = [];
  for (let tick = Math.ceil(from / step) * step; tick < to; tick += step) {
    const mark = element('span', {}, timeText(tick));
    mark.style.left = `${((tick - from) / (to - from)) * 100}%`;
    ticks.push(mark);
  }
  box.replaceChildren(...ticks);
}
