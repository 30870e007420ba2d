// From the shared memory of live calls to tasks. Reads while the other thread writes: a place that changed meanwhile is left
// out, since its call has just ended.
import {
  CALL,
  CALL_INTS,
  CALL_NUMBER,
  CALL_NUMBERS,
  HEAD,
  HEAD_NUMBER,
  type LiveMemory,
  PLACES,
  readName,
  STATE,
} from '../live-calls/live-memory.js';
import { readWhere } from '../live-calls/where.js';
import type { Frame } from '../stalls/blame/frames.js';
import { placeOf, readFrames } from '../stalls/blame/frames.js';
import type { CodePlace } from '../stalls/blame/stall-report.js';
import { lintsOf } from './lints.js';
import type { Task, TaskState } from './task.js';

/** Stands for a name for which there was no room. */
const NAMELESS = '(unknown)';

export interface ReadOptions {
  /** Now, in monotonic milliseconds. */
  readonly nowMs: number;
  /** Whether the loop has slept since its last turn. */
  readonly hasSlept: boolean;
  /** The application's folder. */
  readonly root: string;
  readonly mapped: (frame: Frame) => Frame;
}

/** Reads the calls that are under way, the oldest first. */
export function readTasks(memory: LiveMemory, options: ReadOptions): { tasks: Task[]; hidden: number; isOn: boolean } {
  const seen: SeenTask[] = [];
  for (let place = 0; place < PLACES; place++) {
    const task = readTask(memory, place, options);
    if (task !== undefined) seen.push(task);
  }
  const tasks = withWhatRunsForThem(seen).map((task) => ({ ...task, lints: lintsOf(task) }));
  tasks.sort((a, b) => b.ageMs - a.ageMs);
  return { tasks, hidden: memory.head[HEAD.hidden] ?? 0, isOn: memory.head[HEAD.isOn] === 1 };
}

/** A task before its lints are known. */
type SeenTask = Omit<Task, 'lints'>;

// Of measured calls only the innermost one is told to run; what it does is the time of those that it runs for as well.
function withWhatRunsForThem(tasks: readonly SeenTask[]): SeenTask[] {
  const inner = tasks.find(({ state, isMeasured }) => state === 'running' && isMeasured);
  if (inner === undefined) return [...tasks];
  const byId = new Map(tasks.map((task) => [task.id, task]));
  const around = new Set<SeenTask>();
  for (let id = inner.parent?.id; id !== undefined; ) {
    const task = byId.get(id);
    if (task === undefined || around.has(task)) break;
    if (task.state === 'waiting') around.add(task);
    id = task.parent?.id;
  }
  return tasks.map((task) => {
    if (!around.has(task)) return task;
    const { inStateMs } = inner;
    const ownMs = Math.min(task.ageMs, task.ownMs + inStateMs);
    const others = task.othersMs === undefined ? {} : { othersMs: Math.max(0, task.othersMs - inStateMs) };
    return { ...task, state: 'running', inStateMs, ownMs, ...others };
  });
}

function readTask(memory: LiveMemory, place: number, options: ReadOptions): SeenTask | undefined {
  const { nowMs, hasSlept, root, mapped } = options;
  const { ints, numbers, headNumbers } = memory;
  const int = (field: number) => ints[place * CALL_INTS + field] ?? 0;
  const number = (field: number) => numbers[place * CALL_NUMBERS + field] ?? 0;
  const id = int(CALL.ticket);
  if (id === 0) return undefined;
  const startMs = number(CALL_NUMBER.start);
  const isMeasured = int(CALL.state) >= STATE.measuredRunning;
  const state = stateOf(int(CALL.state));
  const inStateMs = Math.max(0, nowMs - number(CALL_NUMBER.since));
  const ageMs = Math.max(0, nowMs - startMs);
  const ownMs = number(CALL_NUMBER.own) + (state === 'running' ? inStateMs : 0);
  const sinceTurnMs = hasSlept ? Math.max(0, nowMs - (headNumbers[HEAD_NUMBER.idleAt] ?? nowMs)) : 0;
  const sleptMs = (headNumbers[HEAD_NUMBER.idle] ?? 0) + sinceTurnMs - number(CALL_NUMBER.idleAtStart);
  // The loop's sleep is told of at its turns only, so for a moment a call can have begun after that.
  const idleMs = Number.isNaN(sleptMs) ? undefined : Math.min(Math.max(0, sleptMs), Math.max(0, ageMs - ownMs));
  const offloadedMs = number(CALL_NUMBER.offloaded);
  const parent = parentOf(memory, place, nowMs);
  const where = whereOf(readName(memory, int(CALL.where)), root, mapped);
  const wakes = isMeasured ? { all: int(CALL.wakes), own: int(CALL.ownWakes) } : undefined;
  const name = readName(memory, int(CALL.function)) ?? NAMELESS;
  if (int(CALL.ticket) !== id || number(CALL_NUMBER.start) !== startMs) return undefined;
  return {
    id,
    name,
    state,
    ageMs,
    inStateMs,
    isMeasured,
    ownMs,
    ...(isMeasured && idleMs !== undefined ? { othersMs: Math.max(0, ageMs - ownMs - idleMs) } : {}),
    ...(idleMs === undefined ? {} : { idleMs }),
    ...(offloadedMs > 0 ? { offloadedMs } : {}),
    ...(parent === undefined ? {} : { parent }),
    ...(where === undefined ? {} : { where }),
    ...(wakes === undefined ? {} : { wakes }),
  };
}

function stateOf(state: number): TaskState {
  if (state === STATE.running || state === STATE.measuredRunning) return 'running';
  return state === STATE.measuredWaiting ? 'waiting' : 'pending';
}

function parentOf(memory: LiveMemory, place: number, nowMs: number): Task['parent'] {
  const { ints, numbers } = memory;
  const parent = ints[place * CALL_INTS + CALL.parent] ?? 0;
  if (parent <= 0) return undefined;
  const name = readName(memory, ints[place * CALL_INTS + CALL.parentFunction] ?? 0) ?? NAMELESS;
  const endedAtMs = numbers[place * CALL_NUMBERS + CALL_NUMBER.parentEnded] ?? 0;
  return endedAtMs > 0 ? { name, endedMs: Math.max(0, nowMs - endedAtMs) } : { id: parent, name };
}

function whereOf(text: string | undefined, root: string, mapped: ReadOptions['mapped']): CodePlace | undefined {
  const raw = text === undefined ? undefined : readWhere(text);
  const [frame] = raw === undefined ? [] : readFrames([raw]);
  return frame === undefined ? undefined : placeOf(mapped(frame), root);
}
