// A reader of an OpenTelemetry SDK that Prometheus scrapes: in the place of @opentelemetry/exporter-prometheus, in a thread of its own.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { diag } from '@opentelemetry/api';
import { AggregationTemporality, AggregationType, type MetricProducer, MetricReader } from '@opentelemetry/sdk-metrics';
import type { Access, Guard } from '../access/guard.js';
import { openAccess } from '../access/open-access.js';
import { openGuard } from '../access/server-guard.js';
import { systemClock } from '../clock.js';
import { reportFailure, reportObstacle } from '../diagnostics.js';
import { logLine } from '../log.js';
import { createMountedAnswer } from '../mount/mounted-answers.js';
import type { Endpoint, ExpositionSettings } from '../observer/messages.js';
import { scrape } from '../prometheus/server.js';
import { limitOf, reportOverflow } from '../series-limits.js';
import {
  EXPORTER_DEFAULTS,
  type ExporterOptions,
  type ResolvedExporterOptions,
  resolveExporterOptions,
} from './exporter-options.js';
import type { SdkCollection } from './sdk-metrics.js';
import { createSdkSnapshots, type SdkSnapshots } from './sdk-snapshots.js';
import { createLocalExposition, type Serving, startServing } from './serving.js';

/** Options of PrometheusExporter; what is not given comes from the environment, then from the default. */
export interface PrometheusExporterOptions extends ExporterOptions<MetricProducer> {}

/** The name that @opentelemetry/exporter-prometheus has for its options. */
export type ExporterConfig = PrometheusExporterOptions;

/** Observable callbacks that take longer are left out of a collection; the other metrics are not. */
const CALLBACKS_WAIT_MS = 2_000;
/** MetricProducers of the application have no such limit, and one that never answers must not end all scrapes. */
const COLLECTION_LIMIT_MS = 10_000;

const IN_KUBERNETES =
  'in Kubernetes set OTEL_EXPORTER_PROMETHEUS_HOST=0.0.0.0, or Prometheus cannot reach the exporter on 127.0.0.1';

/**
 * Serves the metrics of a MeterProvider (OpenTelemetry SDK 2.12 or 3.1 and later) to Prometheus. Throws a TypeError that
 * quotes name, bound and value of a bad option or variable; a port in use goes to `callback`, and nothing is thrown.
 *
 * @example
 * ```ts
 * const exporter = new PrometheusExporter({ port: 0 });
 * const provider = new MeterProvider({ readers: [exporter] });
 * const endpoint = await exporter.endpoint;
 * console.log(endpoint?.url);
 * await provider.shutdown();
 * ```
 */
export class PrometheusExporter extends MetricReader {
  static readonly DEFAULT_OPTIONS = EXPORTER_DEFAULTS;

  readonly #options: ResolvedExporterOptions<MetricProducer>;
  readonly #snapshots: SdkSnapshots;
  readonly #exposition: ExpositionSettings;
  readonly #access: Access | undefined;
  readonly #answer = createMountedAnswer(scrapeFailed);
  #guard: Guard | undefined;
  #serving: Serving | undefined;
  #local: ReturnType<typeof createLocalExposition> | undefined;

