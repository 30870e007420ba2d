// A route handler that is traced: by the name of its route, which is known when it is called.
import { types } from 'node:util';
import { reportFailure } from '../../src/diagnostics.js';
import { type AnyFunction, disguise } from '../../src/loading/replace.js';
import { sharedState } from '../../src/shared-state.js';
import { Call, isObserved, type TracedFunction } from '../traced/call.js';
import { resolveTracedOptions } from '../traced/options.js';
import { settle } from '../traced/promise.js';
import { seriesOf } from '../traced/series.js';

/** How handlers of a framework are called. */
export interface HandlerKind {
  /** Name of the call, such as `GET /users/:id`; undefined where it cannot be told, and then the call is not traced. */
  nameOf(args: readonly unknown[]): string | undefined;
  /**
   * What a call that returned no promise waits for: calls `end` once, with an error where there is one, and returns the
   * arguments to call the handler with. @default the call ends when the handler returns
   */
  watch?(args: unknown[], end: (error?: unknown) => void): { args: unknown[]; returned(): void };
}

const byName = new Map<string, TracedFunction>();
const NAME_LIMIT = 2000;

/**
 * A function that is `given` in every respect, and tells of its calls while `isOn`. Frameworks keep it for good, so it
 * stays in its place afterwards and passes calls on. What is traced already is returned as it is.
 */
export function traceHandler(given: AnyFunction, kind: HandlerKind, isOn: () => boolean): AnyFunction {
  // Another copy of the package may have traced it.
  const state = sharedState();
  state.tracedHandlers ??= new WeakMap();
  const known = state.tracedHandlers.get(given);
  if (known?.isOn() === true) return given;
  const handler = (known?.handler as AnyFunction | undefined) ?? given;
  const traced = disguise(function (this: unknown, ...args: unknown[]): unknown {
    const identified = isOn() && isObserved() ? identify(kind, args) : undefined;
    return identified === undefined
      ? Reflect.apply(handler, this, args)
      : callTraced(handler, this, args, kind, identified);
  }, handler);
  state.tracedHandlers.set(traced, { handler, isOn });
  return traced;
}

function identify(kind: HandlerKind, args: readonly unknown[]): TracedFunction | undefined {
  try {
    const name = kind.nameOf(args);
    if (name === undefined) return undefined;
    let traced = byName.get(name);
    if (traced === undefined) {
      traced = { series: seriesOf(name), options: resolveTracedOptions(undefined) };
      if (byName.size < NAME_LIMIT) byName.set(name, traced);
    }
    return traced;
  } catch (error) {
    reportFailure('the route of a handler could not be told', error);
    return undefined;
  }
}

function callTraced(
  handler: AnyFunction,
  self: unknown,
  args: unknown[],
  { watch }: HandlerKind,
  traced: TracedFunction,
): unknown {
  const call = new Call(traced, args);
  const watched = watch?.(args, (error) => (error === undefined ? call.succeed(undefined) : call.fail(error)));
  let result: unknown;
  try {
    result = call.run(handler, self, watched?.args ?? args);
  } catch (error) {
    call.fail(error);
    throw error;
  }
  if (watched === undefined || types.isPromise(result)) return settle(result, call);
  watched.returned();
  return result;
}
