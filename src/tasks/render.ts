// Tasks as text for people: a head, a table with the oldest first, and what is odd about some.

import { printable } from '../stalls/tell/stack-text.js';
import { formatMs } from '../stalls/tell/stall-sentence.js';
import { counted } from '../status/wording.js';
import type { Task, TaskLint, Tasks } from './task.js';

/** Rows that a person is shown; JSON has all. */
const ROWS = 100;
/** Of more than so many, it is said first which they are; so many names. */
const FEW = 20;
const NAMED = 5;
const COLUMNS = ['id', 'age', 'state', 'own', 'others', 'idle', 'task'] as const;

/** Renders `tasks`. Names cannot break a line or reach a terminal's controls. */
export function renderTasks(tasks: Tasks): string {
  const shown = [...tasks.tasks].sort(byLints).slice(0, ROWS);
  const rest = tasks.tasks.length - shown.length;
  const lines = [headOf(tasks), ...noteOf(tasks)];
  if (shown.length > 0) lines.push('', ...table(shown));
  if (rest > 0) lines.push(`and ${counted(rest, 'younger one')}`);
  return `${lines.join('\n')}\n`;
}

// Those that something is odd about must not be among the ones that are left out; the others stay in their order.
function byLints(a: Task, b: Task): number {
  return Math.sign(b.lints.length) - Math.sign(a.lints.length);
}

function headOf({ pid, unixMs, tasks, hidden }: Tasks): string {
  const [oldest] = tasks;
  const all = counted(tasks.length + hidden, 'task');
  const age = oldest === undefined ? '' : `; the oldest is ${formatMs(oldest.ageMs)} old`;
  return `loopsight: ${all} of process ${pid} at ${new Date(unixMs).toISOString()}${age}`;
}

function noteOf({ isOn, blockedMs, hidden, tasks, noPlaces }: Tasks): string[] {
  const odd = tasks.filter(({ lints }) => lints.length > 0).length;
  return [
    ...(isOn ? [] : ['Traced calls are not followed in this process.']),
    ...(blockedMs > 0 ? [`The main loop has not turned for ${formatMs(blockedMs)}.`] : []),
    ...(hidden > 0 ? [`${counted(hidden, 'task')} of them found no room and cannot be shown.`] : []),
    ...(tasks.length > FEW ? [`They are ${namesOf(tasks)}.`] : []),
    ...(noPlaces === undefined ? [] : [`Where they wait could not be noted: ${OBSTACLES[noPlaces]}.`]),
    ...(odd > 0 ? [`Something is odd about ${counted(odd, 'task')}.`] : []),
  ];
}

const OBSTACLES: Readonly<Record<NonNullable<Tasks['noPlaces']>, string>> = {
  held: 'the main loop does not turn',
  off: 'calls are not measured in that process',
};

// The names that most of them have, with how many of each.
function namesOf(tasks: readonly Task[]): string {
  const counts = new Map<string, number>();
  for (const { name } of tasks) counts.set(name, (counts.get(name) ?? 0) + 1);
  const most = [...counts].sort(([, a], [, b]) => b - a);
  const named = most.slice(0, NAMED).map(([name, count]) => `${count.toLocaleString('en-US')} ${printable(name)}`);
  const rest = most.slice(NAMED).reduce((sum, [, count]) => sum + count, 0);
  return [...named, ...(rest > 0 ? [counted(rest, 'other')] : [])].join(', ');
}

function table(tasks: readonly Task[]): string[] {
  const rows = [[...COLUMNS], ...tasks.map(cellsOf)];
  // The last one may be of any length.
  const widths = COLUMNS.slice(0, -1).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]) => {
    return `  ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd();
  };
  const [head = [], ...body] = rows;
  return [line(head), ...body.flatMap((cells, index) => [line(cells), ...below(tasks[index])])];
}

function cellsOf({ id, ageMs, state, ownMs, othersMs, idleMs, name, parent, offloadedMs }: Task): string[] {
  const task = [
    name,
    ...(offloadedMs === undefined ? [] : [`(${formatMs(offloadedMs)} offloaded)`]),
    ...(parent === undefined ? [] : [`← ${parent.name}${parentState(parent)}`]),
  ].join(' ');
  return [
    String(id),
    formatMs(ageMs),
    state,
    state === 'pending' ? `≥ ${formatMs(ownMs)}` : formatMs(ownMs),
    othersMs === undefined ? '?' : formatMs(othersMs),
    idleMs === undefined ? '?' : formatMs(idleMs),
    printable(task),
  ];
}

function parentState({ id, endedMs }: NonNullable<Task['parent']>): string {
  if (endedMs !== undefined) return ` (ended ${formatMs(endedMs)} ago)`;
  return id === undefined ? '' : ` #${id}`;
}

function below(task: Task | undefined): string[] {
  if (task === undefined) return [];
  const { where, lints } = task;
  return [
    ...(where === undefined ? [] : [printable(`      waits in ${where.function} (${where.file}:${where.line})`)]),
    ...lints.map((lint) => printable(`      odd: ${SAYS[lint](task)}`)),
  ];
}

const SAYS: Readonly<Record<TaskLint, (task: Task) => string>> = {
  never_yielded: ({ inStateMs }) =>
    `it has run for ${formatMs(inStateMs)} without yielding, and everybody waits for it`,
  busy_yielding: ({ wakes }) =>
    `of its ${counted(wakes?.all ?? 0, 'wake-up')}, ${counted(wakes?.own ?? 0, 'was', 'were')} by itself: it yields and does not wait`,
  lost: ({ parent }) =>
    `it is still pending ${formatMs(parent?.endedMs ?? 0)} after ${parent?.name ?? 'what'}, which made it, has ended`,
};
