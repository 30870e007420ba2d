// The errors of collecting: what could not be had, in a sentence for the person who asked.
import { UnreadableData } from '../http/unreadable.js';

export { UnreadableData };

/** Nothing wrong but that there is no data, or not yet. */
export class NothingYet extends UnreadableData {
  override readonly name = 'NothingYet';
  override readonly mayCome = true;
}
