// The names that a metric of ours can have in an exposition.
import type { MetricDefinition } from '../metric-names.js';
import { prometheusName } from '../prometheus/naming.js';

/** Every name to look under, the usual one first: OpenTelemetry JS's own exporter leaves units and `_ratio` off. */
export function exposedNames(metric: MetricDefinition): readonly [string, ...string[]] {
  const usual = prometheusName(metric) ?? metric.name;
  return [usual, prometheusName({ ...metric, unit: '' }) ?? usual];
}
