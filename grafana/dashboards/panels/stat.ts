// One large figure with its history behind it.
import { BigValueColorMode, BigValueGraphMode, ReduceDataOptionsBuilder } from '@grafana/grafana-foundation-sdk/common';
import { MappingType, SpecialValueMatch } from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { rangeQueries } from '../datasource.js';
import { COLORS, type Limits, thresholds } from '../thresholds.js';
import { describePanel, type PanelOptions } from './shared.js';

export interface StatOptions extends PanelOptions {
  /** Colours the panel. @default none */
  readonly limits?: Limits;
}

const NOTHING = 'nothing measured';

export function stat(options: StatOptions): PanelBuilder {
  const { unit, queries, limits } = options;
  return describePanel(new PanelBuilder(), options)
    .targets(rangeQueries(queries))
    .unit(unit)
    .min(0)
    .noValue(NOTHING)
    .mappings([
      {
        type: MappingType.SpecialValue,
        options: { match: SpecialValueMatch.NullAndNan, result: { text: NOTHING, index: 0 } },
      },
    ])
    .thresholds(thresholds(limits, COLORS.blue))
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']).fields('').values(false))
    .colorMode(limits === undefined ? BigValueColorMode.None : BigValueColorMode.Background)
    .graphMode(BigValueGraphMode.Area);
}
