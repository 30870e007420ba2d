// Rows that change their colour where a figure crosses its limits: what is wrong, and since when.
import { TooltipDisplayMode, VisibilityMode, VizTooltipOptionsBuilder } from '@grafana/grafana-foundation-sdk/common';
import { FieldColorBuilder, FieldColorModeId } from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/statetimeline';
import { rangeQueries } from '../datasource.js';
import { COLORS, type Limits, thresholds } from '../thresholds.js';
import { describePanel, legendBelow, type PanelOptions, type Unit } from './shared.js';

export interface Row {
  readonly title: string;
  readonly unit: Unit;
  readonly expr: string;
  readonly limits: Limits;
}

export interface StateTimelineOptions extends Omit<PanelOptions, 'queries' | 'unit'> {
  /** Top to bottom. */
  readonly rows: readonly [Row, ...Row[]];
}

/** Each row has unit and limits of its own; a tooltip says between which of them the figure is, since when and how long. */
export function stateTimeline(options: StateTimelineOptions): PanelBuilder {
  const { rows } = options;
  const panel = describePanel(new PanelBuilder(), options)
    .targets(rangeQueries(rows.map(({ expr, title }) => ({ expr, legend: title }))))
    .unit(rows[0].unit)
    .thresholds(thresholds(rows[0].limits, COLORS.blue))
    // By itself Grafana spreads green to red over whatever values there are.
    .colorScheme(new FieldColorBuilder().mode(FieldColorModeId.Thresholds))
    .showValue(VisibilityMode.Never)
    .mergeValues(true)
    .rowHeight(0.8)
    .fillOpacity(80)
    .lineWidth(0)
    .legend(legendBelow().showLegend(false))
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Single));
  for (const { title, unit, limits } of rows) {
    panel.overrideByName(title, [
      { id: 'unit', value: unit },
      { id: 'thresholds', value: thresholds(limits, COLORS.blue).build() },
    ]);
  }
  return panel;
}
