// What Prometheus stores of OTLP, for a Prometheus to scrape: Debian builds it without its receiver. Names, labels and
// target_info follow Prometheus' own translator with its default, UnderscoreEscapingWithSuffixes; samples carry the
// times at which they were measured, so that series end without a stale marker, as pushed ones do.
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

interface Attribute {
  readonly key: string;
  readonly value: {
    readonly stringValue?: string;
    readonly intValue?: string | number;
    readonly doubleValue?: number;
    readonly boolValue?: boolean;
  };
}

interface Point {
  readonly attributes?: readonly Attribute[];
  readonly timeUnixNano: string;
  readonly asDouble?: number;
  readonly asInt?: string | number;
  readonly count?: string | number;
  readonly sum?: number;
  readonly bucketCounts?: readonly (string | number)[];
  readonly explicitBounds?: readonly number[];
}

interface Points {
  readonly dataPoints: readonly Point[];
}

interface Metric {
  readonly name: string;
  readonly unit?: string;
  readonly gauge?: Points;
  readonly sum?: Points & { readonly isMonotonic?: boolean; readonly aggregationTemporality: number };
  readonly histogram?: Points & { readonly aggregationTemporality: number };
}

interface Export {
  readonly resourceMetrics: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] };
    readonly scopeMetrics: readonly { readonly metrics: readonly Metric[] }[];
  }[];
}

export interface OtlpReceiver extends AsyncDisposable {
  /** Where OTLP is pushed to, for `OTEL_EXPORTER_OTLP_ENDPOINT`. */
  readonly url: string;
  /** Where it is scraped; with `honor_labels`. */
  readonly target: string;
}

type Labels = Readonly<Record<string, string>>;

const CUMULATIVE = 2;
const UNITS: Readonly<Record<string, string>> = { s: 'seconds', By: 'bytes' };
const IDENTIFYING = ['service.namespace', 'service.name', 'service.instance.id'];

/** Takes OTLP over HTTP as JSON, and shows the newest sample of each series. */
export async function startOtlpReceiver(): Promise<OtlpReceiver> {
  const samples = new Map<string, string>();
  const server = createServer(async (request, response) => {
    if (request.method === 'POST') {
      store(samples, JSON.parse(await bodyOf(request)) as Export);
      response.setHeader('content-type', 'application/json').end('{}');
    } else {
      const lines = [...samples].map(([series, value]) => `${series} ${value}\n`);
      response.setHeader('content-type', 'text/plain; version=0.0.4').end(lines.join(''));
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    target: `127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function store(samples: Map<string, string>, { resourceMetrics }: Export): void {
  for (const { resource, scopeMetrics } of resourceMetrics) {
    const attributes = new Map(resource.attributes.map(({ key, value }) => [key, textOf(value)]));
    const named = ['service.namespace', 'service.name']
      .map((key) => attributes.get(key))
      .filter((name) => name !== undefined);
    const target = { job: named.join('/'), instance: attributes.get('service.instance.id') ?? '' };
    let newest = 0;
    for (const metric of scopeMetrics.flatMap(({ metrics }) => metrics)) {
      for (const { series, labels, value, unixMs } of translate(metric)) {
        newest = Math.max(newest, unixMs);
        samples.set(render(series, { ...labels, ...target }), `${value} ${unixMs}`);
      }
    }
    const others = [...attributes].filter(([key]) => !IDENTIFYING.includes(key));
    const info = Object.fromEntries(others.map(([key, value]) => [labelOf(key), value]));
    samples.set(render('target_info', { ...info, ...target }), `1 ${newest}`);
  }
}

interface Sample {
  readonly series: string;
  readonly labels: Labels;
  readonly value: number | string;
  readonly unixMs: number;
}

function translate(metric: Metric): readonly Sample[] {
  const name = nameOf(metric);
  if (metric.histogram !== undefined) {
    if (metric.histogram.aggregationTemporality !== CUMULATIVE) return [];
    return metric.histogram.dataPoints.flatMap((point) => histogramOf(name, point));
  }
  if (metric.sum !== undefined && metric.sum.aggregationTemporality !== CUMULATIVE) return [];
  const { dataPoints } = metric.sum ?? metric.gauge ?? { dataPoints: [] };
  return dataPoints.map((point) => ({ ...commonOf(point), series: name, value: point.asDouble ?? point.asInt ?? 0 }));
}

function histogramOf(name: string, point: Point): readonly Sample[] {
  const common = commonOf(point);
  let total = 0;
  const buckets = (point.bucketCounts ?? []).map((count, index) => {
    total += Number(count);
    const le = `${point.explicitBounds?.[index] ?? '+Inf'}`;
    return { ...common, series: `${name}_bucket`, labels: { ...common.labels, le }, value: total };
  });
  return [
    ...buckets,
    { ...common, series: `${name}_count`, value: point.count ?? 0 },
    { ...common, series: `${name}_sum`, value: point.sum ?? 0 },
  ];
}

function commonOf({ attributes = [], timeUnixNano }: Point): Pick<Sample, 'labels' | 'unixMs'> {
  const labels = Object.fromEntries(attributes.map(({ key, value }) => [labelOf(key), textOf(value)]));
  return { labels, unixMs: Number(BigInt(timeUnixNano) / 1_000_000n) };
}

function nameOf({ name, unit = '', sum, gauge }: Metric): string {
  const parts = [labelOf(name), UNITS[unit] ?? ''];
  if (sum?.isMonotonic === true) parts.push('total');
  if (gauge !== undefined && unit === '1') parts.push('ratio');
  return parts.filter((part) => part !== '').join('_');
}

function labelOf(key: string): string {
  return key.replaceAll(/[^a-zA-Z0-9_]/g, '_');
}

function textOf({ stringValue, intValue, doubleValue, boolValue }: Attribute['value']): string {
  return `${stringValue ?? intValue ?? doubleValue ?? boolValue ?? ''}`;
}

function render(name: string, labels: Labels): string {
  const pairs = Object.entries(labels)
    .filter(([, value]) => value !== '')
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`);
  return `${name}{${pairs.join(',')}}`;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
