// How a loop is, as text: its two graphs, and what holds it.
import { duration, percent, printable } from '../status/wording.js';
import type { LoopHistory } from './collected.js';
import { lagGraph, lagStyle, utilizationGraph, utilizationStyle } from './sparkline.js';
import { fitted, type Piece, widthOf } from './styled-text.js';

const LABEL_WIDTH = 6;
const FIGURE_WIDTH = 34;
const GRAPH_LIMIT = 120;

/** The room that graphs have. */
export interface GraphOptions {
  readonly columns: number;
  /** Whether they are as wide as that, or as what they show. */
  readonly isFilled: boolean;
  /** Whether they are drawn with block characters. */
  readonly unicode: boolean;
}

/** Its lag and its utilization, a line each. */
export function loopLines(loop: LoopHistory, { columns, isFilled, unicode }: GraphOptions): Piece[][] {
  const { latest, lagsMs, utilizations } = loop;
  const lag = lagText(loop);
  // What holds the loop is worth more than how it was before.
  const figures = Math.max(FIGURE_WIDTH, Math.min(widthOf(lag) + 1, Math.floor(columns * 0.6)));
  const room = Math.min(GRAPH_LIMIT, Math.max(0, columns - LABEL_WIDTH - figures));
  // They grow from the right.
  const width = isFilled ? room : Math.min(room, lagsMs.length);
  const { worstLagMs, utilization } = latest;
  return [
    [
      [fitted(' lag', LABEL_WIDTH), 'plain'],
      ...lagGraph(lagsMs, width, unicode),
      [` ${lag}`, worstLagMs === undefined ? 'faint' : lagStyle(worstLagMs)],
    ],
    [
      [fitted(' busy', LABEL_WIDTH), 'plain'],
      ...utilizationGraph(utilizations, width, unicode),
      [
        ` ${utilization === undefined ? 'not known' : percent(utilization)}`,
        utilization === undefined ? 'faint' : utilizationStyle(utilization),
      ],
    ],
  ];
}

function lagText(loop: LoopHistory): string {
  const { lagMs, worstLagMs, isP99 = false, blockedMs } = loop.latest;
  if (blockedMs > 0) return blockedText(loop);
  if (worstLagMs === undefined) return 'not known';
  return `${lagMs === undefined ? '' : `${shortTime(lagMs)}, `}${isP99 ? 'p99' : 'at most'} ${shortTime(worstLagMs)}`;
}

/** For how long it is blocked, and by what. */
export function blockedText({ latest: { blockedMs, blockedBy }, hottest }: LoopHistory): string {
  const inCode = hottest === undefined ? '' : ` in ${printable(hottest.name, 100)}`;
  return `blocked for ${shortTime(blockedMs)}${blockedBy === undefined ? inCode : `: ${printable(blockedBy, 200)}`}`;
}

/** A time in milliseconds, as short as it makes sense. */
export function shortTime(ms: number): string {
  return duration(ms < 0.05 ? 0 : ms < 10 ? Number(ms.toFixed(1)) / 1000 : Math.round(ms) / 1000);
}
