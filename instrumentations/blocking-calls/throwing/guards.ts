// Who is asked before a blocking call is made; all copies of the package share them, as they share what is wrapped.
import { disguise } from '../../../src/loading/replace.js';
import { sharedState } from '../../../src/shared-state.js';
import type { AnyFunction } from '../../../src/stalls/loop/checkpoint.js';

/** Asked before a call: throws where it must not be made. Below `wrapper` on the stack is the caller. */
export type CallGuard = (call: string, wrapper: AnyFunction, args: readonly unknown[]) => void;

const { apply } = Reflect;

/** Asks everybody. */
export const askGuards: CallGuard = (call, wrapper, args) => {
  for (const guard of sharedState().blockingCallGuards ?? []) guard(call, wrapper, args);
};

/** Adds a guard for the calls of libraries; returns its undo. */
export function addGuard(guard: CallGuard): () => void {
  const state = sharedState();
  state.blockingCallGuards ??= new Set();
  const { blockingCallGuards } = state;
  blockingCallGuards.add(guard);
  return () => {
    blockingCallGuards.delete(guard);
  };
}

/** Wraps `original`: `guard` is asked before each call. */
export function withGuard(original: AnyFunction, call: string, guard: CallGuard): AnyFunction {
  const { name } = original;
  const wrapper = {
    [name](this: unknown, ...args: never[]): unknown {
      guard(call, wrapper, args);
      return apply(original, this, args);
    },
  }[name] as AnyFunction;
  return disguise(wrapper, original);
}
