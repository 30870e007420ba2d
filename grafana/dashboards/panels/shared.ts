// What every panel has, whatever its kind.
import { LegendDisplayMode, LegendPlacement, VizLegendOptionsBuilder } from '@grafana/grafana-foundation-sdk/common';
import type { Query } from '../datasource.js';

/** Units of Grafana that we use. */
export type Unit = 's' | 'percentunit' | 'reqps' | 'ops' | 'short' | 'bytes' | 'none';

export interface PanelOptions {
  /** Stable: links name it. */
  readonly id: number;
  readonly title: string;
  /** What it means, and what to do. */
  readonly description: string;
  readonly unit: Unit;
  readonly queries: readonly Query[];
}

/** A list of the series below a graph. */
export function legendBelow(): VizLegendOptionsBuilder {
  return new VizLegendOptionsBuilder()
    .displayMode(LegendDisplayMode.List)
    .placement(LegendPlacement.Bottom)
    .showLegend(true)
    .calcs([]);
}
