// One graph: two lines over time, stalls as bands, the ranges that are compared along its foot.
import uPlot from 'uplot';
import type { PageRange, PageStall } from '../../src/page/state.js';
import { currentColours } from './colours.js';
import { element, setText } from './dom.js';
import { clock } from './format.js';

export interface GraphLine {
  readonly label: string;
  readonly show: (value: number | null) => string;
}

export interface GraphOptions {
  readonly title: string;
  readonly lines: readonly GraphLine[];
  /** The marks of its axis up to the highest value. */
  readonly marks: (highest: number) => readonly number[];
  readonly showMark: (value: number) => string;
  /** Whether small values have as much room as large ones. */
  readonly isLogarithmic?: boolean;
  /** Graphs of one name show the same moment. */
  readonly sync: string;
  readonly onSelect: (range: PageRange) => void;
}

export interface GraphData {
  readonly unixS: readonly (number | null)[];
  readonly values: readonly (readonly (number | null)[])[];
  readonly fromS: number;
  readonly toS: number;
  readonly stalls: readonly PageStall[];
  readonly ranges: { readonly a: PageRange | undefined; readonly b: PageRange | undefined };
}

export interface Graph {
  readonly element: HTMLElement;
  draw(data: GraphData): void;
}

const HEIGHT = 150;
const FONT = '12px system-ui, sans-serif';
/** A stall that is shorter than a pixel is seen as well. */
const THINNEST = 2;

/** Makes a graph; what it shows stands beside it as text, and moves with the arrow keys. */
export function createGraph(options: GraphOptions): Graph {
  const { title, lines, marks, showMark, isLogarithmic = false, sync, onSelect } = options;
  const place = element('div', { class: 'plot' });
  const legend = lines.map(({ label }, index) => {
    const value = element('b');
    return { value, item: element('span', { class: `key key-${index}` }, label, ' ', value) };
  });
  const moment = element('span', { class: 'quiet moment' });
  const caption = element('figcaption', {}, element('h3', {}, title), ...legend.map(({ item }) => item), moment);
  const figure = element('figure', { class: 'graph', tabindex: 0, role: 'group', 'aria-label': title }, caption, place);
  // Told while somebody moves through it, and not each second.
  const told = element('p', { class: 'unseen', 'aria-live': 'polite' });
  figure.append(told);
  let data: GraphData | undefined;
  let plot: uPlot | undefined;
  let isTold = false;

  function showAt(index: number | null | undefined): void {
    const last = (data?.unixS.length ?? 0) - 1;
    const at = index ?? last;
    lines.forEach((line, number) => {
      const value = data?.values[number]?.[at] ?? null;
      setText(legend[number]?.value ?? moment, line.show(value));
    });
    const unixS = data?.unixS[at];
    setText(moment, index === null || index === undefined || unixS == null ? '' : clock(unixS * 1000));
    if (isTold) setText(told, [...caption.children].map((part) => part.textContent).join(', '));
    isTold = false;
  }

  function make(): uPlot {
    const colours = currentColours();
    const axis = {
      stroke: colours.quiet,
      font: FONT,
      grid: { stroke: colours.grid, width: 1 },
      ticks: { show: false },
    };
    // A second that was missed is no gap.
    const line = { width: 1.5, points: { show: false }, spanGaps: true };
    return new uPlot(
      {
        width: Math.max(200, place.clientWidth),
        height: HEIGHT,
        legend: { show: false },
        padding: [8, 32, 0, 0],
        cursor: {
          // The moment alone: a range is drawn in one of them, and would be told of by each.
          sync: { key: sync, filters: { pub: (type) => type === 'mousemove' || type === 'mouseleave' } },
          drag: { x: true, y: false, setScale: false },
          points: { size: 6 },
          y: false,
        },
        scales: {
          x: { time: true, range: () => [data?.fromS ?? 0, data?.toS ?? 1] },
          y: {
            ...(isLogarithmic ? { distr: 4, asinh: 0.2 } : {}),
            range: (_plot, _low, high) => [0, marks(high ?? 0).at(-1) ?? 1],
          },
        },
        axes: [
          { ...axis, size: 24, gap: 4, space: 70, values: (_plot, splits) => timeMarks(splits) },
          {
            ...axis,
            size: 58,
            space: 18,
            splits: (_plot, _axis, _low, high) => [...marks(high)],
            values: (_plot, splits) => splits.map((value: number | null) => (value === null ? '' : showMark(value))),
          },
        ],
        series: [
          {},
          { stroke: colours.first, fill: colours.firstFill, ...line },
          { stroke: colours.second, ...line },
        ].slice(0, lines.length + 1),
        hooks: {
          drawAxes: [(drawn) => drawBands(drawn, data)],
          setCursor: [(drawn) => showAt(drawn.cursor.idx)],
          setSelect: [
            (drawn) => {
              const { left, width } = drawn.select;
              if (width < 4) return;
              onSelect({
                fromS: Math.round(drawn.posToVal(left, 'x')),
                toS: Math.round(drawn.posToVal(left + width, 'x')),
              });
              drawn.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
            },
          ],
        },
      },
      [[], ...lines.map(() => [])] as unknown as uPlot.AlignedData,
      place,
    );
  }

  function redraw(): void {
    if (data === undefined) return;
    plot ??= make();
    plot.setData([data.unixS, ...data.values] as unknown as uPlot.AlignedData);
    if (plot.cursor.idx == null) showAt(undefined);
  }

  figure.addEventListener('keydown', (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1, PageUp: -30, PageDown: 30 }[event.key];
    if (plot === undefined || data === undefined || step === undefined) return;
    event.preventDefault();
    const last = data.unixS.length - 1;
    const index = Math.min(last, Math.max(0, (plot.cursor.idx ?? last) + step));
    isTold = true;
    plot.setCursor({ left: plot.valToPos(data.unixS[index] ?? 0, 'x'), top: 10 });
  });
  figure.addEventListener('blur', () => plot?.setCursor({ left: -10, top: -10 }));
  new ResizeObserver(() => plot?.setSize({ width: Math.max(200, place.clientWidth), height: HEIGHT })).observe(place);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
    plot?.destroy();
    plot = undefined;
    redraw();
  });
  return {
    element: figure,
    draw(given) {
      data = given;
      redraw();
    },
  };
}

