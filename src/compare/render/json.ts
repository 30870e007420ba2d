// A comparison for programs. Keys are added, never renamed, as long as `format` is 1.
import { escapeControls } from '../../status/wording.js';
import type { Collected, SideTime } from '../collected.js';
import type { Estimate, SideSummary, Verdict } from '../observations.js';

/** Renders one JSON object; what is not known, or is no finite number, is null. */
export function renderJson(verdict: Verdict, collected: Collected, exitCode: number): string {
  const { source, job, label, chosen, load, notes, warnings } = collected;
  const result = {
    format: 1,
    verdict: verdict.verdict,
    exitCode,
    reasons: verdict.reasons,
    missing: verdict.missing,
    source,
    job,
    label,
    chosen,
    load,
    loadRatio: verdict.loadRatio,
    design: verdict.design,
    blockS: verdict.blockS,
    pastWindows: verdict.pastWindows,
    progress: verdict.progress,
    baseline: sideOf(verdict.baseline, collected.baseline),
    candidate: sideOf(verdict.candidate, collected.candidate),
    metrics: verdict.metrics.map((metric) => ({
      id: metric.id,
      subject: metric.subject,
      title: metric.title,
      unit: metric.unit,
      verdict: metric.answer,
      core: metric.core,
      baseline: metric.baseline,
      candidate: metric.candidate,
      ratio: estimate(metric.ratio),
      difference: estimate(metric.difference),
      p: {
        instances: metric.p.instances,
        placebo: metric.p.placebo,
        combined: metric.p.combined,
        adjusted: metric.p.adjusted,
      },
      reasons: metric.reasons,
      missing: metric.missing,
    })),
    notes,
    warnings,
  };
  return `${escapeControls(JSON.stringify(result, (_, value) => value ?? null, 2))}\n`;
}

function sideOf({ instances, blocks, requests, seconds, load }: SideSummary, { label, startS, endS }: SideTime) {
  return { label, from: moment(startS), to: moment(endS), instances, blocks, requests, seconds, loadPerInstance: load };
}

function estimate(of: Estimate | undefined) {
  return of === undefined ? undefined : { value: of.value, low: of.low, high: of.high };
}

function moment(unixS: number): string | undefined {
  const date = new Date(unixS * 1000);
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
}
