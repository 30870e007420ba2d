// One large figure, with its history or its name.
import {
  BigValueColorMode,
  BigValueGraphMode,
  BigValueTextMode,
  PercentChangeColorMode,
  ReduceDataOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import { type DashboardLinkBuilder, MappingType, SpecialValueMatch } from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { instantQueries, rangeQueries } from '../datasource.js';
import { COLORS, type Limits, thresholds } from '../thresholds.js';
import { describePanel, type PanelOptions } from './shared.js';

export interface StatOptions extends PanelOptions {
  /** Colours the panel. @default none */
  readonly limits?: Limits;
  /** Whether it shows whose figure it is instead of its history: the query then names one series. @default false */
  readonly named?: boolean;
  /** Whether it shows by how much the figure changed over the time range. @default false */
  readonly change?: boolean;
  /** What stands there where nothing is measured. @default nothing measured */
  readonly nothing?: string;
  /** What a click leads to. @default nothing */
  readonly links?: readonly DashboardLinkBuilder[];
}

export function stat(options: StatOptions): PanelBuilder {
  const { unit, queries, limits, named = false, nothing = 'nothing measured', change = false, links = [] } = options;
  return (
    describePanel(new PanelBuilder(), options)
      .targets(named ? instantQueries(queries) : rangeQueries(queries))
      .unit(unit)
      .min(0)
      .noValue(nothing)
      .mappings([
        {
          type: MappingType.SpecialValue,
          options: { match: SpecialValueMatch.NullAndNan, result: { text: nothing, index: 0 } },
        },
      ])
      .thresholds(thresholds(limits, COLORS.blue))
      .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']).fields('').values(false))
      .colorMode(limits === undefined ? BigValueColorMode.None : BigValueColorMode.Background)
      .textMode(named ? BigValueTextMode.ValueAndName : BigValueTextMode.Auto)
      .graphMode(named ? BigValueGraphMode.None : BigValueGraphMode.Area)
      .showPercentChange(change)
      // Not in green and red: more is not always better, and not all eyes tell them apart.
      .percentChangeColorMode(PercentChangeColorMode.SameAsValue)
      .dataLinks([...links])
  );
}
