// The buckets of a histogram over time.
import { TooltipDisplayMode } from '@grafana/grafana-foundation-sdk/common';
import {
  HeatmapColorMode,
  HeatmapColorOptionsBuilder,
  HeatmapTooltipBuilder,
  PanelBuilder,
  YAxisConfigBuilder,
} from '@grafana/grafana-foundation-sdk/heatmap';
import { PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus';
import { exemplarQueries } from '../datasource.js';
import { describePanel, type PanelOptions } from './shared.js';

/** The unit is that of the buckets' bounds; queries group by `le`. */
export function heatmap(options: PanelOptions): PanelBuilder {
  const { unit, queries } = options;
  return describePanel(new PanelBuilder(), options)
    .targets(exemplarQueries(queries, undefined, PromQueryFormat.Heatmap))
    .yAxis(new YAxisConfigBuilder().unit(unit))
    .tooltip(new HeatmapTooltipBuilder().mode(TooltipDisplayMode.Single).showColorScale(true))
    .color(
      // Viridis keeps its order for colour-blind eyes and in grey; the exponent makes rare, slow buckets visible.
      new HeatmapColorOptionsBuilder()
        .mode(HeatmapColorMode.Scheme)
        .scheme('Viridis')
        .exponent(0.5)
        .steps(64)
        .reverse(false),
    );
}
