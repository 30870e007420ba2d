// What a process that does not answer is doing, as far as the system tells.
import { printable } from '../status/wording.js';
import { childrenOf, stateOf, waitsIn } from './system-threads.js';

/** Begins with `its main thread`; for the end of a sentence. */
export function describeWait(pid: number): string {
  const state = stateOf(pid, pid);
  if (state === 'R') return 'its main thread computes in a native call, or gets no processor';
  if (state === 'T' || state === 't') return 'its main thread is stopped, by a signal or a debugger';
  const where = waitsIn(pid, pid);
  const children = childrenOf(pid, pid).map((child) => `${child.pid} (${printable(child.command)})`);
  const sleeps = `its main thread sleeps in a call to the system${where === '' ? '' : ` (${printable(where)})`}`;
  if (children.length === 0) return sleeps;
  return `${sleeps}, and has ${children.length === 1 ? 'a child' : 'children'}: ${children.slice(0, 5).join(', ')}`;
}
