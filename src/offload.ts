// Work that a traced function hands over: to a pool of workers, say. Whoever runs such a pool tells when a piece of it begins.
import { sharedState } from './shared-state.js';

/**
 * Notes that the traced call under way hands a piece of work over; returns how to tell that it is back, which may be called
 * once, late or never. Undefined where nobody measures that call, which is nearly always: then there is nothing to tell.
 */
export function beginOffload(): (() => void) | undefined {
  return sharedState().callTimes?.beginOffload();
}
