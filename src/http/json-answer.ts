// Answers that should be JSON.
import type { Answer } from './exchange.js';

/** The JSON of an answer; undefined where it is none. */
export function jsonOf({ text }: Answer): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What an answer is that is no JSON of `whose`, in words. */
export function kindOf({ contentType, text }: Answer, whose: string): string {
  if (text.trim() === '') return 'nothing';
  if (/html/i.test(contentType) || /^\s*</.test(text)) return `HTML, not with ${whose} JSON`;
  return /^\s*[{[]/.test(text) ? 'JSON that ends early or is broken' : 'something that is no JSON';
}

/** Whether `value` is an object with keys. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
