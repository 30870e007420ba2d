// What an answer is that should be data: JSON, a page, something else.
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
export function kindOf(answer: Answer, whose: string): string {
  const { text } = answer;
  if (text.trim() === '') return 'nothing';
  if (isHtml(answer)) return `HTML, not with ${whose} JSON`;
  return /^\s*[{[]/.test(text) ? 'JSON that ends early or is broken' : 'something that is no JSON';
}

/** Whether an answer is a page for people, whatever it calls itself. */
export function isHtml({ contentType, text }: Answer): boolean {
  return /html/i.test(contentType) || /^\s*</.test(text);
}

/** Whether `value` is an object with keys. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