  /** `callback` is called once the endpoint is up, or with the error that keeps it from being. */
  constructor(config: PrometheusExporterOptions = {}, callback?: (error?: Error) => void) {
    const options = resolveExporterOptions(config);
    super({
      aggregationSelector: () => ({ type: AggregationType.DEFAULT }),
      aggregationTemporalitySelector: () => AggregationTemporality.CUMULATIVE,
      // The SDK counts its overflow series in, we do not; it cannot tell single instruments from each other here.
      cardinalitySelector: () => Math.max(options.seriesLimit, ...Object.values(options.seriesLimits)) + 1,
      metricProducers: [...options.metricProducers],
      otelComponentType: 'prometheus_http_text_metric_exporter',
    });
    this.#options = options;
    this.#access = openAccess(options, { given: config, log: options.log });
    this.#exposition = {
      path: options.endpoint,
      scopeLabels: !options.withoutScopeInfo,
      strategy: options.translationStrategy,
      created: !options.withoutCreated,
    };
    this.#snapshots = createSdkSnapshots({
      clock: systemClock,
      collect: () => withLimit<SdkCollection>(this.collect({ timeoutMillis: CALLBACKS_WAIT_MS }), COLLECTION_LIMIT_MS),
      prefix: options.prefix,
      units: !options.withoutUnits,
      limitOf: (name) => limitOf({ name }, options),
      describeTarget: (resource) => describeTarget(resource, options),
      onOverflow: reportOverflow,
      report: reportFailure,
    });
    if (options.appendTimestamp) {
      reportObstacle('`appendTimestamp` has no effect: the specification forbids timestamps on samples');
    }
    if (options.preventServerStart) queueMicrotask(() => callback?.());
    else {
      const started = this.#start();
      // Whoever gave a callback waits for the word.
      if (callback !== undefined) started.awaitEndpoint();
      started.endpoint.then(
        () => callback?.(),
        (error) => {
          diag.error('loopsight: there is no endpoint for metrics', error);
          callback?.(error);
        },
      );
    }
  }

  /**
   * Where the metrics are served; undefined where they are not (not started, stopped, port in use). Asking for it lets the
   * process live until the answer is there; nothing else of ours does.
   */
  get endpoint(): Promise<Endpoint | undefined> {
    this.#serving?.awaitEndpoint();
    return this.#serving?.endpoint.catch(() => undefined) ?? Promise.resolve(undefined);
  }

  /** Starts the endpoint, unless it is up. Rejects with the error of `listen`, for example one with the code `EADDRINUSE`. */
  async startServer(): Promise<void> {
    const serving = this.#start();
    serving.awaitEndpoint();
    await serving.endpoint;
  }

  /** Stops the endpoint; resolves when its port is free. */
  async stopServer(): Promise<void> {
    const serving = this.#serving;
    this.#serving = undefined;
    await serving?.stop();
  }

  /** Answers a request that came to another server, from the calling thread; in the format that the request asks for. */
  getMetricsRequestHandler(request: IncomingMessage, response: ServerResponse): void {
    this.#local ??= createLocalExposition({ snapshots: this.#snapshots, exposition: this.#exposition });
    this.#guard ??= openGuard(this.#access, systemClock);
    const { collect } = this.#local;
    // Who may not scrape the endpoint may not do so here.
    void this.#answer(
      request,
      response,
      async () => (await this.#guard?.check(request)) ?? scrape(request, { collect, onError: scrapeFailed }),
    );
  }

  /** Does nothing: whatever is scraped is collected at that moment. */
  override async onForceFlush(): Promise<void> {}

  /** Stops the endpoint. */
  override async onShutdown(): Promise<void> {
    this.#local?.close();
    await this.stopServer();
  }

  #start(): Serving {
    if (this.#serving !== undefined) return this.#serving;
    const { host, hostIsDefault, port, observer, log } = this.#options;
    if (log && hostIsDefault && process.env.KUBERNETES_SERVICE_HOST !== undefined) logLine(IN_KUBERNETES);
    const serving = startServing({
      host,
      port,
      access: this.#access,
      observer,
      snapshots: this.#snapshots,
      exposition: this.#exposition,
    });
    this.#serving = serving;
    serving.endpoint.catch(() => {
      if (this.#serving === serving) this.#serving = undefined;
    });
    return serving;
  }
}

function scrapeFailed(error: unknown): void {
  reportFailure('a scrape failed', error);
}

function describeTarget(
  resource: Readonly<Record<string, string>>,
  { withoutTargetInfo, withResourceConstantLabels: pattern }: ResolvedExporterOptions<MetricProducer>,
) {
  const labels = pattern === undefined ? [] : Object.entries(resource).filter(([key]) => key.match(pattern) !== null);
  return { resource: withoutTargetInfo ? {} : resource, constantLabels: Object.fromEntries(labels) };
}

function withLimit<T>(promise: Promise<T>, ms: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`the SDK did not collect within ${ms / 1000} s`)), ms).unref();
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
