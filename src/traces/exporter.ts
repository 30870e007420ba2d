// The OTLP exporter of the application, as OpenTelemetry's variables choose it.
import { type Installed, loadInstalled } from './installed-packages.js';

/**
 * How long one export may take at most, in milliseconds, where `OTEL_EXPORTER_OTLP_TIMEOUT` does not say it: OpenTelemetry's
 * own 10 s would keep a program that has ended waiting for a collector that does not answer.
 */
const EXPORT_LIMIT_MS = 2_000;

const PACKAGES: ReadonlyMap<string, readonly string[]> = new Map([
  ['http/protobuf', ['@opentelemetry/exporter-trace-otlp-proto']],
  ['http/json', ['@opentelemetry/exporter-trace-otlp-http']],
  ['grpc', ['@opentelemetry/exporter-trace-otlp-grpc']],
]);
const BY_DEFAULT = ['@opentelemetry/exporter-trace-otlp-proto', '@opentelemetry/exporter-trace-otlp-http'];

type Environment = Readonly<Record<string, string | undefined>>;

/** An exporter that is installed, the packages of which one would have to be, or a reason why there can be none. */
export type FoundExporter =
  | { readonly create: () => object }
  | { readonly missing: readonly string[] }
  | { readonly problem: string }
  | 'none';

/** Finds the exporter; `'none'` where `OTEL_TRACES_EXPORTER` says so. It reads endpoint, headers and so on by itself. */
export function findExporter(environment: Environment): FoundExporter {
  const wanted = read(environment, 'OTEL_TRACES_EXPORTER')?.split(',') ?? ['otlp'];
  const exporters = wanted.map((name) => name.trim());
  if (exporters.includes('none')) return 'none';
  if (!exporters.includes('otlp')) {
    return { problem: `OTEL_TRACES_EXPORTER is "${exporters.join(',')}", of which only "otlp" is known here` };
  }
  const protocol =
    read(environment, 'OTEL_EXPORTER_OTLP_TRACES_PROTOCOL') ?? read(environment, 'OTEL_EXPORTER_OTLP_PROTOCOL');
  const names = protocol === undefined ? BY_DEFAULT : PACKAGES.get(protocol);
  if (names === undefined) return { problem: `there is no OTLP protocol "${protocol}"` };
  const installed = loadInstalled(names);
  return installed === undefined ? { missing: names } : { create: () => create(installed, environment) };
}

function create({ exports }: Installed, environment: Environment): object {
  const { OTLPTraceExporter } = exports as {
    readonly OTLPTraceExporter: new (options: { readonly timeoutMillis?: number }) => object;
  };
  const isLimited = ['OTEL_EXPORTER_OTLP_TRACES_TIMEOUT', 'OTEL_EXPORTER_OTLP_TIMEOUT'].some(
    (name) => read(environment, name) !== undefined,
  );
  return new OTLPTraceExporter(isLimited ? {} : { timeoutMillis: EXPORT_LIMIT_MS });
}

function read(environment: Environment, name: string): string | undefined {
  const value = environment[name]?.trim();
  return value === '' ? undefined : value;
}
