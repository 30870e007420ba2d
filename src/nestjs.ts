// Entry point `loopsight/nestjs`: the controllers and providers of a NestJS application as traced functions.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { applicationRoot } from './application-root.js';
import { trueOrFalse, unexpected } from './option-values.js';
import { traceMethods } from './traced.js';

/** Any class, as NestJS means it. */
// biome-ignore lint/suspicious/noExplicitAny: constructors of any parameters are meant, as in NestJS's own type.
type Type = new (...args: any[]) => object;

/** Options of `LoopsightModule.forRoot`. */
export interface NestTraceOptions {
  /** Whether the methods of controllers are traced. @default true */
  readonly controllers?: boolean;
  /** Whether the methods of providers are traced, and those of the guards, pipes and interceptors of controllers. @default true */
  readonly providers?: boolean;
  /** Classes that are left alone. @default none */
  readonly exclude?: readonly object[];
  /** The module `@nestjs/core`, where it cannot be found from the application's root, as in a bundle. @default found there */
  readonly core?: object;
}

/** What `forRoot` returns: a dynamic module of NestJS. */
export interface LoopsightDynamicModule {
  module: Type;
  imports: Type[];
  providers: { provide: symbol; inject: Type[]; useFactory: (discovery: Discovery) => object }[];
}

/** What is used of NestJS's `DiscoveryService`. */
interface Discovery {
  getControllers(): readonly Wrapper[];
  getProviders(): readonly Wrapper[];
}

/** A class that NestJS makes instances of, or something else that it provides. */
interface Wrapper {
  readonly metatype?: unknown;
  readonly isAlias?: boolean;
  /** What a factory is given. */
  readonly inject?: unknown;
  /** The module that it belongs to; guards, pipes and interceptors that decorators name are among its injectables. */
  readonly host?: {
    readonly metatype?: unknown;
    readonly name?: string;
    readonly injectables?: ReadonlyMap<unknown, Wrapper>;
  };
}

interface Core {
  readonly DiscoveryModule: Type;
  readonly DiscoveryService: Type;
}

const TRACING = Symbol('loopsight.tracing');

// biome-ignore-start lint/complexity/noStaticOnlyClass: a module of NestJS is a class.
/**
 * A module that traces the methods of an application's controllers and providers, each by class and method
 * (`UsersController.find`), from before the routes are made until the application is closed.
 *
 * @example
 * class DiscoveryModule {}
 * class DiscoveryService {}
 * const core = { DiscoveryModule, DiscoveryService }; // in an application it is found
 * const { imports } = LoopsightModule.forRoot({ core, providers: false });
 * imports.includes(DiscoveryModule); // true
 */
export class LoopsightModule {
  /**
   * The module with these options, for the `imports` of the application's root module. Throws a TypeError for a bad
   * option, and where `@nestjs/core` cannot be found.
   */
  static forRoot(options: NestTraceOptions = {}): LoopsightDynamicModule {
    const controllers = trueOrFalse.check(options.controllers ?? true, 'controllers');
    const providers = trueOrFalse.check(options.providers ?? true, 'providers');
    const exclude = options.exclude ?? [];
    if (!Array.isArray(exclude)) throw unexpected('exclude', 'an array of classes', exclude);
    const core = checkCore(options.core ?? findCore());
    // Its own classes are those of the framework.
    const leftOut = new Set<unknown>([...exclude, ...Object.values(core), LoopsightModule]);
    const useFactory = (discovery: Discovery) => {
      const found = [
        ...(controllers ? discovery.getControllers() : []),
        ...(providers ? [...discovery.getProviders(), ...injectablesOf(discovery.getControllers())] : []),
      ];
      return startTracing(classesOf(found, leftOut));
    };
    return {
      module: LoopsightModule,
      imports: [core.DiscoveryModule],
      providers: [{ provide: TRACING, inject: [core.DiscoveryService], useFactory }],
    };
  }
}

// biome-ignore-end lint/complexity/noStaticOnlyClass: as above.

// The one that the application itself uses: another copy would know nothing of its modules.
function findCore(): unknown {
  try {
    return createRequire(join(applicationRoot(), 'package.json'))('@nestjs/core');
  } catch (cause) {
    throw new TypeError('Expected `@nestjs/core` to be installed in the application; else give it as `core`', {
      cause,
    });
  }
}

function checkCore(core: unknown): Core {
  const { DiscoveryModule, DiscoveryService }: Partial<Core> = Object(core);
  if (typeof DiscoveryModule !== 'function' || typeof DiscoveryService !== 'function') {
    throw unexpected('core', 'the module `@nestjs/core`', core);
  }
  return core as Core;
}

function injectablesOf(controllers: readonly Wrapper[]): Wrapper[] {
  const modules = new Set(controllers.map(({ host }) => host));
  return [...modules].flatMap((host) => [...(host?.injectables?.values() ?? [])]);
}

/** The classes among what was found; not those of the framework, modules, and what factories make. */
function classesOf(found: readonly Wrapper[], leftOut: ReadonlySet<unknown>): Set<Type> {
  const classes = new Set<Type>();
  for (const { metatype, isAlias, inject, host } of found) {
    if (typeof metatype !== 'function' || isAlias === true || inject !== undefined) continue;
    if (typeof metatype.prototype !== 'object' || metatype.prototype === null) continue;
    if (host?.metatype === metatype || host?.name === 'InternalCoreModule') continue;
    if (chainOf(metatype).some((one) => leftOut.has(one))) continue;
    classes.add(metatype as Type);
  }
  return classes;
}

function chainOf(metatype: object): object[] {
  const chain: object[] = [];
  for (let one: object | null = metatype; typeof one === 'function'; one = Object.getPrototypeOf(one)) chain.push(one);
  return chain;
}

// NestJS makes its providers before it looks for routes, so that it finds the methods as they are then.
function startTracing(classes: ReadonlySet<Type>): object {
  const undos = [...classes].map(({ prototype }) => traceMethods(prototype as object));
  return {
    /** Called by NestJS when the application is closed. */
    onApplicationShutdown() {
      for (const undo of undos.splice(0).reverse()) undo();
    },
  };
}
