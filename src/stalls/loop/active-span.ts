// What OpenTelemetry knows of the code that runs: its span, and the route of its request. Read within a capture, through no
// copy of the API of our own.
import { apiGlobal } from '../../api-global.js';

/** A span as the thread that runs under it knows it. */
export interface CapturedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly sampled: boolean;
}

/** A context of OpenTelemetry. */
interface Context {
  getValue(key: symbol): unknown;
}

interface ReadableSpan {
  spanContext(): { readonly traceId: string; readonly spanId: string; readonly traceFlags: number };
  readonly attributes?: Readonly<Record<string, unknown>>;
}

// What createContextKey of every copy of the API and of the SDK makes.
const SPAN = Symbol.for('OpenTelemetry Context Key SPAN');
const RPC_METADATA = Symbol.for('OpenTelemetry SDK Context Key RPC_METADATA');

/** The context of the code that runs; undefined where no context manager is registered. Throws what the manager throws. */
export function activeContext(): Context | undefined {
  return apiGlobal<{ readonly context?: { active?(): Context } }>()?.context?.active?.();
}

/** The span of `context`. */
export function spanOf(context: Context): CapturedSpan | undefined {
  const span = context.getValue(SPAN) as ReadableSpan | undefined;
  if (span === undefined) return undefined;
  const { traceId, spanId, traceFlags } = span.spanContext();
  return { traceId, spanId, sampled: (traceFlags & 1) === 1 };
}

/** The route of the request of `context`, as OpenTelemetry was told of it. */
export const templateOf = (context: Context): string | undefined => requestOf(context)?.route;

/** Method and route of the request of `context`, or the route alone; undefined where OpenTelemetry was told of none. */
export function routeOf(context: Context): string | undefined {
  const request = requestOf(context);
  if (request === undefined) return undefined;
  const { method, route } = request;
  return typeof method === 'string' ? `${method} ${route}` : route;
}

function requestOf(context: Context): { readonly method: unknown; readonly route: string } | undefined {
  const rpc = context.getValue(RPC_METADATA) as { readonly route?: unknown; readonly span?: ReadableSpan } | undefined;
  const span = rpc?.span ?? (context.getValue(SPAN) as ReadableSpan | undefined);
  const attributes = span?.attributes;
  const route = rpc?.route ?? attributes?.['http.route'];
  if (typeof route !== 'string' || route === '') return undefined;
  return { method: attributes?.['http.request.method'] ?? attributes?.['http.method'], route };
}
