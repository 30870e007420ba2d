// Several methods of one prototype, replaced together or not at all.
import { type AnyFunction, replaceMethod, undoAll } from '../../src/loading/replace.js';

/** How methods are replaced, by their names. */
export type Replacements = Readonly<Record<string, (original: AnyFunction) => AnyFunction>>;

/** Replaces `methods` of `target`; returns the undo. Throws a TypeError where one of them is none, and nothing is replaced then. */
export function replaceAll(target: object, methods: Replacements): () => void {
  const undos: (() => void)[] = [];
  try {
    for (const [key, make] of Object.entries(methods)) undos.push(replaceMethod(target, key, make));
  } catch (error) {
    undoAll(undos);
    throw error;
  }
  return () => undoAll(undos);
}
