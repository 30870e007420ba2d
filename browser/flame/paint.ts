// Draws what is in sight, and nothing else: the work depends on the size of the canvas, not on the number of frames.
import { firstEndingAfter } from './navigate.js';
import type { Span } from './span.js';
import { at, type Tree } from './tree.js';

export const ROW_HEIGHT = 20;
const GAP = 1;
const PADDING = 5;
const NARROWEST_LABEL = 26;
/** Narrower than this, frames are drawn as one. */
const NARROWEST = 1;

/** How frames look. */
export interface Look {
  readonly isDark: boolean;
  colour(frame: number): string;
  label(frame: number): string;
  /** Whether a frame stands back: it is not what was searched for. */
  isDimmed(frame: number): boolean;
  /** Whether a frame is striped: only one of two profiles has it. */
  isStriped(frame: number): boolean;
}

export interface Scene {
  readonly tree: Tree;
  readonly span: Span;
  readonly look: Look;
  readonly width: number;
  readonly height: number;
  /** How far the graph is scrolled, in pixels. */
  readonly scroll: number;
  /** Whether callers are at the bottom. */
  readonly isFlame: boolean;
  readonly selected: number | undefined;
  readonly hovered: number | undefined;
}

/** How high the whole graph is. */
export const heightOf = ({ rows }: Tree): number => rows.length * ROW_HEIGHT;

/** The top of a row in the graph. */
export function topOf({ tree, isFlame }: Pick<Scene, 'tree' | 'isFlame'>, depth: number): number {
  return (isFlame ? tree.rows.length - 1 - depth : depth) * ROW_HEIGHT;
}

/** Draws the scene. */
export function paint(context: CanvasRenderingContext2D, scene: Scene): void {
  const { tree, span, look, width, height, scroll } = scene;
  context.clearRect(0, 0, width, height);
  context.font = '12px system-ui, sans-serif';
  context.textBaseline = 'middle';
  const scale = width / (span.to - span.from);
  const stripes = stripesOf(context, look.isDark);
  for (let depth = 0; depth < tree.rows.length; depth++) {
    const top = topOf(scene, depth) - scroll;
    if (top < -ROW_HEIGHT || top > height) continue;
    const row = tree.rows[depth] ?? new Int32Array();
    for (let place = firstEndingAfter(tree, row, span.from); place < row.length; ) {
      const frame = row[place] ?? 0;
      const left = (at(tree.start, frame) - span.from) * scale;
      if (left >= width) break;
      const right = left + at(tree.total, frame) * scale;
      paintFrame(context, scene, frame, Math.max(left, -1), Math.min(right, width + 1), top, stripes);
      // What ends within the same pixel is not seen.
      const isNarrow = right - left < NARROWEST;
      place = isNarrow ? firstEndingAfter(tree, row, span.from + (left + NARROWEST) / scale) : place + 1;
      if (isNarrow && row[place] === frame) place++;
    }
  }
}

function paintFrame(
  context: CanvasRenderingContext2D,
  { look, selected, hovered }: Scene,
  frame: number,
  left: number,
  right: number,
  top: number,
  stripes: CanvasPattern | null,
): void {
  const width = Math.max(right - left - (right - left > 3 ? GAP : 0), NARROWEST);
  const height = ROW_HEIGHT - GAP;
  context.globalAlpha = look.isDimmed(frame) ? 0.22 : 1;
  context.fillStyle = look.colour(frame);
  context.fillRect(left, top, width, height);
  if (look.isStriped(frame) && stripes !== null) {
    context.fillStyle = stripes;
    context.fillRect(left, top, width, height);
  }
  const foreground = look.isDark ? '#f2f2f4' : '#16181d';
  if (width > NARROWEST_LABEL) {
    const text = fitted(context, look.label(frame), width - 2 * PADDING);
    context.globalAlpha = look.isDimmed(frame) ? 0.6 : 1;
    context.fillStyle = foreground;
    if (text !== '') context.fillText(text, Math.max(left, 0) + PADDING, top + height / 2 + 0.5);
  }
  context.globalAlpha = 1;
  if (frame === selected || frame === hovered) {
    context.strokeStyle = foreground;
    context.lineWidth = frame === selected ? 2 : 1;
    const inset = context.lineWidth / 2;
    context.strokeRect(left + inset, top + inset, Math.max(width - 2 * inset, 0.5), height - 2 * inset);
  }
}

const widths = new Map<string, number>();
const REMEMBERED_WIDTHS = 20_000;

/** The text, or as much of it as fits. */
function fitted(context: CanvasRenderingContext2D, text: string, width: number): string {
  let full = widths.get(text);
  if (full === undefined) {
    if (widths.size > REMEMBERED_WIDTHS) widths.clear();
    full = context.measureText(text).width;
    widths.set(text, full);
  }
  if (full <= width) return text;
  const length = Math.floor((text.length * (width - 8)) / full);
  return length < 2 ? '' : `${text.slice(0, length)}…`;
}

let pattern: CanvasPattern | null | undefined;
let patternIsDark: boolean | undefined;

function stripesOf(context: CanvasRenderingContext2D, isDark: boolean): CanvasPattern | null {
  if (pattern !== undefined && patternIsDark === isDark) return pattern;
  patternIsDark = isDark;
  const tile = document.createElement('canvas');
  tile.width = 8;
  tile.height = 8;
  const drawing = tile.getContext('2d');
  if (drawing !== null) {
    drawing.strokeStyle = isDark ? 'rgb(255 255 255 / 22%)' : 'rgb(255 255 255 / 60%)';
    drawing.lineWidth = 2;
    for (const from of [-8, 0, 8]) {
      drawing.moveTo(from, 8);
      drawing.lineTo(from + 8, 0);
    }
    drawing.stroke();
  }
  pattern = context.createPattern(tile, 'repeat');
  return pattern;
}
