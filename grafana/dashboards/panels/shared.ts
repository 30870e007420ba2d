// What every panel has, whatever its kind.
import { LegendDisplayMode, LegendPlacement, VizLegendOptionsBuilder } from '@grafana/grafana-foundation-sdk/common';
import { DATASOURCE, type Query } from '../datasource.js';

/** Units of Grafana that we use. */
export type Unit = 's' | 'percentunit' | 'reqps' | 'ops' | 'short' | 'bytes' | 'none' | 'dateTimeFromNow' | 'prefix:×';

export interface PanelOptions {
  /** Stable: links name it. */
  readonly id: number;
  readonly title: string;
  /** What it means, and what to do. */
  readonly description: string;
  readonly unit: Unit;
  readonly queries: readonly Query[];
}

/** The builder of a panel of any kind. */
interface Builder {
  id(id: number): this;
  title(title: string): this;
  description(description: string): this;
  datasource(source: typeof DATASOURCE): this;
}

type Heading = Pick<PanelOptions, 'id' | 'title' | 'description'>;

/** Says what `panel` is, and where its figures come from. */
export function describePanel<Panel extends Builder>(panel: Panel, { id, title, description }: Heading): Panel {
  return panel.id(id).title(title).description(description).datasource(DATASOURCE);
}

/** The names of the series below a graph. */
export function legendBelow(): VizLegendOptionsBuilder {
  return new VizLegendOptionsBuilder()
    .displayMode(LegendDisplayMode.List)
    .placement(LegendPlacement.Bottom)
    .showLegend(true)
    .calcs([]);
}

/** As `legendBelow`, the highest first: for lines that take turns, of which more come and go than a list has room for. */
export function legendByHighest(): VizLegendOptionsBuilder {
  return legendBelow().displayMode(LegendDisplayMode.Table).calcs(['max']).sortBy('Max').sortDesc(true);
}
