// A span processor that tells on every span how long the loop was held meanwhile.
import { setBlockedTime, unixMsOf, type WritableSpan } from './blocked-time.js';
import { reportFailure } from './diagnostics.js';
import { isStallSpan } from './stalls/tell/stall-span.js';

/** A span that ends, as the SDK hands it to `onEnding`. */
interface EndingSpan extends WritableSpan {
  readonly endTime?: unknown;
}

/** A `SpanProcessor` as SDKs of the 2.x and 3.x lines take it. */
export interface BlockedTimeProcessor {
  onStart(span: unknown, parentContext: unknown): void;
  onEnding(span: EndingSpan): void;
  onEnd(span: unknown): void;
  forceFlush(): Promise<void>;
  shutdown(): Promise<void>;
}

/**
 * Creates a span processor that sets `loopsight.blocked_time` (seconds) on each span that stalls of the event loop
 * overlapped, whichever instrumentation made it. It exports nothing, and does nothing while Loopsight is not started.
 * The SDK must call `onEnding` (trace SDK 2.12 and 3.1 do); an older one leaves the spans as they are. Never throws.
 *
 * @example
 * const { NodeTracerProvider } = await import('@opentelemetry/sdk-trace-node');
 * const provider = new NodeTracerProvider({ spanProcessors: [createBlockedTimeProcessor()] });
 * await provider.shutdown();
 */
export function createBlockedTimeProcessor(): BlockedTimeProcessor {
  return {
    onStart() {},
    // After it the attributes are closed.
    onEnding(span) {
      try {
        const endUnixMs = unixMsOf(span.endTime);
        if (endUnixMs !== undefined && !isStallSpan(span)) setBlockedTime(span, endUnixMs);
      } catch (error) {
        reportFailure('telling the blocked time of a span failed', error);
      }
    },
    onEnd() {},
    forceFlush: () => Promise.resolve(),
    shutdown: () => Promise.resolve(),
  };
}
