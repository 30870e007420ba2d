// The tracer of now, and running a function in a context: neither ever throws anything of OpenTelemetry's into the application.
import { type Context, context, type Tracer, type TracerProvider, trace } from '@opentelemetry/api';
import { reportFailure } from '../../src/diagnostics.js';
import { VERSION } from '../../src/version.js';

const SCOPE = 'loopsight/traced';

// The part of ProxyTracerProvider that tells whether somebody registered a provider; it may come from another copy of the API.
interface DelegatingProvider extends TracerProvider {
  getDelegateTracer?(name: string, version: string): Tracer | undefined;
}

let knownProvider: TracerProvider | undefined;
let knownTracer: Tracer | undefined;

/**
 * The registered provider's tracer; undefined as long as none is registered.
 * It asks again on every call until there is one, so that a provider is noticed whenever it comes.
 */
export function currentTracer(): Tracer | undefined {
  try {
    const provider: DelegatingProvider = trace.getTracerProvider();
    if (provider === knownProvider && knownTracer !== undefined) return knownTracer;
    knownProvider = provider;
    knownTracer =
      provider.getDelegateTracer === undefined
        ? provider.getTracer(SCOPE, VERSION)
        : provider.getDelegateTracer(SCOPE, VERSION);
    return knownTracer;
  } catch (error) {
    reportFailure('the tracer provider failed', error);
    return undefined;
  }
}

/** The active context; undefined where the context manager fails. */
export function activeContext(): Context | undefined {
  try {
    return context.active();
  } catch (error) {
    reportFailure('the context manager failed', error);
    return undefined;
  }
}

/** Calls `target` exactly once, in `within` if the context manager can; returns and throws what `target` does. */
export function callWithin(
  within: Context,
  target: (...args: unknown[]) => unknown,
  self: unknown,
  args: unknown[],
): unknown {
  let progress: 'waiting' | 'running' | 'done' = 'waiting';
  let result: unknown;
  const body = (): void => {
    progress = 'running';
    result = Reflect.apply(target, self, args);
    progress = 'done';
  };
  try {
    context.with(within, body);
  } catch (error) {
    if (hasReached(progress, 'running')) throw error;
    reportFailure('the context manager failed', error);
  }
  if (hasReached(progress, 'waiting')) body();
  return result;
}

// A function, because the compiler does not see that `body` changes what it narrows.
function hasReached(progress: string, stage: string): boolean {
  return progress === stage;
}
