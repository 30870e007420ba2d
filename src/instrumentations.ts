// Our instrumentations for applications that run an OpenTelemetry SDK of their own.
import { createInstrumentation, type LoopsightInstrumentation } from './instrumentation.js';
import { monitorsOf } from './monitors.js';
import { INSTRUMENTATION_NAMES, type LoopsightOptions, resolveOptions } from './options.js';

/**
 * The instrumentations that options and environment leave switched on, for `registerInstrumentations` or a NodeSDK.
 * They record into the MeterProvider that they are handed; no endpoint is opened.
 * Throws a TypeError that quotes name, bound and value of a bad option or variable.
 *
 * @example
 * registerInstrumentations({ meterProvider, instrumentations: [getLoopsightInstrumentations()] });
 */
export function getLoopsightInstrumentations(
  options: Pick<LoopsightOptions, 'instrumentations' | 'lagProbeIntervalMs'> = {},
): LoopsightInstrumentation[] {
  const resolved = resolveOptions(options);
  if (resolved === undefined) return [];
  const monitors = monitorsOf({ lagProbeIntervalMs: resolved.lagProbeIntervalMs });
  return INSTRUMENTATION_NAMES.filter((name) => resolved.instrumentations[name]).map((name) =>
    createInstrumentation(monitors[name]),
  );
}
