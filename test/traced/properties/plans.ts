// Plans of arbitrary functions: data, of which one function is made in each of several worlds.
import fc from 'fast-check';

/** A value that a function is given or gives. */
export type ValuePlan =
  | { readonly is: 'primitive'; readonly value: unknown }
  | { readonly is: 'this' | 'argument' | 'shared' | 'error' | 'count' };

/** What a function does with its value. */
const ENDINGS = [
  'return',
  'throw',
  'resolve',
  'reject',
  'later',
  'rejectLater',
  'never',
  'thenable',
  'lazyThenable',
  'throwingThenable',
  'hostileObject',
  'subclass',
  'subclassRejects',
  'lazySubclass',
  'decoratedPromise',
  'frozenPromise',
  'proxiedPromise',
  'foreignPromise',
  'iterator',
] as const;

export type Ending = (typeof ENDINGS)[number];

const KINDS = [
  'function',
  'sloppy',
  'arrow',
  'method',
  'async',
  'generator',
  'asyncGenerator',
  'class',
  'native',
] as const;

export interface FunctionPlan {
  readonly kind: (typeof KINDS)[number];
  readonly ending: Ending;
  readonly value: ValuePlan;
  /** Awaits or yields before the end. */
  readonly steps: readonly ValuePlan[];
  /** What is made of the function: the next one around the former. */
  readonly layers: readonly ('bound' | 'proxied')[];
  readonly properties: readonly PropertyPlan[];
  readonly integrity: 'open' | 'closed' | 'sealed' | 'frozen';
}

export interface PropertyPlan {
  readonly key: string | symbol;
  readonly how: 'data' | 'getter' | 'throwingGetter' | 'accessor';
  readonly enumerable: boolean;
  readonly configurable: boolean;
}

const primitives = fc.oneof(
  fc.constantFrom(undefined, null, true, 0, -0, Number.NaN, '', Symbol.for('s')),
  fc.integer(),
  fc.string({ maxLength: 4 }),
  fc.bigInt({ min: 0n, max: 9n }),
);

export const values: fc.Arbitrary<ValuePlan> = fc.oneof(
  primitives.map((value) => ({ is: 'primitive', value }) as const),
  fc.constantFrom('this', 'argument', 'shared', 'error', 'count').map((is) => ({ is }) as const),
);

export const keys = fc.constantFrom<string | symbol>(
  'name',
  'length',
  'toString',
  'call',
  'then',
  'constructor',
  'version',
  Symbol.for('tag'),
  Symbol.toStringTag,
  Symbol.toPrimitive,
);

export const functionPlans: fc.Arbitrary<FunctionPlan> = fc.record({
  kind: fc.constantFrom(...KINDS),
  ending: fc.constantFrom(...ENDINGS),
  value: values,
  steps: fc.array(values, { maxLength: 3 }),
  layers: fc.array(fc.constantFrom('bound', 'proxied'), { maxLength: 2 }),
  properties: fc.array(
    fc.record({
      key: keys,
      how: fc.constantFrom('data', 'getter', 'throwingGetter', 'accessor'),
      enumerable: fc.boolean(),
      configurable: fc.boolean(),
    }),
    { maxLength: 3 },
  ),
  integrity: fc.oneof({ weight: 3, arbitrary: fc.constant('open') }, fc.constantFrom('closed', 'sealed', 'frozen')),
});
