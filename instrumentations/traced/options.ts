// What may be said about a traced function: types, checks, and what holds when nothing is said.
import { type Attributes, SpanKind } from '@opentelemetry/api';
import { text, trueOrFalse, unexpected } from '../../src/option-values.js';

/** Any function. */
export type AnyFunction = (...args: never[]) => unknown;

/** Any class, abstract ones included. */
export type AnyClass = abstract new (...args: never[]) => object;

/** What a call comes to: the value of a promise, the return value of a generator, else what the function returns. */
export type ResultOf<F extends AnyFunction> =
  ReturnType<F> extends Generator<unknown, infer R> | AsyncGenerator<unknown, infer R>
    ? Awaited<R>
    : Awaited<ReturnType<F>>;

/** Options of `traced` and `@Traced`. */
export interface TracedOptions<F extends AnyFunction = (...args: unknown[]) => unknown> {
  /** Name of span and series; of a class, what stands before the methods' names. @default class and method, else the function's `name` */
  readonly name?: string;
  /** Kind of the span. @default SpanKind.INTERNAL */
  readonly kind?: SpanKind;
  /** Whether the last argument, where it is a function, is an error-first callback that ends the call. @default false */
  readonly callback?: boolean;
  /**
   * Attributes for the span from the arguments; runs only for recorded spans, and what it throws is kept from the caller.
   * At most 16 attributes are taken, texts are cut at 256 characters.
   * @default none
   */
  readonly onCall?: (args: Parameters<F>) => Attributes | undefined;
  /** Attributes for the span from what the call came to, as `onCall`; of a callback, its second argument. @default none */
  readonly onResult?: (result: ResultOf<F>, args: Parameters<F>) => Attributes | undefined;
}

/** Options with nothing left open; hooks take what the call happens to bring. */
export interface ResolvedTracedOptions {
  readonly name: string | undefined;
  readonly kind: SpanKind;
  readonly callback: boolean;
  readonly onCall: ((args: unknown[]) => unknown) | undefined;
  readonly onResult: ((result: unknown, args: unknown[]) => unknown) | undefined;
}

const KNOWN = ['name', 'kind', 'callback', 'onCall', 'onResult'];

/** Completes a name or options; throws a TypeError that quotes name, bound and value of the first bad one. */
export function resolveTracedOptions(given: unknown): ResolvedTracedOptions {
  if (given === undefined) return resolveTracedOptions({});
  if (typeof given === 'string') return resolveTracedOptions({ name: text.check(given, 'name') });
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw unexpected('options', 'a name or an object of options', shown(given));
  }
  for (const key of Object.keys(given)) {
    if (!KNOWN.includes(key)) throw unexpected('options', `an object with keys among ${KNOWN.join(', ')}`, key);
  }
  const { name, kind, callback, onCall, onResult }: { readonly [K in keyof TracedOptions]?: unknown } = given;
  return {
    name: name === undefined ? undefined : text.check(name, 'name'),
    kind: kind === undefined ? SpanKind.INTERNAL : checkKind(kind),
    callback: callback === undefined ? false : trueOrFalse.check(callback, 'callback'),
    onCall: onCall === undefined ? undefined : checkFunction(onCall, 'onCall'),
    onResult: onResult === undefined ? undefined : checkFunction(onResult, 'onResult'),
  };
}

/** Returns `value`; throws a TypeError that quotes `name` and value where it is no function. */
export function checkFunction(value: unknown, name: string): (...args: unknown[]) => unknown {
  if (!isFunction(value)) throw unexpected(name, 'a function', value);
  return value;
}

/** True for everything that can be called, classes included. */
export function isFunction(value: unknown): value is (...args: unknown[]) => unknown {
  return typeof value === 'function';
}

/** True for what was written with the `class` keyword: it cannot be called, only constructed. */
export function isClass(value: unknown): value is AnyClass {
  return typeof value === 'function' && /^class\b/.test(Function.prototype.toString.call(value));
}

function checkKind(value: unknown): SpanKind {
  const kind = [SpanKind.INTERNAL, SpanKind.SERVER, SpanKind.CLIENT, SpanKind.PRODUCER, SpanKind.CONSUMER].find(
    (candidate) => candidate === value,
  );
  if (kind === undefined) throw unexpected('kind', 'a SpanKind from 0 to 4', value);
  return kind;
}

// The text of a function would fill the message.
function shown(value: unknown): unknown {
  return isFunction(value) ? `function ${value.name}` : value;
}
