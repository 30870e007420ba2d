// Marks servers and workers of our own, so that our instrumentations do not count them as the application's.

// On the object itself and by a registered symbol: the ES and CommonJS copies of the package must agree.
const OWN = Symbol.for('loopsight.own');

/** Marks `object` as ours. */
export function markOwn(object: object): void {
  Object.defineProperty(object, OWN, { value: true });
}

/** Whether any copy of the package has marked `object`; false for everything that is no object. */
export function isOwn(object: unknown): boolean {
  return typeof object === 'object' && object !== null && (object as { readonly [OWN]?: unknown })[OWN] === true;
}
