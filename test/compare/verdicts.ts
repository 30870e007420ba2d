// Verdicts and what they were made of, for tests of what is shown.
import type { Collected } from '../../src/compare/collected.js';
import type { MetricResult, SideSummary, Verdict } from '../../src/compare/observations.js';

const side = (label: string): SideSummary => ({
  label,
  instances: 4,
  blocks: 48,
  requests: 82_000.4,
  seconds: 14_400,
  load: 5.7,
});

/** A metric that got worse by half. */
export function metric(more: Partial<MetricResult> = {}): MetricResult {
  return {
    ...{ id: 'loop-active-per-request', subject: undefined, title: 'active loop time per request', unit: 's' },
    ...{ answer: 'worse', core: true, baseline: 0.0019, candidate: 0.0029, reasons: [], missing: [] },
    ratio: { value: 1.52, low: 1.41, high: 1.63 },
    difference: { value: 0.001, low: 0.0008, high: 0.0012 },
    p: { instances: 0.001, placebo: 0.002, combined: 0.002, adjusted: 0.01 },
    ...more,
  };
}

export function verdict(more: Partial<Verdict> = {}): Verdict {
  return {
    ...{ verdict: 'worse', reasons: ['active loop time per request is worse.'], missing: [], design: 'concurrent' },
    ...{ metrics: [metric()], loadRatio: 1.03, progress: 1, blockS: 300, pastWindows: 33 },
    ...{ baseline: side('1.4.2'), candidate: side('1.5.0') },
    ...more,
  };
}

export function collected(more: Partial<Collected> = {}): Collected {
  const empty = { label: '', blocks: [] };
  return {
    ...{
      comparison: { baseline: empty, candidate: empty, past: [] },
      source: 'http://prometheus:9090',
      job: 'checkout',
    },
    ...{ label: 'service_version', chosen: false, load: 'requests', blockS: 60, notes: [], warnings: [] },
    baseline: { label: '1.4.2', startS: 1_764_000_000, endS: 1_764_003_600 },
    candidate: { label: '1.5.0', startS: 1_764_000_000, endS: 1_764_003_600 },
    ...more,
  };
}
