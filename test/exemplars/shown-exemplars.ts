// The exemplars in a text of OpenMetrics.

/** One exemplar, and the sample that it stands at. */
export interface ShownExemplar {
  readonly name: string;
  /** The labels of the sample, as they are written. */
  readonly labels: string;
  /** Upper bound of its bucket; infinite where there is none. */
  readonly upTo: number;
  readonly traceId: string;
  readonly spanId: string;
  readonly value: number;
  readonly unixS: number;
}

const SAMPLE =
  /^(\w+)(?:\{(.*)\})? \S+ # \{trace_id="([0-9a-f]{32})",span_id="([0-9a-f]{16})"\} (\S+) (\d+(?:\.\d+)?)$/;

/** Reads every exemplar of `text`. Throws where one is not written as ours are. */
export function shownExemplars(text: string): ShownExemplar[] {
  return text
    .split('\n')
    .filter((line) => !line.startsWith('#') && line.includes(' # {'))
    .map((line) => {
      const [, name = '', labels = '', traceId = '', spanId = '', value, unixS] = SAMPLE.exec(line) ?? [];
      if (unixS === undefined) throw new Error(`no exemplar: ${line}`);
      const bound = /le="([^"]+)"/.exec(labels)?.[1] ?? '+Inf';
      const upTo = bound === '+Inf' ? Number.POSITIVE_INFINITY : Number(bound);
      return { name, labels, upTo, traceId, spanId, value: Number(value), unixS: Number(unixS) };
    });
}
