// What a call failed with, as `error.type` of the semantic conventions: a class name, `AbortError`, or their fallback `_OTHER`.
import { types } from 'node:util';

/** The conventions' value where no class tells more: somebody threw what is no error. */
export const OTHER_ERROR_TYPE = '_OTHER';

/** `error.type` of calls that were called off. */
export const ABORT_ERROR_TYPE = 'AbortError';

/** Names the class of `error`; never throws, whatever was thrown. */
export function errorTypeOf(error: unknown): string {
  try {
    if (typeof error !== 'object' || error === null) return OTHER_ERROR_TYPE;
    const { name }: { readonly name?: unknown } = error;
    // DOMException and Node's own aborts say it by name alone.
    if (name === ABORT_ERROR_TYPE) return ABORT_ERROR_TYPE;
    if (!isError(error)) return OTHER_ERROR_TYPE;
    const className: unknown = error.constructor?.name;
    // Both stand for many errors, each with a name from a short list.
    if (className === 'DOMException' || className === 'NodeError') return textOr(name, className);
    return textOr(className, textOr(name, OTHER_ERROR_TYPE));
  } catch {
    return OTHER_ERROR_TYPE;
  }
}

/** The message of an error for a span's status; undefined where there is none. */
export function errorMessageOf(error: unknown): string | undefined {
  if (typeof error === 'string') return error;
  if (typeof error !== 'object' || error === null) return undefined;
  const { message }: { readonly message?: unknown } = error;
  return typeof message === 'string' ? message : undefined;
}

/** True for errors of any realm. */
export function isError(value: unknown): value is Error {
  return types.isNativeError(value) || value instanceof Error;
}

function textOr(value: unknown, fallback: string): string {
  return typeof value === 'string' && value !== '' ? value : fallback;
}
