// A class that is exported by several modules of its package is patched by the first that is loaded.

interface Patched {
  users: number;
  readonly undo: () => void;
}

const patched = new WeakMap<object, Patched>();

/** Runs `patch`, which returns its undo, unless that was done for `target`; returns the undo, which the last one does. */
export function patchOnce(target: object, patch: () => () => void): () => void {
  let known = patched.get(target);
  if (known === undefined) {
    known = { users: 0, undo: patch() };
    patched.set(target, known);
  }
  const one = known;
  one.users++;
  let isUndone = false;
  return () => {
    if (isUndone) return;
    isUndone = true;
    if (--one.users > 0) return;
    patched.delete(target);
    one.undo();
  };
}
