// Tells of every object of a class that extends another, in whatever module format the class came.

type Constructor = abstract new (...args: never[]) => object;

/**
 * Calls `constructed` with each new object of `Class` (and of its subclasses) before the body of its constructor runs;
 * returns the undo. The class stays what it is: what it extends is asked for at each construction, and there a proxy of
 * that stands. Throws a TypeError for a class that extends nothing.
 */
export function watchConstructed(Class: Constructor, constructed: (object: object) => void): () => void {
  const parent: unknown = Object.getPrototypeOf(Class);
  if (typeof parent !== 'function' || parent === Function.prototype) {
    throw new TypeError(`Expected \`${Class.name}\` to extend a class`);
  }
  const proxy = new Proxy(parent, {
    construct(target, args, newTarget) {
      const object: object = Reflect.construct(target, args, newTarget);
      constructed(object);
      return object;
    },
  });
  Object.setPrototypeOf(Class, proxy);
  return () => {
    if (Object.getPrototypeOf(Class) === proxy) Object.setPrototypeOf(Class, parent);
  };
}
