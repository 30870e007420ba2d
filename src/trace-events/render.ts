// A trace as text for people: tables with the most time first, and what cannot be told.
import { formatMs } from '../stalls/tell/stall-sentence.js';
import { counted, figure, printable } from '../status/wording.js';
import type { DurationFigures } from './durations.js';
import type { TraceSummary } from './summary.js';

/** A trace of one process. */
export interface Trace {
  readonly pid: number;
  readonly title: string;
  readonly nodeVersion: string;
  /** When it began, in milliseconds since the Unix epoch. */
  readonly unixMs: number;
  readonly durationMs: number;
  readonly summary: TraceSummary;
  /** What the reader must know: each one sentence. */
  readonly notes: readonly string[];
}

/** Rows of a table that a person is shown; JSON has all. */
const ROWS = 20;

/** Renders `trace`. Names cannot break a line or reach a terminal's controls. */
export function renderTrace(trace: Trace): string {
  const { pid, title, durationMs, summary, notes } = trace;
  const head = `loopsight: ${formatMs(durationMs)} of process ${pid} (${printable(title)}), ${counted(summary.events, 'event')}`;
  const parts = [
    poolPart(summary),
    part('Asynchronous requests, from the request to its result', [
      ['request', ...TIMES],
      ...summary.requests.map(({ kind, name, time }) => [`${kind} ${name}`, ...cellsOf(time)]),
    ]),
    part('Synchronous file system calls: their thread did nothing else meanwhile', [
      ['call', 'thread', ...TIMES],
      ...summary.syncCalls.map(({ name, threads, time }) => [name, threads, ...cellsOf(time)]),
    ]),
    part('Garbage collections', [
      ['kind', 'thread', ...TIMES],
      ...summary.collections.map(({ name, threads, time }) => [name, threads, ...cellsOf(time)]),
    ]),
  ].filter((lines) => lines.length > 0);
  const nothing = parts.length === 0 ? ['', 'Nothing of what is traced happened.'] : [];
  return `${[head, ...notes, ...nothing, ...parts.flatMap((lines) => ['', ...lines])].join('\n')}\n`;
}

function poolPart({ pool, poolThreadsBusy, requests }: TraceSummary): string[] {
  const rows = pool.flatMap(({ kind, wait, run, delivery, unfinished }) => {
    const name = unfinished === 0 ? kind : `${kind} (${counted(unfinished, 'unfinished one', 'unfinished ones')})`;
    return [
      [name, 'waited', ...cellsOf(wait)],
      ['', 'ran', ...cellsOf(run)],
      ['', 'delivery', ...cellsOf(delivery)],
    ];
  });
  const lines = part('Thread pool: until a thread took the work, on that thread, until the loop took the result', [
    ['work', 'time', ...TIMES],
    ...rows,
  ]);
  if (lines.length > 0) lines.push(`  On average ${figure(poolThreadsBusy)} threads of the pool ran such work.`);
  // Their time in the pool is neither in the table nor in that average.
  const whole = requests.some(({ kind, name }) => kind === 'fs' || name === 'lookup');
  return whole && lines.length > 0
    ? [...lines, '  fs and dns lookup use the pool too; Node tells only how long they took as a whole, below.']
    : lines;
}

const TIMES = ['count', 'total', 'p50', 'p95', 'max'] as const;

function cellsOf(time: DurationFigures | undefined): string[] {
  if (time === undefined) return TIMES.map(() => '?');
  const { count, totalMs, p50Ms, p95Ms, maxMs } = time;
  return [count.toLocaleString('en-US'), ...[totalMs, p50Ms, p95Ms, maxMs].map(shortMs)];
}

// Most synchronous calls take microseconds, which is as exact as trace events are.
function shortMs(ms: number): string {
  return ms < 1 ? `${Math.round(ms * 1000)} µs` : formatMs(ms);
}

function part(title: string, [head = [], ...rows]: readonly (readonly string[])[]): string[] {
  if (rows.length === 0) return [];
  const shown = rows.slice(0, ROWS);
  const texts = [head, ...shown.map((row) => row.map((cell) => (cell === '' ? '' : printable(cell))))];
  const widths = head.map((_, column) => Math.max(...texts.map((row) => row[column]?.length ?? 0)));
  const names = head.length - TIMES.length;
  const lines = texts.map((row) => {
    const padded = row.map((cell, at) => (at < names ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0)));
    return `  ${padded.join('  ')}`.trimEnd();
  });
  const rest = rows.length - shown.length;
  return [title, ...lines, ...(rest > 0 ? [`  and ${counted(rest, 'more row')}`] : [])];
}
