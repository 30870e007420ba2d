// Marks every object of a class that extends another where nobody sees it: quicker than a WeakMap, which the garbage
// collection pays for with each entry.

type Constructor = abstract new (...args: never[]) => object;

/** The marks of the objects of a class. */
export interface MarkedClass<M> {
  /** The mark of `object`; undefined where it has none. */
  of(object: object): M | undefined;
  /** Marks no more objects; those that have a mark keep it. */
  undo(): void;
}

/**
 * Gives each new object of `Class` (and of its subclasses) the mark that `next` returns, which is asked before the body of
 * the constructor runs and must not throw. The class stays what it is, but for what it extends: a class of the same name
 * that adds a private field. Throws a TypeError for a class that extends nothing.
 */
export function markObjects<M>(Class: Constructor, next: () => M | undefined): MarkedClass<M> {
  const parent: unknown = Object.getPrototypeOf(Class);
  if (typeof parent !== 'function' || parent === Function.prototype) {
    throw new TypeError(`Expected \`${Class.name}\` to extend a class`);
  }
  class Marking extends (parent as new (...args: unknown[]) => object) {
    readonly #mark = next();

    static of(object: object): M | undefined {
      return #mark in object ? object.#mark : undefined;
    }
  }
  const { of } = Marking;
  Reflect.deleteProperty(Marking, 'of');
  Object.defineProperty(Marking, 'name', { value: parent.name, configurable: true });
  Object.setPrototypeOf(Class, Marking);
  return {
    of,
    undo() {
      if (Object.getPrototypeOf(Class) === Marking) Object.setPrototypeOf(Class, parent);
    },
  };
}
