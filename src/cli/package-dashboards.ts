// The dashboards that the package brings.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { METRIC_SETS, type MetricSet, type MetricSetId } from '../../grafana/sets.js';
import { oneOf } from '../option-values.js';
import { asUsage } from './option-readers.js';
import { packageRoot } from './package-root.js';

/** The lines about `--set` in the help of a command. */
export const SET_HELP = `  --set <id>            how the metrics come to Prometheus: loopsight (register; or the exporter
                        with the version as a label), opentelemetry-exporter, or otlp (its OTLP
                        receiver; also the exporter without that label) (default loopsight)`;

/** The set that `--set` names. Throws a UsageError. */
export function readSet(given: string | undefined): MetricSet {
  if (given === undefined) return METRIC_SETS.loopsight;
  return METRIC_SETS[asUsage(() => oneOf(Object.keys(METRIC_SETS) as MetricSetId[]).parse(given, '--set'))];
}

/** JSON texts of a set's dashboards, by name. Throws where the package is not whole. */
export function packageDashboards(set: MetricSet): ReadonlyMap<string, string> {
  const folder = join(packageRoot(), 'dist/grafana/dashboards', set.id);
  const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
  return new Map(
    files.sort().map((file) => [file.slice(0, -'.json'.length), readFileSync(join(folder, file), 'utf8')] as const),
  );
}
