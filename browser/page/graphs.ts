// The graphs of the page: lag, utilization, memory; for how long, and whether they stand still.
import type { PageRange, PageStall } from '../../src/page/state.js';
import { button, choice, element, section } from './dom.js';
import { bytes, duration, share } from './format.js';
import { createGraph, type Graph } from './graph.js';
import type { Columns } from './history.js';

export interface Graphs {
  readonly element: HTMLElement;
  readonly isPaused: boolean;
  draw(columns: Columns, stalls: readonly PageStall[], nowS: number): void;
  /** Shows which ranges are compared. */
  mark(ranges: Ranges): void;
}

export interface Ranges {
  readonly a: PageRange | undefined;
  readonly b: PageRange | undefined;
}

const SHORTEST_S = 60;

const WINDOWS = { 60: '1 min', 300: '5 min', 900: '15 min' } as const;

/** Makes the graphs; `onSelect` is told of a range that was drawn in one. */
export function createGraphs(onSelect: (range: PageRange) => void): Graphs {
  const sync = 'loopsight';
  const lag = createGraph({
    title: 'Lag: what a callback waits for the loop',
    lines: [
      { label: 'p99', show: duration },
      { label: 'mean', show: duration },
    ],
    marks: (highest) => LAG_MARKS.slice(0, Math.max(4, LAG_MARKS.findIndex((mark) => mark >= highest) + 1 || 99)),
    showMark: (ms) => (ms === 0 ? '0' : duration(ms)),
    isLogarithmic: true,
    sync,
    onSelect,
  });
  const busy = createGraph({
    title: 'Utilization: how busy the loop is',
    lines: [
      { label: 'loop', show: share },
      { label: 'processors of the process', show: share },
    ],
    marks: (highest) => (highest <= 1 ? [0, 0.5, 1] : evenly(Math.ceil(highest))),
    showMark: (value) => `${Math.round(value * 100)} %`,
    sync,
    onSelect,
  });
  const memory = createGraph({
    title: 'Memory',
    lines: [
      { label: 'process', show: bytes },
      { label: 'heap of the main thread', show: bytes },
    ],
    marks: (highest) => evenly(roundBytes(highest)),
    showMark: (value) => (value === 0 ? '0' : bytes(value)),
    sync,
    onSelect,
  });
  const graphs: readonly (readonly [Graph, keyof Columns, keyof Columns])[] = [
    [lag, 'lagP99Ms', 'lagMeanMs'],
    [busy, 'utilization', 'cpus'],
    [memory, 'memoryBytes', 'heapBytes'],
  ];
  let windowS = 300;
  let ranges: Ranges = { a: undefined, b: undefined };
  let isPaused = false;
  let last: Parameters<Graphs['draw']> | undefined;

  function redraw(): void {
    if (last === undefined) return;
    const [columns, stalls, nowS] = last;
    // A young history has the whole width.
    const oldestS = Math.min(columns.unixS[0] ?? nowS, nowS - SHORTEST_S);
    const fromS = Math.max(nowS - windowS, oldestS);
    const from = Math.max(
      0,
      columns.unixS.findIndex((unixS) => (unixS ?? 0) >= fromS),
    );
    const unixS = columns.unixS.slice(from);
    for (const [graph, one, other] of graphs) {
      const values = [columns[one].slice(from), columns[other].slice(from)];
      graph.draw({ unixS, values, fromS, toS: nowS, stalls, ranges });
    }
  }

  const pause = button(
    'Pause',
    () => {
      isPaused = !isPaused;
      pause.setAttribute('aria-pressed', String(isPaused));
      pause.textContent = isPaused ? 'Paused' : 'Pause';
    },
    { 'aria-pressed': 'false' },
  );
  const tools = element(
    'div',
    { class: 'tools' },
    choice('Show', WINDOWS, '300', (chosen) => {
      windowS = Number(chosen);
      redraw();
    }),
    pause,
    element('span', { class: 'quiet key key-stall' }, 'stall of the main thread'),
  );
  return {
    element: section('graphs', 'The last minutes', tools, ...graphs.map(([graph]) => graph.element)),
    get isPaused() {
      return isPaused;
    },
    draw(...given) {
      last = given;
      redraw();
    },
    mark(given) {
      ranges = given;
      redraw();
    },
  };
}

const LAG_MARKS = [0, 1, 10, 100, 1000, 10_000, 100_000, 1_000_000];

function evenly(highest: number): number[] {
  return [0, highest / 2, highest];
}

function roundBytes(highest: number): number {
  const step = 2 ** Math.max(24, Math.ceil(Math.log2(Math.max(1, highest))) - 2);
  return Math.max(step, Math.ceil(highest / step) * step);
}
