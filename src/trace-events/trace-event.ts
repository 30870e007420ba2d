// One trace event of Node, as it comes from the inspector (Chrome's trace event format); what is none is left out.

/** Times in microseconds of the machine's monotonic clock. */
export interface TraceEvent {
  readonly pid: number;
  readonly tid: number;
  readonly ts: number;
  /** `B` and `E` frame what a thread does, `b` and `e` what is under way, `X` is both at once, `M` names things. */
  readonly ph: string;
  /** Categories, from the general one to the one that was asked for: `node,node.fs,node.fs.sync`. */
  readonly cat: string;
  readonly name: string;
  readonly id?: string;
  readonly dur?: number;
  readonly args: Readonly<Record<string, unknown>>;
}

/** What is asked for: Node's own categories on Node 20 to 26. */
export const CATEGORIES = [
  'node.threadpoolwork.async',
  'node.threadpoolwork.sync',
  'node.fs.sync',
  'node.fs_dir.sync',
  'node.fs.async',
  'node.fs_dir.async',
  'node.dns.native',
  'v8',
] as const;

/** The last and narrowest of an event's categories. */
export function narrowCategory(event: TraceEvent): string {
  return event.cat.slice(event.cat.lastIndexOf(',') + 1);
}

/** The trace events among the values of one `NodeTracing.dataCollected`. */
export function readEvents(params: unknown): TraceEvent[] {
  const { value } = (params ?? {}) as { readonly value?: unknown };
  return Array.isArray(value) ? value.filter(isTraceEvent) : [];
}

function isTraceEvent(value: unknown): value is TraceEvent {
  if (typeof value !== 'object' || value === null) return false;
  const { tid, ts, ph, cat, name, args } = value as Readonly<Record<keyof TraceEvent, unknown>>;
  return (
    typeof tid === 'number' &&
    typeof ts === 'number' &&
    typeof ph === 'string' &&
    typeof cat === 'string' &&
    typeof name === 'string' &&
    typeof args === 'object' &&
    args !== null
  );
}
