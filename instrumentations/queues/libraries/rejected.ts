// Whether a task was refused at the door.
import { inspect } from 'node:util';

/** Whether a promise is rejected right now; nobody is told, so that it stays unhandled where it was. */
export function isRejected(promise: unknown): boolean {
  return inspect(promise, { customInspect: false, depth: 0 }).includes('<rejected>');
}
