// Carries the active span through asynchronous calls: OpenTelemetry's own manager where it is installed, else a small one.
import type { Context, ContextManager } from '@opentelemetry/api';
import { type Installed, loadInstalled, tryTo } from './installed-packages.js';
import { createOwnManager } from './own-context-manager.js';

const PACKAGE = '@opentelemetry/context-async-hooks';

/** The context manager to register; not enabled yet. `root` is the context outside of every span. */
export function createContextManager(sdk: Installed, root: Context): ContextManager {
  // Only it also binds event emitters, which instrumentations of OpenTelemetry use.
  const exports = loadInstalled([PACKAGE])?.exports ?? tryTo(() => sdk.require(PACKAGE));
  const { AsyncLocalStorageContextManager } = (exports ?? {}) as {
    readonly AsyncLocalStorageContextManager?: new () => ContextManager;
  };
  return AsyncLocalStorageContextManager === undefined ? createOwnManager(root) : new AsyncLocalStorageContextManager();
}