// Seconds where they differ from one mark to the next.
function timeMarks(unixS: readonly number[]): string[] {
  const isFine = unixS.some((one) => one % 60 !== 0);
  return unixS.map((one) => clock(one * 1000).slice(0, isFine ? 8 : 5));
}

function drawBands(plot: uPlot, data: GraphData | undefined): void {
  if (data === undefined) return;
  const { ctx, bbox } = plot;
  const colours = currentColours();
  const at = (unixS: number) => Math.min(bbox.left + bbox.width, Math.max(bbox.left, plot.valToPos(unixS, 'x', true)));
  ctx.save();
  ctx.fillStyle = colours.stall;
  for (const { startUnixMs, durationMs, thread } of data.stalls) {
    const [from, to] = [startUnixMs / 1000, (startUnixMs + durationMs) / 1000];
    if (thread !== 'main' || to < data.fromS || from > data.toS) continue;
    ctx.fillRect(at(from), bbox.top, Math.max(THINNEST * devicePixelRatio, at(to) - at(from)), bbox.height);
  }
  for (const [name, range] of Object.entries(data.ranges)) {
    if (range === undefined) continue;
    ctx.fillStyle = name === 'a' ? colours.a : colours.b;
    const height = 5 * devicePixelRatio;
    ctx.fillRect(at(range.fromS), bbox.top + bbox.height - height, at(range.toS) - at(range.fromS), height);
  }
  ctx.restore();
}
