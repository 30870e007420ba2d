// Which blocking calls are allowed: patterns of calls, functions and files, or of a call in one of these.
import { unexpected } from '../../../src/option-values.js';

/** A call, and the code that makes it: the functions from the innermost one out to the application's. */
export interface JudgedCall {
  readonly call: string;
  readonly callers: readonly { readonly function: string; readonly file: string }[];
}

/** Whether a call is allowed. */
export type AllowList = (judged: JudgedCall) => boolean;

const FORMS =
  'an array of patterns such as "fs.existsSync", "loadConfig()", "src/config/**" or "fs.* in src/config/**"';

/** Reads patterns; throws a TypeError that quotes `name` and the one that is none. */
export function allowList(patterns: unknown, name = 'allow'): AllowList {
  if (!Array.isArray(patterns)) throw unexpected(name, FORMS, patterns);
  const rules = patterns.map((pattern: unknown) => {
    if (typeof pattern !== 'string' || pattern.trim() === '') throw unexpected(name, FORMS, pattern);
    return readPattern(pattern.trim());
  });
  return (judged) => rules.some((rule) => rule(judged));
}

function readPattern(pattern: string): AllowList {
  const [, call, place] = /^(\S+)\s+in\s+(.+)$/.exec(pattern) ?? [];
  if (call !== undefined && place !== undefined) {
    const [isCall, isPlace] = [ofCall(call), ofPlace(place)];
    return (judged) => isCall(judged) && isPlace(judged);
  }
  const isPlace = pattern.endsWith('()') || pattern.includes('/') || /\.[cm]?[jt]sx?$/.test(pattern);
  return isPlace ? ofPlace(pattern) : ofCall(pattern);
}

function ofCall(pattern: string): AllowList {
  const matches = matcher(pattern, { separator: '' });
  return ({ call }) => matches(call);
}

function ofPlace(pattern: string): AllowList {
  if (pattern.endsWith('()')) {
    const matches = matcher(pattern.slice(0, -2), { separator: '' });
    return ({ callers }) => callers.some((caller) => matches(caller.function));
  }
  const matches = matcher(pattern.replace(/^\.\//, ''), { separator: '/' });
  return ({ callers }) => callers.some((caller) => matches(caller.file));
}

// `*` is any part of a name, `**` any folders as well.
function matcher(glob: string, { separator }: { readonly separator: '/' | '' }): (text: string) => boolean {
  const part = separator === '' ? '.' : '[^/]';
  const source = glob.replace(/\*\*\/|\*\*|[*?]|[^*?]+/g, (token) => {
    if (token === '**/' && separator === '/') return '(?:.*/)?';
    if (token.startsWith('**')) return `.*${token.slice(2)}`;
    if (token === '*') return `${part}*`;
    if (token === '?') return part;
    return token.replace(/[\\^$.+()[\]{}|]/g, '\\$&');
  });
  const expression = new RegExp(`^${source}$`, 's');
  return (text) => expression.test(text);
}
