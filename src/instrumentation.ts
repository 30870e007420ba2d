// The shape that OpenTelemetry's registerInstrumentations accepts, around a monitor: a function that starts and a handle that stops.
import type { MeterProvider, TracerProvider } from '@opentelemetry/api';
import { type Clock, systemClock } from './clock.js';
import { reportFailure } from './diagnostics.js';
import { createMeterRecorder } from './recorder/meter.js';
import type { Recorder } from './recorder/recorder.js';
import { VERSION } from './version.js';

/** Something that runs until it is stopped; stopping twice is harmless. */
export interface Monitor {
  stop(): void;
}

/** What a monitor is given to work with. */
export interface MonitorContext {
  readonly recorder: Recorder;
  readonly clock: Clock;
  /** True when `recorder` writes to an application's own Meter, where other instrumentations may record the same. */
  readonly shared: boolean;
  /** Tells of a failure that was kept from the application; `cause` is a fixed phrase. */
  readonly report: (cause: string, error: unknown) => void;
}

/** A kind of monitor: one per folder under `instrumentations/`. */
export interface MonitorDefinition {
  /** Short name, as in `OTEL_NODE_DISABLED_INSTRUMENTATIONS`. */
  readonly name: string;
  /** The monitor whose Meter it shares because they have metrics in common: exporters write a family for each Meter. */
  readonly meterOf?: string;
  start(context: MonitorContext): Monitor;
}

/** An instrumentation as `registerInstrumentations` of OpenTelemetry JS takes it, in its 2.x and 3.x lines. */
export interface LoopsightInstrumentation {
  readonly instrumentationName: string;
  readonly instrumentationVersion: string;
  enable(): void;
  disable(): void;
  setTracerProvider(provider: TracerProvider): void;
  setMeterProvider(provider: MeterProvider): void;
  setConfig(config: { readonly enabled?: boolean }): void;
  getConfig(): { readonly enabled: boolean };
}

/** Wraps a monitor for `registerInstrumentations`; it records into the Meter of the provider that it is handed. */
export function createInstrumentation(definition: MonitorDefinition): LoopsightInstrumentation {
  const instrumentationName = `loopsight/${definition.name}`;
  let enabled = false;
  let provider: MeterProvider | undefined;
  let running: Monitor | undefined;

  function restart(): void {
    running?.stop();
    running = undefined;
    if (!enabled || provider === undefined) return;
    try {
      running = startWith(provider);
    } catch (error) {
      reportFailure(`the ${definition.name} instrumentation could not start`, error);
    }
  }

  function startWith(meterProvider: MeterProvider): Monitor {
    const meter = meterProvider.getMeter(`loopsight/${definition.meterOf ?? definition.name}`, VERSION);
    const recorder = createMeterRecorder(meter, reportFailure);
    try {
      const monitor = definition.start({ recorder, clock: systemClock, shared: true, report: reportFailure });
      return {
        stop() {
          try {
            monitor.stop();
          } catch (error) {
            reportFailure(`the ${definition.name} instrumentation could not stop`, error);
          }
          recorder.close();
        },
      };
    } catch (error) {
      recorder.close();
      throw error;
    }
  }

  return {
    instrumentationName,
    instrumentationVersion: VERSION,
    enable() {
      if (enabled) return;
      enabled = true;
      restart();
    },
    disable() {
      enabled = false;
      restart();
    },
    // Spans go through the API's proxy to whatever provider is registered, so there is nothing to keep.
    setTracerProvider() {},
    setMeterProvider(next) {
      if (next === provider) return;
      provider = next;
      restart();
    },
    setConfig(config) {
      if (config.enabled === undefined || config.enabled === enabled) return;
      enabled = config.enabled;
      restart();
    },
    getConfig: () => ({ enabled }),
  };
}
