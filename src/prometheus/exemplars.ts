// Exemplars as OpenMetrics writes them after a sample.
import { escapeQuotable, isPlainLabel, quote } from './escaping.js';
import { formatUnixSeconds, formatValue } from './numbers.js';
import type { SeriesExemplar } from './snapshot.js';

/** The labels of an exemplar, names and values together, may have this many characters. */
const MAX_CHARACTERS = 128;

/** What follows the value of a sample; empty where the exemplar's labels are longer than OpenMetrics allows. */
export function renderExemplar(exemplar: SeriesExemplar | undefined): string {
  if (exemplar === undefined) return '';
  const { traceId, spanId, value, unixMs } = exemplar;
  const labels = exemplar.labels ?? [
    ['trace_id', traceId],
    ['span_id', spanId],
  ];
  // Code points are what is limited, and there are never more of them than code units.
  const characters = labels.reduce((sum, [name, text]) => sum + [...name].length + [...text].length, 0);
  if (characters > MAX_CHARACTERS) return '';
  const rendered = labels.map(([name, text]) => `${isPlainLabel(name) ? name : quote(name)}="${escapeQuotable(text)}"`);
  const time = Number.isFinite(unixMs) ? ` ${formatUnixSeconds(unixMs)}` : '';
  return ` # {${rendered.join(',')}} ${formatValue(value)}${time}`;
}
