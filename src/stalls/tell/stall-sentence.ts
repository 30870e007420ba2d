// A report as one line: a sentence for people, JSON for collectors of logs.
import { bounded } from '../blame/code-names.js';
import type { CodePlace, StallReport } from '../blame/stall-report.js';
import { routeAttributes } from './stall-attributes.js';

/**
 * Says a report in one sentence: `event loop blocked 412 ms by parseInvoice (src/invoice.ts:42) ← POST /invoices
 * [trace 4bf92f…]; 37 requests waited 14 s together`. Never more than one line.
 */
export function stallSentence(report: StallReport): string {
  const { thread, culprit, leaf, cause, route, span, waiting, confidence, callbacks, ongoing } = report;
  const loop = thread === 'main' ? 'event loop' : `event loop of ${bounded(thread)}`;
  const blocked = `${loop} ${ongoing === true ? 'has been blocked for' : 'blocked'} ${formatMs(report.durationMs)}`;
  let text = blocked;
  if (culprit === undefined) text += ` (${REASONS[cause]})`;
  else {
    text += confidence === 'late' ? ' in a native call near ' : ' by ';
    text += describePlace(culprit);
    if (leaf !== undefined && leaf.function !== culprit.function) text += `, in ${leafName(leaf)}`;
    if (cause !== 'javascript' && cause !== 'native') text += ` (${REASONS[cause]})`;
    if (callbacks > 1 && cause !== 'spin') text += `, in ${callbacks} callbacks`;
    if (route !== undefined) text += ` ← ${bounded(route)}`;
    if (span !== undefined) text += ` [trace ${span.traceId}]`;
  }
  if (waiting !== undefined && waiting.requests > 0) {
    const together = waiting.requests > 1 ? ' together' : '';
    const requests = `${waiting.requests} ${waiting.requests === 1 ? 'request' : 'requests'}`;
    text += `; ${requests} waited ${formatMs(waiting.waitedMs)}${together}`;
  }
  return text;
}

/** A report as one line of JSON, with the attribute names of the metrics. */
export function stallJson(report: StallReport, leftOut: number): string {
  const { culprit, span, waiting } = report;
  return JSON.stringify({
    timestamp: new Date(report.startUnixMs).toISOString(),
    level: 'warn',
    name: 'loopsight',
    event: 'event_loop.stall',
    message: stallSentence(report),
    duration_ms: Math.round(report.durationMs),
    'thread.name': bounded(report.thread),
    'loopsight.stall.cause': report.cause,
    'loopsight.stall.confidence': report.confidence,
    'code.function.name': culprit?.function,
    'code.file.path': culprit?.file,
    'code.line.number': culprit?.line,
    ...routeAttributes(report.route),
    trace_id: span?.traceId,
    span_id: span?.spanId,
    waiting_requests: waiting?.requests,
    ongoing: report.ongoing,
    left_out: leftOut === 0 ? undefined : leftOut,
  });
}

/** A duration in the unit that people would choose. */
export function formatMs(ms: number): string {
  if (Math.round(ms) < 1000) return `${Math.round(ms)} ms`;
  const seconds = ms / 1000;
  return `${seconds < 10 ? Number(seconds.toFixed(1)) : Math.round(seconds)} s`;
}

export const REASONS: Readonly<Record<StallReport['cause'], string>> = {
  javascript: 'running JavaScript',
  native: 'in a native call',
  sync_io: 'synchronous I/O',
  wait: 'waiting for another thread',
  spin: 'callbacks that start each other and let nothing else run',
  gc: 'garbage collection',
  descheduled: 'the process did not get the CPU',
  debugger: 'a debugger is attached',
  unknown: 'what held it was not seen',
};

/** A place as a sentence names it. */
export function describePlace({ function: name, file, line }: CodePlace): string {
  if (file === '') return bounded(name);
  return `${bounded(name)} (${bounded(file)}${line > 0 ? `:${line}` : ''})`;
}

// Where Node's and the engine's functions are is of no use to anybody.
/** What the culprit was running, as a sentence names it. */
export function leafName({ function: name, file }: CodePlace): string {
  const isBuiltIn = file === 'native' || file.startsWith('node:');
  return describePlace({ function: name, file: isBuiltIn ? '' : file, line: 0, column: 0 });
}
