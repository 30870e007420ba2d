// A dump as text for people.
import { printable, stackLines } from '../stalls/tell/stack-text.js';
import { formatMs } from '../stalls/tell/stall-sentence.js';
import type { Activity, ChildProcess, Dump, DumpedThread, NoStack, Variable } from './dump.js';

/** Renders `dump`: a head, and a paragraph for each thread. Names cannot break a line or reach a terminal's controls. */
export function renderDump(dump: Dump): string {
  const { pid, unixMs, reason, threads, notes = [] } = dump;
  const head = `loopsight: the stacks of all threads of process ${pid} at ${new Date(unixMs).toISOString()}`;
  const why = reason === undefined ? '' : `: ${reason}`;
  return `${[printable(head + why), ...threads.map(renderThread), ...notes.map(printable)].join('\n\n')}\n`;
}

function renderThread(thread: DumpedThread): string {
  const { threadId, activity, blockedMs, stack, noStack, waitsIn, nobodyWakes, locals = [], children = [] } = thread;
  const name = threadId === 0 ? thread.thread : `${thread.thread} (worker ${threadId})`;
  const where = waitsIn === undefined ? '' : ` (${waitsIn})`;
  const blocked = blockedMs === 0 ? '' : `; its loop has not turned for ${formatMs(blockedMs)}`;
  return [
    printable(`Thread ${name}: ${DOES[activity]}${where}${blocked}`),
    ...stackLines(stack).flatMap((line, index) => [line, ...(locals[index] ?? []).map(variableLine)]),
    ...(noStack === undefined ? [] : [`    no stack: ${REASONS[noStack]}`]),
    ...(children.length === 0 ? [] : [printable(`    its children: ${children.map(childText).join(', ')}`)]),
    ...(nobodyWakes === undefined
      ? []
      : ['    Nobody is about to wake it: every other thread is idle or waits as well.']),
  ].join('\n');
}

const variableLine = ({ name, value }: Variable): string => printable(`        ${name} = ${value}`);

const childText = ({ pid, command }: ChildProcess): string => `${pid} (${command})`;

const DOES: Readonly<Record<Activity, string>> = {
  javascript: 'running JavaScript',
  native: 'in a native call',
  sync_io: 'in a synchronous call to the system',
  wait: 'waiting in Atomics.wait',
  idle: 'idle',
  turning: 'its loop turns',
  computing: 'computing',
  asleep: 'asleep in a call to the system',
  descheduled: 'ready to run, without a processor',
  unknown: 'what it does is not known',
};

const REASONS: Readonly<Record<NoStack, string>> = {
  answer: 'the thread does not answer before it goes on',
  relay: 'it is read through the main thread, which does not answer',
  loaded: 'loopsight/register is not loaded in the worker, or another worker created it',
  off: 'stacks are not captured in this process, or a debugger is attached',
};
