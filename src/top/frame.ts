// One frame of the screen, as lines: what was collected, seen through a view, in the size of a terminal.
import { duration, percent, printable } from '../status/wording.js';
import type { CodeRow, Collected, LoopHistory } from './collected.js';
import { lagGraph, lagStyle, utilizationGraph, utilizationStyle } from './sparkline.js';
import { cutEnd, cutStart, fitted, type Piece, widthOf } from './styled-text.js';
import { type Table, tableOf } from './table.js';
import { HELP_LINES, KEY_LINE } from './top-help.js';
import type { Sort, View } from './view.js';

/** What the title says of the process. */
export interface Subject {
  readonly title: string;
  readonly pid: number;
  readonly nodeVersion: string;
}

export interface FrameOptions {
  readonly columns: number;
  /** Lines of the terminal; undefined for a frame that is as long as it has to be. */
  readonly lines: number | undefined;
  /** Rows of the table that such a frame has at most. @default all */
  readonly rowLimit?: number | undefined;
  /** Whether graphs are drawn with block characters. */
  readonly unicode: boolean;
}

/** A frame, and how many rows of the table it has room for. */
export interface Frame {
  readonly lines: readonly (readonly Piece[])[];
  readonly rows: number;
  readonly page: number;
}

const SHARE_WIDTH = 7;
const TIME_WIDTH = 9;
const THREAD_NAME_WIDTH = 24;
/** Narrower terminals have no room for the times since the start. */
const TIMES_FROM_COLUMNS = 70;
const LABEL_WIDTH = 6;
const FIGURE_WIDTH = 34;
const GRAPH_LIMIT = 120;
/** Names are shorter than places; of both together they get this much. */
const NAME_SHARE = 0.4;

/** Draws a frame. */
export function drawFrame(subject: Subject, collected: Collected, view: View, options: FrameOptions): Frame {
  const { columns, lines } = options;
  const head = [titleLine(subject, collected, view, columns), ...graphLines(collected, view, options)];
  if (view.help) {
    const help = [...head.slice(0, 1), [], ...HELP_LINES.map((text): Piece[] => [[text, 'plain']]), []];
    const notes = collected.notes().flatMap((note): Piece[][] => wrapped(note, columns));
    return { lines: [...help, ...notes].slice(0, lines), rows: 0, page: 0 };
  }
  const table = tableOf(collected, view);
  const foot = lines === undefined ? [] : footLines(collected, view, columns);
  const header = headerLine(table, view.sort, columns);
  const page =
    lines === undefined ? (options.rowLimit ?? table.rows.length) : Math.max(0, lines - head.length - foot.length - 2);
  const from = Math.min(view.top, Math.max(0, table.rows.length - page));
  const rows =
    table.kind === 'code'
      ? table.rows.slice(from, from + page).map((row) => codeLine(row, columns))
      : table.rows.slice(from, from + page).map((row) => threadLine(row, columns));
  const body = rows.length === 0 ? [[[emptySentence(collected, view), 'faint'] as const]] : rows;
  const gap = lines === undefined ? 0 : Math.max(0, page - body.length);
  const filling = Array.from({ length: gap }, (): Piece[] => []);
  const notes = lines === undefined ? collected.notes().flatMap((note) => wrapped(note, columns)) : [];
  const all = [...head, [], header, ...body, ...filling, ...(notes.length > 0 ? [[], ...notes] : []), ...foot];
  return { lines: lines === undefined ? all : all.slice(0, lines), rows: table.rows.length, page };
}

function titleLine(subject: Subject, collected: Collected, view: View, columns: number): Piece[] {
  const count = collected.loops().length;
  const parts = [
    printable(subject.title, 200),
    `pid ${subject.pid}`,
    `Node ${printable(subject.nodeVersion.replace(/^v/, ''), 20)}`,
    ...(count > 1 ? [`${count} threads`] : []),
    ...(view.threadId === undefined ? [] : [`only ${threadName(collected, view.threadId)}`]),
    ...(view.filter === '' ? [] : [`filter "${printable(view.filter, 30)}"`]),
    ...(collected.sampledUs > 0 ? [`sampled ${duration(Math.round(collected.sampledUs / 1e6))}`] : []),
  ];
  const state = view.paused ? ' paused ' : '';
  const text = cutEnd(` ${parts.join(' · ')}`, columns - widthOf(state) - 1);
  return [[fitted(text, columns - widthOf(state)), 'strong'], ...(state === '' ? [] : [[state, 'title'] as const])];
}

