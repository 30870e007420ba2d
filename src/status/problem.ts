// What a rule finds: one sentence, and the figure and bound behind it.
import type { Period } from './figures.js';

/** How bad a problem is, the worst first. */
export const SEVERITIES = ['critical', 'warning', 'notice'] as const;

export type Severity = (typeof SEVERITIES)[number];

/** One thing that is wrong. */
export interface Problem {
  readonly severity: Severity;
  /** Short name of the rule, such as `loop-blocked`. */
  readonly rule: string;
  /** What it is about, such as `thread main`; a summary speaks of different subjects first. */
  readonly subject: string;
  /** Plain English, free of control characters, naming metric, value and bound. */
  readonly sentence: string;
  /** The metric's name as exposed. */
  readonly metric: string;
  /** In the metric's unit; for a quantile beyond the last bucket, the last bucket's bound. */
  readonly value: number;
  readonly bound: number;
  /** The labels of the series, as exposed. */
  readonly labels: Readonly<Record<string, string>>;
  /** The time that `value` speaks of. */
  readonly period: Period;
}

/** Sorts the worst first: by severity, then by the order that they were found in. */
export function byRank(problems: readonly Problem[]): Problem[] {
  return [...problems].sort((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity));
}

/** The `limit` problems to tell of: the worst of each subject, then, where there is room, more of the same; worst first. */
export function selectWorst(problems: readonly Problem[], limit: number): Problem[] {
  const subjects = new Set<string>();
  const first: Problem[] = [];
  const further: Problem[] = [];
  for (const problem of problems) {
    (subjects.has(problem.subject) ? further : first).push(problem);
    subjects.add(problem.subject);
  }
  const selected = new Set([...first, ...further].slice(0, limit));
  return problems.filter((problem) => selected.has(problem));
}
