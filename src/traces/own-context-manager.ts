// A context manager on Node's AsyncLocalStorage, for applications that have OpenTelemetry's SDK and not its context manager.
import type { Context, ContextManager } from '@opentelemetry/api';

/** Makes a manager whose context outside of every span is `root`; it binds functions, not event emitters. */
export function createOwnManager(root: Context): ContextManager {
  // Loaded here alone, because every start of a program would pay for it.
  const { AsyncLocalStorage } = process.getBuiltinModule('node:async_hooks');
  const storage = new AsyncLocalStorage<Context>();
  const manager: ContextManager = {
    active: () => storage.getStore() ?? root,
    with: (context, target, self, ...args) => storage.run(context, () => Reflect.apply(target, self, args)),
    bind<T>(context: Context, target: T): T {
      if (typeof target !== 'function') return target;
      const bound = function (this: unknown, ...args: unknown[]) {
        return storage.run(context, () => Reflect.apply(target, this, args));
      };
      Object.defineProperty(bound, 'length', { value: target.length, configurable: true });
      return bound as T;
    },
    enable: () => manager,
    disable: () => {
      storage.disable();
      return manager;
    },
  };
  return manager;
}
