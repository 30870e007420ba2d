// @Traced(): the same as a decorator, of the TC39 proposal (2023-11) and of TypeScript's `experimentalDecorators`.
import { unexpected } from '../../src/option-values.js';
import { traceClass, wrapDescriptor } from './members.js';
import { ANONYMOUS, classNameOf, identifyAs, identifyByOwner, methodName } from './names.js';
import {
  type AnyClass,
  type AnyFunction,
  isClass,
  isFunction,
  type ResolvedTracedOptions,
  resolveTracedOptions,
  type TracedOptions,
} from './options.js';
import { type Identify, wrapFunction } from './wrap.js';

type AccessorContext = ClassGetterDecoratorContext | ClassSetterDecoratorContext;

/** What `Traced` returns: fits where either kind of decorator may stand. */
export interface TracedDecorator {
  <F extends AnyFunction>(method: F, context: ClassMethodDecoratorContext | AccessorContext): F;
  <V extends AnyFunction>(field: undefined, context: ClassFieldDecoratorContext<unknown, V>): (value: V) => V;
  (target: AnyClass, context: ClassDecoratorContext): void;
  <V>(target: object, key: string | symbol, descriptor: TypedPropertyDescriptor<V>): TypedPropertyDescriptor<V>;
  (target: AnyClass): void;
}

/**
 * Decorates a method, static, private and asynchronous ones and accessors included, a field that holds a function (TC39 only),
 * or a whole class: its own methods and static methods. The name is `Class.method`; of a class, `options.name` replaces
 * the class's. Throws a TypeError for bad options, and where it stands on anything else.
 *
 * @example
 * class Hosts {
 *   \@Traced()
 *   async restart(host: string) {
 *     return `${host} restarted`;
 *   }
 * }
 */
export function Traced<F extends AnyFunction = (...args: unknown[]) => unknown>(
  options?: string | TracedOptions<F>,
): TracedDecorator;
export function Traced(...given: readonly unknown[]): unknown {
  if (given.length > 1 || isFunction(given[0]))
    throw new TypeError('Expected `@Traced()`, with parentheses, got `@Traced`');
  const options = resolveTracedOptions(given[0]);
  return (target: unknown, second: unknown, third: unknown): unknown => {
    if (isContext(second)) return decorate(target, second, options);
    return decorateLegacy(target, second, third, options);
  };
}

function isContext(value: unknown): value is DecoratorContext {
  return typeof value === 'object' && value !== null && 'kind' in value && typeof value.kind === 'string';
}

function decorate(target: unknown, context: DecoratorContext, options: ResolvedTracedOptions): unknown {
  switch (context.kind) {
    case 'class':
      if (isFunction(target)) traceClass(target, options);
      return undefined;
    case 'method':
    case 'getter':
    case 'setter':
      return isFunction(target) ? wrapFunction(target, options, identify(context, options)) : target;
    case 'field': {
      const identifyField = fieldIdentifier(context.name, options);
      return function initialize(this: unknown, value: unknown): unknown {
        if (!isFunction(value) || isClass(value)) return value;
        return wrapFunction(value, options, identifyField(this));
      };
    }
    case 'accessor':
      throw unexpected('the place of @Traced', 'a class, method, getter, setter or field', context.kind);
  }
}

function identify(
  { name, private: isPrivate }: ClassMethodDecoratorContext | AccessorContext,
  options: ResolvedTracedOptions,
): Identify {
  return options.name === undefined ? identifyByOwner(name, options, isPrivate) : identifyAs(options.name, options);
}

// Instances of one class share a series; there are as many names as subclasses.
function fieldIdentifier(key: string | symbol, options: ResolvedTracedOptions): (owner: unknown) => Identify {
  const byClass = new Map<string, Identify>();
  return (owner) => {
    const className = classNameOf(owner) ?? ANONYMOUS;
    const known = byClass.get(className);
    if (known !== undefined) return known;
    const created = identifyAs(options.name ?? methodName(className, key), options);
    byClass.set(className, created);
    return created;
  };
}

function decorateLegacy(target: unknown, key: unknown, property: unknown, options: ResolvedTracedOptions): unknown {
  if (key === undefined && isFunction(target)) {
    traceClass(target, options);
    return undefined;
  }
  const isKey = typeof key === 'string' || typeof key === 'symbol';
  if (!isKey || typeof property !== 'object' || property === null) {
    const place = typeof property === 'number' ? 'a parameter' : `a property ${String(key)}`;
    throw unexpected('the place of @Traced', 'a class, method, getter or setter', place);
  }
  return wrapDescriptor(property, options, options.name ?? methodName(classNameOf(target), key));
}
