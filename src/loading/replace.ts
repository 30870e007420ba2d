// Puts a function in the place of another, so that nobody can tell and it can be taken away again.

// biome-ignore lint/suspicious/noExplicitAny: a function of any parameters is meant; `unknown[]` would accept none of them.
export type AnyFunction = (this: any, ...args: any[]) => any;

/**
 * Makes `replacement` look like `original`: name, length, own properties and prototype are the same, but for the values in
 * `others`. Returns `replacement`.
 */
export function disguise<F extends AnyFunction>(
  replacement: F,
  original: AnyFunction,
  others: Readonly<Record<PropertyKey, unknown>> = {},
): F {
  // One by one: this is done for each queue that an application creates.
  for (const key of Reflect.ownKeys(original)) {
    const property = Object.getOwnPropertyDescriptor(original, key) ?? {};
    if (Object.hasOwn(others, key)) property.value = others[key];
    // That of a function which can be called with `new` is fixed, but for its value.
    if (key === 'prototype' && Object.hasOwn(replacement, key)) Reflect.set(replacement, key, property.value);
    else if (!isSame(replacement, key, property)) Object.defineProperty(replacement, key, property);
  }
  if (Object.getPrototypeOf(replacement) !== Object.getPrototypeOf(original)) {
    Object.setPrototypeOf(replacement, Object.getPrototypeOf(original));
  }
  return replacement;
}

// Name and length of a function are always there, and often what they are to be.
function isSame(
  replacement: AnyFunction,
  key: PropertyKey,
  { value, writable, enumerable, configurable }: PropertyDescriptor,
) {
  if (key !== 'name' && key !== 'length') return false;
  return replacement[key] === value && writable === false && enumerable === false && configurable === true;
}

/**
 * Replaces the method `key` of `target` itself (not of its prototypes) by what `make` makes of it; returns the undo, which
 * puts the very same property back if ours is still there. Where there is no such method, or it cannot be replaced, it
 * throws a TypeError that names it.
 */
export function replaceMethod(
  target: object,
  key: PropertyKey,
  make: (original: AnyFunction) => AnyFunction,
): () => void {
  return replaceIn(target, key, 'value', make);
}

/** As `replaceMethod`, for the getter or the setter of a property. */
export function replaceAccessor(
  target: object,
  key: PropertyKey,
  side: 'get' | 'set',
  make: (original: AnyFunction) => AnyFunction,
): () => void {
  return replaceIn(target, key, side, make);
}

function replaceIn(
  target: object,
  key: PropertyKey,
  side: 'value' | 'get' | 'set',
  make: (original: AnyFunction) => AnyFunction,
): () => void {
  const property = Object.getOwnPropertyDescriptor(target, key);
  const original: unknown = property?.[side];
  if (property === undefined || typeof original !== 'function') {
    throw new TypeError(`Expected \`${String(key)}\` to be a ${side === 'value' ? 'method' : `property with ${side}`}`);
  }
  const replacement = disguise(make(original as AnyFunction), original as AnyFunction);
  Object.defineProperty(target, key, { ...property, [side]: replacement });
  return () => {
    const now = Object.getOwnPropertyDescriptor(target, key);
    // Somebody who wrapped it after us keeps what they have.
    if (now?.[side] === replacement) Object.defineProperty(target, key, { ...now, [side]: original });
  };
}

/** Runs every undo, last first; none of them keeps the others from running. */
export function undoAll(undos: readonly (() => void)[]): void {
  for (const undo of [...undos].reverse()) {
    try {
      undo();
    } catch {
      // A frozen object, say: it cannot have been changed either.
    }
  }
}
