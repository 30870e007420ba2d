// A value that nobody may see: no error quotes it, and nothing shows it.
import type { ValueKind } from '../option-values.js';

/** A text in one line that is never quoted. */
export const secret: ValueKind<string> = {
  allowed: 'a string of one line that is not empty',
  check(value, name) {
    if (typeof value !== 'string' || !isOneLine(value)) throw refusal(name);
    return value;
  },
  parse: (value, name) => secret.check(value, name),
};

/** Whether `value` has characters, and only such as a header can carry. */
export function isOneLine(value: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
  return value.trim() !== '' && isText(value) && !/[\0-\x1f\x7f]/.test(value);
}

/** Whether `value` was UTF-8: other bytes are all read as this one character, which is easy to guess. */
export const isText = (value: string): boolean => !value.includes('\ufffd');

function refusal(name: string): TypeError {
  return new TypeError(`Expected \`${name}\` to be ${secret.allowed}, got something else, which is not shown`);
}
