// The table as lines: its header, and a line for each row.
import { printable } from '../status/wording.js';
import type { CodeRow, LoopHistory } from './collected.js';
import { blockedText, shortTime } from './loop-lines.js';
import { lagStyle, utilizationStyle } from './sparkline.js';
import { cutEnd, cutStart, fitted, type Piece, widthOf } from './styled-text.js';
import type { Table } from './table.js';
import type { Sort } from './view.js';

const SHARE_WIDTH = 7;
const TIME_WIDTH = 9;
const THREAD_NAME_WIDTH = 24;
/** Narrower terminals have no room for the times since the start. */
const TIMES_FROM_COLUMNS = 70;
/** Names are shorter than places; of both together they get this much. */
const NAME_SHARE = 0.4;

/** The columns' names, that of the sort marked. */
export function headerLine(table: Table, sort: Sort, columns: number): Piece[] {
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

/** The rows from `from` on, as many as `count`. */
export function rowLines(table: Table, from: number, count: number, columns: number): Piece[][] {
  const to = from + count;
  return table.kind === 'code'
    ? table.rows.slice(from, to).map((row) => codeLine(row, columns))
    : table.rows.slice(from, to).map((row) => threadLine(row, columns));
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

function codeWidths(columns: number): { readonly name: number; readonly place: number } {
  const taken = 2 * SHARE_WIDTH + 1 + (columns < TIMES_FROM_COLUMNS ? 0 : 2 * TIME_WIDTH) + 4;
  const room = Math.max(0, columns - taken);
  const name = Math.min(60, Math.ceil(room * NAME_SHARE));
  return { name, place: room - name };
}

function threadWidth(columns: number): number {
  return Math.min(THREAD_NAME_WIDTH, Math.max(0, columns - SHARE_WIDTH - TIME_WIDTH - 4));
}

const share = (value: number): string => (value === 0 ? '0' : (value * 100).toFixed(1));
const seconds = (us: number): string => (us / 1e6).toFixed(2);
const right = (text: string, width: number): string => ' '.repeat(Math.max(0, width - widthOf(text))) + text;
