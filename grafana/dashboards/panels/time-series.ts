// Graphs over time.
import {
  GraphThresholdsStyleConfigBuilder,
  GraphThresholdsStyleMode,
  SortOrder,
  StackingConfigBuilder,
  StackingMode,
  TooltipDisplayMode,
  VisibilityMode,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import { FieldColorModeId } from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
import { exemplarQueries, refIdOf } from '../datasource.js';
import { type Narrowing, narrowTo } from '../links.js';
import { isRanked } from '../queries.js';
import { type Limits, thresholds } from '../thresholds.js';
import { describePanel, legendBelow, legendByHighest, type PanelOptions } from './shared.js';

export interface TimeSeriesOptions extends PanelOptions {
  /** Drawn as dashed lines. @default none */
  readonly limits?: Limits;
  /** What a click on a series leads to. @default nothing */
  readonly narrowsTo?: Narrowing;
  /** Draws series on top of each other; only for what adds up. @default false */
  readonly stacked?: boolean;
  /** Least height of the axis, so that noise near zero does not look like a peak. */
  readonly atLeast?: number;
  /** Colours of the series of each query, in shades where it has several. @default Grafana's, by series */
  readonly colors?: readonly string[];
  /** Whether counters show exemplars too; those of buckets are always shown. @default false */
  readonly exemplars?: boolean;
}

export function timeSeries(options: TimeSeriesOptions): PanelBuilder {
  const { unit, queries, limits, narrowsTo, stacked = false, atLeast, colors = [], exemplars = false } = options;
  const panel = describePanel(new PanelBuilder(), options)
    .targets(exemplars ? exemplarQueries(queries, /./) : exemplarQueries(queries))
    .unit(unit)
    .min(0)
    .lineWidth(1)
    .fillOpacity(stacked ? 40 : 8)
    .showPoints(VisibilityMode.Never)
    .stacking(new StackingConfigBuilder().mode(stacked ? StackingMode.Normal : StackingMode.None))
    .thresholds(thresholds(limits))
    .thresholdsStyle(
      new GraphThresholdsStyleConfigBuilder().mode(
        limits === undefined ? GraphThresholdsStyleMode.Off : GraphThresholdsStyleMode.Dashed,
      ),
    )
    .legend(queries.every(({ expr }) => isRanked(expr)) ? legendByHighest() : legendBelow())
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending));
  for (const [index, fixedColor] of colors.entries()) {
    panel.overrideByQuery(refIdOf(index), [{ id: 'color', value: { mode: FieldColorModeId.Shades, fixedColor } }]);
  }
  if (narrowsTo !== undefined) panel.dataLinks([narrowTo(narrowsTo)]);
  if (atLeast !== undefined) panel.axisSoftMax(atLeast);
  return panel;
}
