// One frame of the screen, as lines: what was collected, seen through a view, in the size of a terminal.
import { duration, printable } from '../status/wording.js';
import type { Collected, LoopHistory } from './collected.js';
import { loopLines } from './loop-lines.js';
import { cutEnd, cutStart, fitted, type Piece, widthOf } from './styled-text.js';
import { tableOf } from './table.js';
import { headerLine, rowLines } from './table-lines.js';
import { HELP_LINES, KEY_LINE } from './top-help.js';
import type { View } from './view.js';

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

/** Draws a frame. */
export function drawFrame(subject: Subject, collected: Collected, view: View, options: FrameOptions): Frame {
  const { columns, lines, unicode } = options;
  const loop = loopOf(collected, view);
  const graphs: Piece[][] =
    loop === undefined
      ? [[[' waiting for the first answer', 'faint']], []]
      : loopLines(loop, { columns, isFilled: lines !== undefined, unicode });
  const head = [titleLine(subject, collected, view, columns), ...graphs];
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
  const rows = rowLines(table, from, page, columns);
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

function wrapped(text: string, columns: number): Piece[][] {
  const lines: string[] = [];
  for (const word of printable(text, 500).split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && widthOf(`${last} ${word}`) < columns) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(` ${word}`);
  }
  return lines.map((line) => [[line, 'faint']]);
}
