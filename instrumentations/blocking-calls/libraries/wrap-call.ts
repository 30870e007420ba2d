// How the synchronous functions of a library are wrapped.
import type { AnyFunction } from '../../../src/stalls/loop/checkpoint.js';

/** Makes the wrapper of a function; the label is such as `bcrypt.hashSync`. */
export type WrapCall = (original: AnyFunction, label: string) => AnyFunction;
