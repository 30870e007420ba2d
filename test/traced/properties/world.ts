// A world: what a function does in it is noted, and everything in it that can be told apart has a label, so that what is seen in
// two worlds can be compared.
export type Callable = (this: unknown, ...args: unknown[]) => unknown;

/** What is seen in one world. */
export interface World {
  readonly log: unknown[];
  readonly labels: WeakMap<object, string>;
  readonly shared: object;
}

export function createWorld(): World {
  const shared = { shared: true };
  return { log: [], labels: new WeakMap([[shared, 'shared']]), shared };
}

/** Gives `value` a label. */
export function labelled<T extends object>(value: T, label: string, world: World): T {
  world.labels.set(value, label);
  return value;
}
