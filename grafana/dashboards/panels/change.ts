// One large figure: how many times what it was something is.
import {
  BigValueColorMode,
  BigValueGraphMode,
  BigValueTextMode,
  ReduceDataOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import { MappingType, SpecialValueMatch } from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { instantQueries } from '../datasource.js';
import { COLORS, thresholds } from '../thresholds.js';
import { describePanel, type PanelOptions } from './shared.js';

export interface ChangeOptions extends Omit<PanelOptions, 'unit' | 'queries'> {
  /** How many times what it was: 1.5 is half as much again. */
  readonly expr: string;
  /** Whether growth is bad, and coloured. @default true */
  readonly judged?: boolean;
}

/** Growth that is no noise, and growth that is an incident. */
const LIMITS = { warning: 1.2, critical: 1.5 };
const NOTHING = 'too little to compare';

export function change(options: ChangeOptions): PanelBuilder {
  const { expr, judged = true } = options;
  return describePanel(new PanelBuilder(), options)
    .targets(instantQueries([{ expr, legend: `{{job}}` }]))
    .unit('prefix:×')
    .noValue(NOTHING)
    .mappings([
      {
        type: MappingType.SpecialValue,
        options: { match: SpecialValueMatch.NullAndNan, result: { text: NOTHING, index: 0 } },
      },
    ])
    .thresholds(thresholds(judged ? LIMITS : undefined, COLORS.blue))
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']).fields('').values(false))
    .colorMode(judged ? BigValueColorMode.Background : BigValueColorMode.None)
    .textMode(BigValueTextMode.ValueAndName)
    .graphMode(BigValueGraphMode.None);
}
