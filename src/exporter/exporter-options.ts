// Options of the exporter: those of @opentelemetry/exporter-prometheus by the same names, and ours; checked once, in one place.

import {
  ACCESS_NAMES,
  ACCESS_OPTIONS,
  type AccessOptions,
  type AccessValues,
  NO_ACCESS,
} from '../access/access-options.js';
import { SERIES_LIMIT_PER_METRIC } from '../metric-names.js';
import { mapOf, oneOf, onOrOff, text, trueOrFalse, unexpected, type ValueKind } from '../option-values.js';
import { OPTIONS } from '../options.js';
import { METRICS_PATH } from '../prometheus/server.js';
import { DEFAULT_STRATEGY, TRANSLATIONS, type TranslationStrategy } from '../prometheus/translation.js';
import { seriesCount } from '../series-limits.js';

/** Options of the exporter; `P` is the SDK's MetricProducer. What is not given comes from the environment, then from the default. */
export interface ExporterOptions<P> extends AccessOptions {
  /** Address that the endpoint binds to; `OTEL_EXPORTER_PROMETHEUS_HOST`. @default '127.0.0.1' */
  readonly host?: string | undefined;
  /** Port of the endpoint, 0 picks a free one; `OTEL_EXPORTER_PROMETHEUS_PORT`. @default 9464 */
  readonly port?: number | undefined;
  /** Path of the endpoint. @default '/metrics' */
  readonly endpoint?: string | undefined;
  /** Goes before each metric's name, with an underscore. @default '' */
  readonly prefix?: string | undefined;
  /** Taken, but without effect: the specification forbids timestamps on samples, because series that ended would linger. @default false */
  readonly appendTimestamp?: boolean | undefined;
  /** Whether nothing is served before `startServer` is called. @default false */
  readonly preventServerStart?: boolean | undefined;
  /** Further sources of metrics. @default [] */
  readonly metricProducers?: readonly P[] | undefined;
  /** Attributes of the resource whose keys match become labels of every series. @default none */
  readonly withResourceConstantLabels?: RegExp | undefined;
  /** Whether the `otel_scope_…` labels are left out. @default false */
  readonly withoutScopeInfo?: boolean | undefined;
  /** Whether `target_info` is left out. @default false */
  readonly withoutTargetInfo?: boolean | undefined;
  /** Whether units are left out of names, as @opentelemetry/exporter-prometheus does. @default false */
  readonly withoutUnits?: boolean | undefined;
  /** Whether OpenMetrics is left without `_created`, which Prometheus keeps as a series beside each counter, histogram and summary. @default false */
  readonly withoutCreated?: boolean | undefined;
  /** How names become Prometheus names; the specification's `translation_strategy`. @default 'UnderscoreEscapingWithSuffixes' */
  readonly translationStrategy?: TranslationStrategy | undefined;
  /** Whether scrapes are served by a thread of their own; `LOOPSIGHT_OBSERVER`. @default true */
  readonly observer?: boolean | undefined;
  /** Whether the few lines that an operator needs are written to standard error; `LOOPSIGHT_LOG`. @default true */
  readonly log?: boolean | undefined;
  /** Series that one metric may have before further ones share a series; `LOOPSIGHT_SERIES_LIMIT`. @default 2000 */
  readonly seriesLimit?: number | undefined;
  /** The same for single metrics, by their name in OpenTelemetry; `LOOPSIGHT_SERIES_LIMITS`. @default {} */
  readonly seriesLimits?: Readonly<Record<string, number>> | undefined;
}

/** Options with nothing left open. */
export interface ResolvedExporterOptions<P> extends AccessValues {
  readonly host: string;
  readonly hostIsDefault: boolean;
  readonly port: number;
  readonly endpoint: string;
  readonly prefix: string;
  readonly appendTimestamp: boolean;
  readonly preventServerStart: boolean;
  readonly metricProducers: readonly P[];
  readonly withResourceConstantLabels: RegExp | undefined;
  readonly withoutScopeInfo: boolean;
  readonly withoutTargetInfo: boolean;
  readonly withoutUnits: boolean;
  readonly withoutCreated: boolean;
  readonly translationStrategy: TranslationStrategy;
  readonly observer: boolean;
  readonly log: boolean;
  readonly seriesLimit: number;
  readonly seriesLimits: Readonly<Record<string, number>>;
}

/** What an option is when neither code nor environment say. */
export const EXPORTER_DEFAULTS = {
  host: '127.0.0.1',
  port: 9464,
  endpoint: METRICS_PATH,
  prefix: '',
  appendTimestamp: false,
  preventServerStart: false,
  metricProducers: [],
  withResourceConstantLabels: undefined,
  withoutScopeInfo: false,
  withoutTargetInfo: false,
  withoutUnits: false,
  withoutCreated: false,
  translationStrategy: DEFAULT_STRATEGY,
  observer: true,
  log: true,
  seriesLimit: SERIES_LIMIT_PER_METRIC,
  seriesLimits: {},
  ...NO_ACCESS,
} as const satisfies Omit<ResolvedExporterOptions<never>, 'hostIsDefault'>;

