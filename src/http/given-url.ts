// A URL as somebody gave it, before it is known to be one.
import { printable } from '../status/wording.js';

const TEXT_LIMIT = 200;

/** What was given, as it may be shown in a sentence: without user and password, whatever is wrong with the rest. */
export function shownGivenUrl(given: string): string {
  // Up to the last @: where a password has one, or a slash, that may be why it is no URL.
  return printable(given.replace(/^([a-z]+:\/\/)?.*@/is, '$1'), TEXT_LIMIT);
}
