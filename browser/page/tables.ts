// The tables of the page.
import type {
  PageBlocker,
  PageFunction,
  PageQueue,
  PageStall,
  PageState,
  PageTasks,
  PageThread,
} from '../../src/page/state.js';
import { choice, element, section, setText } from './dom.js';
import { bytes, cause, clock, duration, NOTHING, number, place, share } from './format.js';
import { createTable } from './table.js';

/** Parts of the page that show a state. */
export interface Tables {
  readonly elements: readonly HTMLElement[];
  update(state: PageState): void;
}

// Long names break where they are put together, and not in the middle of a word; `app.ts:12` stays together.
function code(text: string): HTMLElement {
  const parts = text.split(/(?<=[/#]|\.(?!\w+:\d)|:(?!\d))/);
  return element('code', {}, ...parts.flatMap((part, index) => (index === 0 ? [part] : [element('wbr'), part])));
}

const nobody = (...why: readonly (string | Node)[]) => element('span', { class: 'quiet' }, 'nobody', ...why);

/** Makes the tables. */
export function createTables(): Tables {
  const blockers = createTable<PageBlocker>({
    caption: 'Code that held event loops in the last 15 minutes, the most time first',
    empty: 'Nobody has held a loop in the last 15 minutes.',
    keyOf: ({ thread, cause: of, function: name, file, line }) => JSON.stringify([thread, of, name, file, line]),
    columns: [
      {
        title: 'Code',
        text: (row) => place(row) + row.cause,
        // A column of its own says why, where there is room for it.
        draw: (row) =>
          row.function === ''
            ? nobody(element('span', { class: 'narrow' }, `: ${cause(row.cause)}`))
            : code(place(row)),
      },
      { title: 'Why', text: (row) => cause(row.cause), isWide: true },
      { title: 'Thread', text: ({ thread }) => thread, isWide: true },
      { title: 'Stalls', text: ({ stalls }) => number(stalls), isFigure: true },
      { title: 'Together', text: ({ totalMs }) => duration(totalMs), isFigure: true },
      { title: 'Longest', text: ({ longestMs }) => duration(longestMs), isFigure: true, isWide: true },
      { title: 'Last', text: ({ lastUnixMs }) => clock(lastUnixMs), isFigure: true, isWide: true },
    ],
  });
  const threads = createTable<PageThread>({
    caption: 'Threads and their event loops',
    empty: 'No thread has been measured yet.',
    keyOf: ({ thread }) => thread,
    levelOf: ({ thread, blockedMs }) => (thread === 'main' && blockedMs > HELD_MS ? 'critical' : ''),
    columns: [
      { title: 'Thread', text: ({ thread, count }) => (count > 1 ? `${thread} ×\u00a0${count}` : thread) },
      { title: 'Now', text: nowOf },
      { title: 'Busy', text: ({ utilization }) => share(utilization), isFigure: true, hint: 'Share of the last 10 s' },
      { title: 'Lag p99', text: ({ lagP99Ms }) => duration(lagP99Ms), isFigure: true },
      { title: 'CPUs', text: ({ cpus }) => number(cpus), isFigure: true, isWide: true },
      { title: 'Heap', text: ({ heapBytes }) => bytes(heapBytes), isFigure: true, isWide: true },
    ],
  });
  const queues = createTable<PageQueue>({
    caption: 'Queues, pools and locks, the fullest first',
    empty: 'No queue, pool or lock is known.',
    keyOf: ({ kind, name, type }) => JSON.stringify([kind, name, type]),
    columns: [
      { title: 'Name', text: ({ name }) => name },
      { title: 'Kind', text: ({ kind, type }) => (kind === 'queue' ? `queue, ${type}` : KINDS[kind]), isWide: true },
      { title: 'Waiting', text: ({ waiting }) => number(waiting), isFigure: true },
      {
        title: 'Running',
        text: runningOf,
        isFigure: true,
        isWide: true,
      },
      { title: 'Mean wait', text: ({ waitMs }) => duration(waitMs), isFigure: true },
      { title: 'Oldest', text: ({ oldestMs }) => duration(oldestMs), isFigure: true, isWide: true },
      { title: 'A second', text: ({ perSecond }) => number(perSecond), isFigure: true, isWide: true },
    ],
  });
  const functions = createTable<PageFunction>({
    caption: 'Traced functions and where their time goes, the most time of their own first',
    empty: 'No function is traced.',
    keyOf: (row) => row.function,
    columns: [
      { title: 'Function', text: (row) => row.function, draw: (row) => code(row.function) },
      { title: 'A second', text: ({ callsPerSecond }) => number(callsPerSecond), isFigure: true, isWide: true },
      { title: 'Mean', text: ({ meanMs }) => duration(meanMs), isFigure: true },
      { title: 'p99', text: ({ p99Ms }) => duration(p99Ms), isFigure: true, isWide: true },
      { title: 'Active', text: ({ active }) => number(active), isFigure: true, isWide: true },
      { title: 'Failed', text: ({ failedShare }) => share(failedShare), isFigure: true, isWide: true },
      {
        title: 'Time: own · others · idle',
        text: timeOf,
        draw: timeBar,
        hint: 'On the loop itself, behind others, and waiting',
      },
    ],
  });
  const tasks = createTable<PageTasks['tasks'][number]>({
    caption: 'Traced calls under way, the oldest first',
    empty: 'No traced call is under way.',
    keyOf: ({ id }) => String(id),
    levelOf: ({ lints }) => (lints.length > 0 ? 'warning' : ''),
    columns: [
      { title: 'Call', text: ({ name }) => name, draw: ({ name }) => code(name) },
      { title: 'State', text: ({ state }) => state },
      { title: 'Age', text: ({ ageMs }) => duration(ageMs), isFigure: true },
      { title: 'In state', text: ({ inStateMs }) => duration(inStateMs), isFigure: true, isWide: true },
      { title: 'Own time', text: ({ ownMs }) => duration(ownMs), isFigure: true, isWide: true },
      { title: 'Remarks', text: ({ lints }) => lints.map((lint) => lint.replaceAll('_', ' ')).join(', ') },
    ],
  });
  const stalls = createTable<PageStall>({
    caption: 'Stalls of the last 15 minutes, the newest first',
    empty: 'None in the last 15 minutes.',
    keyOf: ({ thread, startUnixMs }) => JSON.stringify([thread, startUnixMs]),
    levelOf: ({ ongoing }) => (ongoing ? 'critical' : ''),
    columns: [
      { title: 'Began', text: ({ startUnixMs }) => clock(startUnixMs) },
      {
        title: 'Length',
        text: ({ durationMs, ongoing }) => `${duration(durationMs)}${ongoing ? ' …' : ''}`,
        isFigure: true,
      },
      { title: 'Code', text: (row) => [cause(row.cause), place(row), ...row.stack].join('\n'), draw: stallPlace },
      { title: 'Route', text: ({ route }) => route || NOTHING, isWide: true },
      { title: 'Waited', text: ({ waitingRequests }) => requests(waitingRequests), isFigure: true, isWide: true },
      { title: 'Thread', text: ({ thread }) => thread, isWide: true },
    ],
  });
  let isMainOnly = true;
  let last: readonly PageStall[] = [];
  const showStalls = () => {
    const shown = isMainOnly ? last.filter(({ thread }) => thread === 'main') : last;
    stalls.update(shown.slice(0, MOST_STALLS));
  };
  // Worker threads are there to compute, so that theirs are many and seldom matter.
  const whose = element(
    'div',
    { class: 'tools' },
    choice<'main' | 'all'>('Threads', { main: 'Main', all: 'All' }, 'main', (chosen) => {
      isMainOnly = chosen === 'main';
      showStalls();
    }),
  );
  const keys = element(
    'p',
    { class: 'keys' },
    ...TIMES.map(([name, text]) => element('span', { class: `key key-${name}` }, text)),
  );
  const taskNote = element('p', { class: 'quiet' });
  return {
    elements: [
      section('blockers', 'Who blocks', blockers.element),
      section('threads', 'Threads', threads.element),
      section('queues', 'Queues', queues.element),
      section('functions', 'Functions', keys, functions.element),
      section('tasks', 'Tasks', taskNote, tasks.element),
      section('stalls', 'Stalls', whose, stalls.element),
    ],
    update(state) {
      blockers.update(state.blockers);
      threads.update(state.threads);
      queues.update(state.queues);
      functions.update(state.functions);
      tasks.update(state.tasks?.tasks.slice(0, MOST_TASKS) ?? []);
      setText(taskNote, tasksNote(state.tasks));
      last = state.stalls;
      showStalls();
    },
  };
}

const TIMES = [
  ['own', 'own: on the loop for the call'],
  ['others', 'others: the loop was busy with something else'],
  ['idle', 'idle: it waited, and the loop slept'],
] as const;

/** The graphs mark them all. */
const MOST_STALLS = 50;
/** There may be thousands: `loopsight tasks` lists more. */
const MOST_TASKS = 12;

const KINDS: Readonly<Record<PageQueue['kind'], string>> = {
  queue: 'queue',
  pool: 'connections',
  lock: 'lock',
  threads: 'thread pool',
};

function tasksNote(tasks: PageTasks | undefined): string {
  if (tasks === undefined || !tasks.isOn) return 'Traced calls are not followed in this process.';
  return tasks.count > MOST_TASKS ? `The oldest ${MOST_TASKS} of ${tasks.count} calls under way.` : '';
}

function requests(count: number): string {
  return count === 0 ? NOTHING : `${count} ${count === 1 ? 'request' : 'requests'}`;
}

function stallPlace(stall: PageStall): Node {
  const what = stall.function === '' ? nobody(`: ${cause(stall.cause)}`) : code(place(stall));
  const why = element('span', { class: 'quiet' }, stall.function === '' ? '' : `, ${cause(stall.cause)}`);
  if (stall.stack.length === 0) return element('span', {}, what, why);
  const frames = element('ol', { class: 'stack' }, ...stall.stack.map((frame) => element('li', {}, code(frame))));
  return element('details', {}, element('summary', {}, what, why), frames);
}

function runningOf({ running, capacity }: PageQueue): string {
  if (capacity === null) return number(running);
  return running === null ? `max ${number(capacity)}` : `${number(running)} of ${number(capacity)}`;
}

/** Less is no matter. */
const HELD_MS = 100;

function nowOf({ thread, blockedMs }: PageThread): string {
  if (blockedMs <= HELD_MS) return 'turns';
  // A figure stays with its unit where the cell is narrow.
  return `${thread === 'main' ? 'blocked' : 'held'} ${duration(blockedMs).replaceAll(' ', '\u00a0')}`;
}

// In three hues that differ in lightness as well; the figures stand beside them.
function timeOf({ own, others, idle }: PageFunction): string {
  const all = own + others + idle;
  return all === 0 ? NOTHING : `${[own, others, idle].map((part) => Math.round((part / all) * 100)).join(' · ')} %`;
}

function timeBar(row: PageFunction): Node {
  const { own, others, idle } = row;
  const all = own + others + idle;
  if (all === 0) return element('span', {}, NOTHING);
  const parts = (['own', 'others', 'idle'] as const).map((name) => {
    const part = element('i', { class: name });
    part.style.flexGrow = String(row[name] / all);
    return part;
  });
  return element(
    'span',
    { class: 'time' },
    element('span', { class: 'bar', 'aria-hidden': 'true' }, ...parts),
    timeOf(row),
  );
}
