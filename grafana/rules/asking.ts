// Queries in the texts of alerts: what else is known when one fires.
import { type Expressions, LABELS } from './promql.js';

/**
 * A template that asks Prometheus, and writes `then` where it answers: `query` gets the matchers of the alert's own service
 * (and of `labels`) to put into its selectors.
 */
export function asking(
  e: Expressions,
  labels: readonly string[],
  query: (matchers: string) => string,
  then: string,
): string {
  const own = [LABELS.job, ...e.options.labels, ...labels];
  // An alert without one of them has series without it.
  const matchers = own.map((label, at) => `${label}=%[${at + 1}]q`).join(', ');
  const values = own.map((label) => `$labels.${label}`).join(' ');
  return `{{ with printf "${query(matchers).replaceAll('"', '\\"')}" ${values} | query }}${then}{{ end }}`;
}

/** The label of the first answer, within `then`. */
export function answered(label: string): string {
  return `{{ . | first | label "${label}" }}`;
}