function graphLines(collected: Collected, view: View, { columns, lines, unicode }: FrameOptions): Piece[][] {
  const loop = loopOf(collected, view);
  if (loop === undefined) return [[[' waiting for the first answer', 'faint']], []];
  const { latest, lagsMs, utilizations } = loop;
  const lag = lagText(loop);
  // What holds the loop is worth more than how it was before.
  const figures = Math.max(FIGURE_WIDTH, Math.min(widthOf(lag) + 1, Math.floor(columns * 0.6)));
  const room = Math.min(GRAPH_LIMIT, Math.max(0, columns - LABEL_WIDTH - figures));
  // Graphs of a screen grow from the right; those of a printed frame are as long as what they show.
  const width = lines === undefined ? Math.min(room, lagsMs.length) : room;
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

function blockedText({ latest: { blockedMs, blockedBy }, hottest }: LoopHistory): string {
  const inCode = hottest === undefined ? '' : ` in ${printable(hottest.name, 100)}`;
  return `blocked for ${shortTime(blockedMs)}${blockedBy === undefined ? inCode : `: ${printable(blockedBy, 200)}`}`;
}

function shortTime(ms: number): string {
  return duration(ms < 0.05 ? 0 : ms < 10 ? Number(ms.toFixed(1)) / 1000 : Math.round(ms) / 1000);
}

function headerLine(table: Table, sort: Sort, columns: number): Piece[] {
  const mark = (text: string, ...sorts: readonly Sort[]) => (sorts.includes(sort) ? `${text}▾` : text);
  if (table.kind === 'threads') {
    const cells = [
      right(mark('busy %', 'own', 'own-time'), SHARE_WIDTH),
      right(mark('lag', 'total', 'total-time'), TIME_WIDTH),
      `  ${fitted(mark('thread', 'name'), threadWidth(columns))}`,
      '  hottest function',
    ];
    return [[fitted(cells.join(''), columns), 'title']];
  }
  const { name } = codeWidths(columns);
  const times =
    columns < TIMES_FROM_COLUMNS
      ? []
      : [right(mark('own s', 'own-time'), TIME_WIDTH), right(mark('total s', 'total-time'), TIME_WIDTH)];
  const cells = [
    right(mark('own %', 'own'), SHARE_WIDTH),
    right(mark('total %', 'total'), SHARE_WIDTH + 1),
    ...times,
    `  ${fitted(mark('name', 'name'), name)}`,
    '  place',
  ];
  return [[fitted(cells.join(''), columns), 'title']];
}

function codeLine(row: CodeRow, columns: number): Piece[] {
  const { name, place } = codeWidths(columns);
  const own = row.origin === 'application';
  const times =
    columns < TIMES_FROM_COLUMNS ? '' : right(seconds(row.ownUs), TIME_WIDTH) + right(seconds(row.totalUs), TIME_WIDTH);
  return [
    [right(share(row.ownShare), SHARE_WIDTH), row.ownShare >= 0.3 ? 'warn' : 'plain'],
    [right(share(row.totalShare), SHARE_WIDTH + 1), 'plain'],
    [times, 'faint'],
    [`  ${fitted(cutEnd(printable(row.name, 200), name), name)}`, own ? 'strong' : 'plain'],
    [`  ${row.place === '' ? '' : cutStart(printable(row.place, 400), place)}`, own ? 'plain' : 'faint'],
  ];
}

function threadLine(loop: LoopHistory, columns: number): Piece[] {
  const { latest, hottest } = loop;
  const { utilization, worstLagMs, blockedMs, thread } = latest;
  const name = threadWidth(columns);
  const doing =
    blockedMs > 0
      ? blockedText(loop)
      : hottest === undefined
        ? ''
        : `${printable(hottest.name, 100)} ${hottest.place === '' ? '' : printable(hottest.place, 200)}`;
  return [
    [
      right(utilization === undefined ? '–' : share(utilization), SHARE_WIDTH),
      utilization === undefined ? 'faint' : utilizationStyle(utilization),
    ],
    [
      right(worstLagMs === undefined ? '–' : shortTime(worstLagMs), TIME_WIDTH),
      worstLagMs === undefined ? 'faint' : lagStyle(worstLagMs),
    ],
    [`  ${fitted(cutEnd(printable(thread, 100), name), name)}`, 'strong'],
    [`  ${doing}`, blockedMs > 0 ? 'bad' : 'plain'],
  ];
}

function footLines(collected: Collected, view: View, columns: number): Piece[][] {
  const [note] = collected.notes();
  const noteLine: Piece[][] = note === undefined ? [] : [[[cutEnd(` ${printable(note, 300)}`, columns), 'faint']]];
  const keys: Piece[] =
    view.typed === undefined
      ? [[fitted(cutEnd(KEY_LINE, columns), columns), 'title']]
      : [
          [' filter: ', 'title'],
          [`${cutStart(view.typed, Math.max(1, columns - 11))}▏`, 'strong'],
          ['  Enter keeps it, Esc does not', 'faint'],
        ];
  return [...noteLine, keys];
}

function emptySentence(collected: Collected, view: View): string {
  if (view.filter !== '') return ' Nothing has the filter in its name or place.';
  const loop = loopOf(collected, view);
  if (loop === undefined || !collected.hasProfile) {
    return loop !== undefined && loop.latest.blockedMs > 0
      ? ' The thread has not answered yet; what it did is shown once it does.'
      : ' The first window is being sampled.';
  }
  return ' Only idle so far.';
}

function loopOf(collected: Collected, { threadId }: View): LoopHistory | undefined {
  const loops = collected.loops();
  return loops.find(({ latest }) => latest.threadId === threadId) ?? loops[0];
}

function threadName(collected: Collected, threadId: number): string {
  const found = collected.loops().find(({ latest }) => latest.threadId === threadId);
  return found === undefined ? `thread ${threadId}` : printable(found.latest.thread, 30);
}

function codeWidths(columns: number): { readonly name: number; readonly place: number } {
  const taken = 2 * SHARE_WIDTH + 1 + (columns < TIMES_FROM_COLUMNS ? 0 : 2 * TIME_WIDTH) + 4;
  const room = Math.max(0, columns - taken);
  const name = Math.min(60, Math.ceil(room * NAME_SHARE));
  return { name, place: room - name };
}

function threadWidth(columns: number): number {
  return Math.min(THREAD_NAME_WIDTH, Math.max(0, columns - SHARE_WIDTH - TIME_WIDTH - 4));
}

function wrapped(text: string, columns: number): Piece[][] {
  const lines: string[] = [];
  for (const word of printable(text, 500).split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && widthOf(`${last} ${word}`) < columns) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(` ${word}`);
  }
  return lines.map((line) => [[line, 'faint']]);
}

const share = (value: number): string => (value === 0 ? '0' : (value * 100).toFixed(1));
const seconds = (us: number): string => (us / 1e6).toFixed(2);
const right = (text: string, width: number): string => ' '.repeat(Math.max(0, width - widthOf(text))) + text;
