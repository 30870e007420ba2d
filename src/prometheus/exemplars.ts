// Exemplars as OpenMetrics writes them after a sample.
import { escapeQuotable, isPlainLabel, quote } from './escaping.js';
import type { Escaping } from './format.js';
import { labelOf } from './labels.js';
import { formatUnixSeconds, formatValue } from './numbers.js';
import type { SeriesExemplar } from './snapshot.js';

/** The labels of an exemplar, names and values together, may have this many characters. */
const MAX_CHARACTERS = 128;

// The same exemplars stand there at each scrape until newer ones come.
const kept = new WeakMap<SeriesExemplar, { readonly escaping: Escaping; readonly text: string }>();

/** What follows the value of a sample; empty where the exemplar's labels cannot be shown. */
export function renderExemplar(exemplar: SeriesExemplar | undefined, escaping: Escaping): string {
  if (exemplar === undefined) return '';
  const known = kept.get(exemplar);
  if (known?.escaping === escaping) return known.text;
  const text = render(exemplar, escaping);
  kept.set(exemplar, { escaping, text });
  return text;
}

function render({ traceId, spanId, labels, value, unixMs }: SeriesExemplar, escaping: Escaping): string {
  const own = [
    ['trace_id', traceId],
    ['span_id', spanId],
  ] as const;
  const rendered = renderExemplarLabels(labels ?? own, escaping);
  if (rendered === undefined) return '';
  const time = Number.isFinite(unixMs) ? ` ${formatUnixSeconds(unixMs)}` : '';
  return ` # {${rendered}} ${formatValue(value)}${time}`;
}

/** Undefined where they are too long, or where Prometheus would lose the whole scrape: it cannot read NUL in exemplars. */
function renderExemplarLabels(labels: NonNullable<SeriesExemplar['labels']>, escaping: Escaping): string | undefined {
  // Names that everybody can read stay what they are: dashboards look for `trace_id`.
  const nameOf = (name: string) => (isPlainLabel(name) ? name : labelOf(name, { underscores: false, escaping }));
  const pairs = [...new Map(labels.map(([name, text]) => [nameOf(name), text]))];
  // Code points are what is limited, and there are never more of them than code units.
  const characters = pairs.reduce((sum, [name, text]) => sum + [...name].length + [...text].length, 0);
  if (characters > MAX_CHARACTERS) return undefined;
  const text = pairs
    .map(([name, value]) => `${isPlainLabel(name) ? name : quote(name)}="${escapeQuotable(value)}"`)
    .join(',');
  return text.includes('\0') ? undefined : text;
}
