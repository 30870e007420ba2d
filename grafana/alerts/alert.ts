// What an alert is, and what all of them have in common.
import type { MetricDefinition } from '../../src/metric-names.js';
import type { Expressions } from '../rules/promql.js';
import type { PanelName } from './panels.js';

/** `page` wakes somebody, `ticket` waits for the morning, `none` notifies nobody and only keeps others quiet. */
export type Severity = 'page' | 'ticket' | 'none';

/** An alert of every set that has the metrics. */
export interface Alert {
  readonly name: `Loopsight${string}`;
  readonly severity: Severity;
  /** Without one of them in the set there is no such alert. */
  readonly needs: readonly MetricDefinition[];
  /** Left out where it says so. @default never */
  readonly isOff?: (e: Expressions) => boolean;
  readonly expr: (e: Expressions) => string;
  /** How long `expr` must hold, in seconds. */
  readonly forS: number;
  /** How long it fires on after `expr` has ceased to hold, in seconds: gaps shorter than this are one notification. */
  readonly keepFiringS: number;
  /** What happens, with values: a template of Prometheus. */
  readonly summary: (e: Expressions) => string;
  /** What to do first, in one or two sentences. */
  readonly description: string;
  readonly panel: PanelName;
  /** The page below docs/runbooks, without its ending. */
  readonly runbook: string;
}

/** A process in words, in a summary. */
export const PROCESS =
  '{{ $labels.instance }}{{ with $labels.process }} (process {{ . }}){{ end }} of {{ $labels.job }}';

/** A share as a percentage. */
export const PERCENT = '{{ $value | humanizePercentage }}';

/** A time in words. */
export const TIME = '{{ $value | humanizeDuration }}';
