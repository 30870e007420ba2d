// What an OpenTelemetry SDK exported, in a form that two runs of the same program can be compared by.

/** Each span with the names of its ancestors instead of ids; sorted, without times and ports. */
function describeSpans(spans) {
  const byId = new Map(spans.map((span) => [span.spanContext().spanId, span]));
  const path = (span) => {
    const parent = span.parentSpanContext?.spanId;
    if (parent === undefined) return span.name;
    const found = byId.get(parent);
    return `${found === undefined ? '(lost parent)' : path(found)} > ${span.name}`;
  };
  const described = spans.map((span) => ({
    path: path(span),
    scope: span.instrumentationScope.name,
    kind: span.kind,
    status: span.status,
    attributes: withoutPorts(span.attributes),
    events: span.events.map(({ name }) => name),
    links: span.links.length,
    traces: new Set(spans.map((other) => other.spanContext().traceId)).size,
  }));
  return sorted(described);
}

/** Each metric with its points; of the run-time metrics without values, because those differ from run to run. */
function describeMetrics(resourceMetrics) {
  const metrics = resourceMetrics.flatMap(({ scopeMetrics }) =>
    scopeMetrics.flatMap(({ scope, metrics: ofScope }) =>
      ofScope.map(({ descriptor, dataPointType, dataPoints }) => ({
        scope: scope.name,
        name: descriptor.name,
        unit: descriptor.unit,
        description: descriptor.description,
        dataPointType,
        points: VOLATILE.test(descriptor.name)
          ? []
          : sorted(
              dataPoints.map(({ attributes, value }) => ({ attributes: withoutPorts(attributes), ...figures(value) })),
            ),
      })),
    ),
  );
  return sorted(metrics);
}

// Which kinds of garbage collection and of handles there have been so far is chance.
const VOLATILE = /^v8js\.(gc|resource)\./;

function figures(value) {
  return value?.buckets === undefined ? {} : { count: value.count, bounds: value.buckets.boundaries };
}

function withoutPorts(attributes) {
  const entries = Object.entries(attributes)
    .filter(([key]) => !key.endsWith('port'))
    .map(([key, value]) => [key, typeof value === 'string' ? value.replace(/127\.0\.0\.1:\d+/g, '127.0.0.1') : value]);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function sorted(items) {
  return items
    .map((item) => [JSON.stringify(item), item])
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, item]) => item);
}

module.exports = { describeMetrics, describeSpans };