/** Completes `options`. Throws a TypeError that quotes name, bound and value of the first bad option or variable. */
export function resolveExporterOptions<P extends object>(
  options: ExporterOptions<P>,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): ResolvedExporterOptions<P> {
  rejectUnknown(options);
  const given = <K extends keyof ExporterOptions<P>, T>(name: K, kind: Pick<ValueKind<T>, 'check'>): T | undefined => {
    const value = options[name];
    return value === undefined ? undefined : kind.check(value, name);
  };
  const either = <K extends keyof ExporterOptions<P>, T>(
    name: K,
    kind: ValueKind<T>,
    variable: string,
  ): T | undefined => {
    const set = environment[variable];
    const parsed = set === undefined || set.trim() === '' ? undefined : kind.parse(set, variable);
    return given(name, kind) ?? parsed;
  };
  const flag = (name: keyof ExporterOptions<P>) => given(name, trueOrFalse) ?? false;
  const host = either('host', OPTIONS.host.kind, 'OTEL_EXPORTER_PROMETHEUS_HOST');
  return {
    host: host ?? EXPORTER_DEFAULTS.host,
    hostIsDefault: host === undefined,
    port: either('port', OPTIONS.port.kind, 'OTEL_EXPORTER_PROMETHEUS_PORT') ?? EXPORTER_DEFAULTS.port,
    endpoint: given('endpoint', path) ?? EXPORTER_DEFAULTS.endpoint,
    prefix: given('prefix', anyText) ?? EXPORTER_DEFAULTS.prefix,
    appendTimestamp: flag('appendTimestamp'),
    preventServerStart: flag('preventServerStart'),
    metricProducers: given('metricProducers', producers<P>()) ?? [],
    withResourceConstantLabels: given('withResourceConstantLabels', pattern),
    withoutScopeInfo: flag('withoutScopeInfo'),
    withoutTargetInfo: flag('withoutTargetInfo'),
    withoutUnits: flag('withoutUnits'),
    withoutCreated: flag('withoutCreated'),
    translationStrategy: given('translationStrategy', oneOf(STRATEGIES)) ?? EXPORTER_DEFAULTS.translationStrategy,
    observer: either('observer', onOrOff, 'LOOPSIGHT_OBSERVER') ?? EXPORTER_DEFAULTS.observer,
    log: either('log', onOrOff, 'LOOPSIGHT_LOG') ?? EXPORTER_DEFAULTS.log,
    ...(Object.fromEntries(
      ACCESS_NAMES.map((name) => [name, either(name, ACCESS_OPTIONS[name].kind, ACCESS_OPTIONS[name].variable)]),
    ) as unknown as AccessValues),
    seriesLimit: either('seriesLimit', seriesCount, 'LOOPSIGHT_SERIES_LIMIT') ?? EXPORTER_DEFAULTS.seriesLimit,
    seriesLimits: either('seriesLimits', mapOf(seriesCount), 'LOOPSIGHT_SERIES_LIMITS') ?? {},
  };
}

const STRATEGIES = Object.keys(TRANSLATIONS) as TranslationStrategy[];

function rejectUnknown(options: object): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw unexpected('config', 'an object', options);
  }
  for (const key of Object.keys(options)) {
    if (!Object.hasOwn(EXPORTER_DEFAULTS, key)) throw unexpected('config', 'an object with known keys', key);
  }
}

const anyText = {
  check(value: unknown, name: string): string {
    if (typeof value !== 'string') throw unexpected(name, 'a string', value);
    return value;
  },
};

const path = {
  check(value: unknown, name: string): string {
    const given = text.check(value, name);
    if (/[\s?#]/.test(given)) throw unexpected(name, 'a path without spaces, `?` and `#`', value);
    return given.startsWith('/') ? given : `/${given}`;
  },
};

const pattern = {
  check(value: unknown, name: string): RegExp {
    // Not instanceof: Jest and vm give code a RegExp of its own.
    if (Object.prototype.toString.call(value) !== '[object RegExp]')
      throw unexpected(name, 'a regular expression', value);
    return value as RegExp;
  },
};

const producers = <P>() => ({
  check(value: unknown, name: string): readonly P[] {
    const isProducer = (item: unknown) => typeof (item as { collect?: unknown } | null)?.collect === 'function';
    if (!Array.isArray(value) || !value.every(isProducer)) throw unexpected(name, 'an array of MetricProducers', value);
    return [...value];
  },
});
