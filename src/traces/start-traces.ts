// LOOPSIGHT_TRACES=on: a tracer provider and a context manager for an application that has none, from its own packages.
import type * as Api from '@opentelemetry/api';
import { apiGlobal } from '../api-global.js';
import { reportFailure } from '../diagnostics.js';
import { logLine } from '../log.js';
import type { ResolvedOptions } from '../options.js';
import { describeResource } from '../resource.js';
import { createContextManager } from './context-manager.js';
import { findExporter } from './exporter.js';
import type { Installed } from './installed-packages.js';
import { createProvider, findSdk, SDK_PACKAGES, type SdkTracerProvider } from './provider.js';

/** Traces that are being exported. */
export interface TracesHandle {
  /** Exports what is left and gives OpenTelemetry's globals back; resolves after `STOP_LIMIT_MS` at the latest. */
  stop(): Promise<void>;
}

const NOTHING: TracesHandle = { stop: () => Promise.resolve() };
const STOP_LIMIT_MS = 3_000;

/**
 * Exports the spans of this process by OTLP. A provider that is registered already stays; whatever is missing or fails is
 * one line and no traces. Never throws.
 */
export function startTraces(options: ResolvedOptions): TracesHandle {
  const say = (sentence: string) => {
    if (options.log) logLine(sentence);
  };
  try {
    if (apiGlobal()?.trace !== undefined) {
      say('traces are on, but a tracer provider is registered already, which stays the one that is used');
      return NOTHING;
    }
    const exporter = findExporter(process.env);
    if (exporter === 'none') return NOTHING;
    if ('problem' in exporter) {
      say(`traces are on, but ${exporter.problem}, so there are no traces`);
      return NOTHING;
    }
    const sdk = findSdk();
    const missing = [
      ...(sdk === undefined ? [SDK_PACKAGES.join(' or ')] : []),
      ...('missing' in exporter ? [exporter.missing[0]] : []),
    ];
    if (sdk === undefined || 'missing' in exporter) {
      say(`traces are on, but the application has no ${missing.join(' and no ')}, so there are no traces`);
      return NOTHING;
    }
    return register(sdk, createProvider(sdk, exporter.create(), describeResource(options).resource));
  } catch (error) {
    say(`traces are on, but could not be started (${messageOf(error)})`);
    return NOTHING;
  }
}

function register(sdk: Installed, provider: SdkTracerProvider): TracesHandle {
  // The SDK's copy of the API: an older one would refuse what another one has registered.
  const { context, trace, ROOT_CONTEXT } = sdk.require('@opentelemetry/api') as typeof Api;
  const manager = createContextManager(sdk, ROOT_CONTEXT);
  trace.setGlobalTracerProvider(provider);
  const ours = trace.getTracerProvider();
  const hasContext = context.setGlobalContextManager(manager.enable());

  // Once: an application that makes a span in its own listener would otherwise never end.
  const flush = () => {
    provider.forceFlush().catch(report);
  };
  process.once('beforeExit', flush);

  let stopping: Promise<void> | undefined;
  return {
    stop() {
      stopping ??= end();
      return stopping;
    },
  };

  async function end(): Promise<void> {
    process.removeListener('beforeExit', flush);
    try {
      if (trace.getTracerProvider() === ours) trace.disable();
      if (hasContext) context.disable();
    } catch (error) {
      report(error);
    }
    await within(STOP_LIMIT_MS, provider.shutdown().catch(report));
  }
}

function report(error: unknown): void {
  reportFailure('spans could not be exported', error);
}

async function within(limitMs: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, limitMs);
    timer.unref();
  });
  await Promise.race([work, limit]);
  clearTimeout(timer);
}

function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
}
