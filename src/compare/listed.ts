// Values from a server in a sentence.
import { printable } from '../status/wording.js';

const SHOWN_VALUES = 8;

/** The first of `values`, and how many more there are. */
export function listed(values: readonly string[]): string {
  const shown = values.slice(0, SHOWN_VALUES).map((value) => printable(value));
  const more = values.length - shown.length;
  return `${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
