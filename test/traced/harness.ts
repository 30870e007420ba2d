// A real tracer provider and a real store around traced functions; one per test file, because the API's globals are.
import { context, trace } from '@opentelemetry/api';
import { InMemorySpanExporter, type ReadableSpan, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { tracedMonitor } from '../../instrumentations/traced/index.js';
import { systemClock } from '../../src/clock.js';
import { createStore } from '../../src/recorder/store.js';
import { readStore, rethrow } from '../support/read-store.js';

/** Starts recording; `spans` takes what ended since it was last asked, `metrics` reads the store. */
export function startHarness() {
  const exporter = new InMemorySpanExporter();
  const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  provider.register();
  const store = createStore({ clock: systemClock, report: rethrow });
  const monitor = tracedMonitor.start({ recorder: store, clock: systemClock, shared: false, report: rethrow });
  return {
    store,
    spans(): ReadableSpan[] {
      const spans = exporter.getFinishedSpans();
      exporter.reset();
      return spans;
    },
    metrics: () => readStore(store),
    count: (name: string, errorType?: string) => countOf(readStore(store), name, errorType),
    active: (name: string) => readStore(store)[`loopsight.function.active{code.function.name=${name}}`],
    stop() {
      monitor.stop();
      trace.disable();
      context.disable();
    },
  };
}

/** How many calls of `name` ended so, by the duration histogram. */
export function countOf(metrics: Readonly<Record<string, number>>, name: string, errorType?: string): number {
  const error = errorType === undefined ? '' : `,error.type=${errorType}`;
  return metrics[`loopsight.function.duration.count{code.function.name=${name}${error}}`] ?? 0;
}

/** The attributes of `span` but for where its time went, which depends on what else the machine does. */
export function withoutTimes(span: ReadableSpan | undefined): ReadableSpan['attributes'] | undefined {
  if (span === undefined) return undefined;
  const kept = Object.entries(span.attributes).filter(([key]) => !key.startsWith('loopsight.time.'));
  return Object.fromEntries(kept);
}
