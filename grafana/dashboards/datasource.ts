// The Prometheus that the dashboard's variable names.
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus';

/** The reference that panels, variables, annotations and queries carry. */
export const DATASOURCE = { type: 'prometheus', uid: '$datasource' } as const;

/** A query of a panel. */
export interface Query {
  readonly expr: string;
  /** The name of a series, with labels in double braces. */
  readonly legend: string;
}

/** Queries over the time range; `A` is the first. */
export function rangeQueries(queries: readonly Query[], format = PromQueryFormat.TimeSeries): DataqueryBuilder[] {
  return queries.map(({ expr, legend }, index) => builder(expr, legend, index).range().format(format));
}

/** As `rangeQueries`, with the exemplars of queries that match, by default of buckets; they lead to traces. */
export function exemplarQueries(
  queries: readonly Query[],
  matching = /_bucket\{/,
  format = PromQueryFormat.TimeSeries,
): DataqueryBuilder[] {
  return rangeQueries(queries, format).map((query, index) =>
    matching.test(queries[index]?.expr ?? '') ? query.exemplar(true) : query,
  );
}

/** Queries of the present moment. */
export function instantQueries(queries: readonly Query[], format = PromQueryFormat.TimeSeries): DataqueryBuilder[] {
  return queries.map(({ expr, legend }, index) => builder(expr, legend, index).instant().format(format));
}

/** Queries of the present moment, as tables. */
export function tableQueries(queries: readonly Query[]): DataqueryBuilder[] {
  return instantQueries(queries, PromQueryFormat.Table);
}

/** What a panel calls its query of that place. */
export function refIdOf(index: number): string {
  return String.fromCharCode('A'.charCodeAt(0) + index);
}

function builder(expr: string, legend: string, index: number): DataqueryBuilder {
  return new DataqueryBuilder().datasource(DATASOURCE).refId(refIdOf(index)).expr(expr).legendFormat(legend);
}
