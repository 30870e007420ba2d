// Node's own modules without a word to those who watch what the program loads: an instrumentation that begins with the first
// `require('dns')` must not begin with ours.
import Module from 'node:module';

/** The module of this name, such as `node:dns`. */
export function quietBuiltin<T extends object>(name: string): T {
  const { _load: load } = Module as unknown as { _load?(name: string, parent: undefined, isMain: boolean): T };
  // `require` and `process.getBuiltinModule` are what they replace.
  if (typeof load === 'function') return load.call(Module, name, undefined, false);
  return (process.getBuiltinModule as unknown as (id: string) => T)(name);
}
