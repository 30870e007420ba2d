// Our instrumentations for applications that run an OpenTelemetry SDK of their own.
import { readConfigFile } from './config-file/read-config.js';
import { applicationEnvironment } from './group/pm2.js';
import { createWatchedMonitors } from './guest-watch.js';
import { createInstrumentation, type LoopsightInstrumentation } from './instrumentation.js';
import { INSTRUMENTATION_NAMES, type LoopsightOptions, resolveOptions } from './options.js';

/** What instrumentations in an application's own SDK take of the options. */
export type InstrumentationOptions = Pick<
  LoopsightOptions,
  | 'instrumentations'
  | 'lagProbeIntervalMs'
  | 'stallThresholdMs'
  | 'blame'
  | 'functionTime'
  | 'onStall'
  | 'log'
  | 'observer'
  | 'stallFile'
  | 'dumpAfterMs'
  | 'socket'
>;

/**
 * The instrumentations that options, environment and `loopsight.config.json` leave switched on, for
 * `registerInstrumentations` or a NodeSDK.
 * They record into the MeterProvider that they are handed, stalls and the code that caused them included; no endpoint is
 * opened. While the one of the event loop runs, a thread watches for stalls, logs them and makes spans of them.
 * Throws a TypeError that quotes name, bound and value of a bad option or variable.
 *
 * @example
 * registerInstrumentations({ meterProvider, instrumentations: [getLoopsightInstrumentations()] });
 */
export function getLoopsightInstrumentations(options: InstrumentationOptions = {}): LoopsightInstrumentation[] {
  const environment = applicationEnvironment();
  const resolved = resolveOptions(options, environment, readConfigFile({ environment })?.options);
  if (resolved === undefined) return [];
  const names = INSTRUMENTATION_NAMES.filter((name) => resolved.instrumentations[name]);
  return createWatchedMonitors(resolved, names).map((definition) => createInstrumentation(definition));
}
