// The graph in its box: scrolled, zoomed, hovered over and walked through with the keys.

import { element } from './dom.js';
import type { Drawing } from './drawing.js';
import { frameAt } from './navigate.js';
import { heightOf, paint, ROW_HEIGHT, topOf } from './paint.js';
import { between, clamped, type Span, zoomed } from './span.js';
import { createTooltip } from './tooltip.js';
import { at } from './tree.js';

const ZOOM_MS = 160;
const DRAG_PIXELS = 4;

/** What the graph shows. */
export interface Shape {
  readonly drawing: Drawing;
  readonly isFlame: boolean;
  isDimmed(frame: number): boolean;
}

export interface GraphEvents {
  /** The user pointed at a frame and pressed. */
  pick(frame: number): void;
  /** The part in sight is another one. */
  moved(): void;
}

export interface Graph {
  /** The box, which has the focus and the keys. */
  readonly box: HTMLElement;
  readonly span: Span;
  show(shape: Shape): void;
  select(frame: number | undefined): void;
  /** Shows a part of the graph, where `isQuick` at once. */
  go(span: Span, isQuick?: boolean): void;
  redraw(): void;
  destroy(): void;
}

/** An empty graph. */
export function createGraph(events: GraphEvents): Graph {
  const canvas = element('canvas', { 'aria-hidden': 'true' });
  const space = element('div', { class: 'flame-space' }, canvas);
  const box = element('div', { class: 'flame-box', tabindex: 0, role: 'tree' }, space);
  const tooltip = createTooltip();
  box.append(tooltip.box);
  const context = canvas.getContext('2d');
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const still = matchMedia('(prefers-reduced-motion: reduce)');
  const ends = new AbortController();
  const { signal } = ends;

  let shape: Shape | undefined;
  let span: Span = { from: 0, to: 1 };
  let selected: number | undefined;
  let hovered: number | undefined;
  let asked = 0;
  let moving = 0;

  const extent = () => Math.max(shape?.drawing.tree.extent ?? 0, Number.MIN_VALUE);
  const xOf = (pixels: number) => span.from + (pixels / Math.max(box.clientWidth, 1)) * (span.to - span.from);

  function draw(): void {
    asked = 0;
    if (shape === undefined || context === null) return;
    const { drawing, isFlame, isDimmed } = shape;
    const [width, height] = [box.clientWidth, box.clientHeight];
    const ratio = devicePixelRatio;
    if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
      canvas.style.width = `${width}px`;
      canvas.style.height = `${height}px`;
    }
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    const isDark = dark.matches;
    const { tree, codes } = drawing;
    const look = {
      isDark,
      isDimmed,
      colour: (frame: number) => drawing.colour(frame, isDark),
      label: (frame: number) => codes[at(tree.code, frame)]?.name ?? '',
      isStriped: drawing.isStriped,
    };
    paint(context, { tree, span, look, width, height, scroll: box.scrollTop, isFlame, selected, hovered });
  }

  function redraw(): void {
    if (asked === 0) asked = requestAnimationFrame(draw);
  }

  function move(next: Span): void {
    span = clamped(next, extent());
    redraw();
    events.moved();
  }

  function go(target: Span, isQuick = false): void {
    cancelAnimationFrame(moving);
    const from = span;
    if (isQuick || still.matches) {
      move(target);
      return;
    }
    const beganMs = performance.now();
    const step = () => {
      const done = Math.min(1, (performance.now() - beganMs) / ZOOM_MS);
      move(done === 1 ? target : between(from, target, done));
      if (done < 1) moving = requestAnimationFrame(step);
    };
    step();
  }

  function pointed(event: MouseEvent): number | undefined {
    if (shape === undefined) return undefined;
    const { tree } = shape.drawing;
    const { left, top } = box.getBoundingClientRect();
    const row = Math.floor((event.clientY - top + box.scrollTop) / ROW_HEIGHT);
    return frameAt(tree, shape.isFlame ? tree.rows.length - 1 - row : row, xOf(event.clientX - left));
  }

  function hover(frame: number | undefined, event?: MouseEvent): void {
    if (frame !== hovered) redraw();
    hovered = frame;
    if (frame === undefined || event === undefined || shape === undefined) tooltip.hide();
    else tooltip.show(shape.drawing.describe(frame), event.clientX, event.clientY);
    canvas.style.cursor = frame === undefined ? 'default' : 'pointer';
  }

  let drag: { readonly x: number; readonly y: number; readonly span: Span; readonly scroll: number } | undefined;
  let hasDragged = false;
  canvas.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return;
    drag = { x: event.clientX, y: event.clientY, span, scroll: box.scrollTop };
    hasDragged = false;
  });
  addEventListener(
    'pointermove',
    (event) => {
      if (drag === undefined) return;
      const [right, down] = [event.clientX - drag.x, event.clientY - drag.y];
      if (!hasDragged && Math.hypot(right, down) < DRAG_PIXELS) return;
      hasDragged = true;
      hover(undefined);
      const by = (right / Math.max(box.clientWidth, 1)) * (drag.span.to - drag.span.from);
      box.scrollTop = drag.scroll - down;
      move({ from: drag.span.from - by, to: drag.span.to - by });
    },
    { signal },
  );
  const letGo = () => {
    drag = undefined;
  };
  addEventListener('pointerup', letGo, { signal });
  canvas.addEventListener('click', (event) => {
    const frame = pointed(event);
    if (!hasDragged && frame !== undefined) events.pick(frame);
  });
  canvas.addEventListener('mousemove', (event) => {
    if (drag === undefined || !hasDragged) hover(pointed(event), event);
  });
  canvas.addEventListener('mouseleave', () => hover(undefined));
  box.addEventListener('scroll', () => {
    hover(undefined);
    redraw();
  });
  box.addEventListener(
    'wheel',
    (event) => {
      const isZoom = event.ctrlKey || event.metaKey;
      const sideways = event.shiftKey && event.deltaX === 0 ? event.deltaY : event.deltaX;
      if (!isZoom && Math.abs(sideways) <= Math.abs(event.shiftKey ? 0 : event.deltaY)) return;
      event.preventDefault();
      hover(undefined);
      const x = xOf(event.clientX - box.getBoundingClientRect().left);
      const by = (sideways / Math.max(box.clientWidth, 1)) * (span.to - span.from);
      if (isZoom) move(zoomed(span, x, Math.exp(event.deltaY / 200), extent()));
      else move({ from: span.from + by, to: span.to + by });
    },
    { passive: false },
  );
  dark.addEventListener('change', redraw, { signal });
  const sizes = new ResizeObserver(redraw);
  sizes.observe(box);

  return {
    box,
    get span() {
      return span;
    },
    show(next) {
      // A flame stands on its lowest row: how far that is away stays.
      const below = next.isFlame === shape?.isFlame ? box.scrollHeight - box.clientHeight - box.scrollTop : 0;
      const isTurned = next.isFlame !== shape?.isFlame;
      shape = next;
      hovered = undefined;
      tooltip.hide();
      space.style.height = `${heightOf(next.drawing.tree)}px`;
      if (next.isFlame) box.scrollTop = box.scrollHeight - box.clientHeight - below;
      else if (isTurned) box.scrollTop = 0;
      redraw();
    },
    select(frame) {
      selected = frame;
      if (frame !== undefined && shape !== undefined) {
        const { drawing, isFlame } = shape;
        const top = topOf({ tree: drawing.tree, isFlame }, at(drawing.tree.depth, frame));
        if (top < box.scrollTop) box.scrollTop = top;
        else if (top + ROW_HEIGHT > box.scrollTop + box.clientHeight) {
          box.scrollTop = top + ROW_HEIGHT - box.clientHeight;
        }
      }
      redraw();
    },
    go,
    redraw,
    destroy() {
      ends.abort();
      sizes.disconnect();
      cancelAnimationFrame(asked);
      cancelAnimationFrame(moving);
    },
  };
}
