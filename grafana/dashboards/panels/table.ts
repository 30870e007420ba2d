// A table with one query for each column of figures; rows are joined by their labels.
import { TableSortByFieldStateBuilder } from '@grafana/grafana-foundation-sdk/common';
import type { DynamicConfigValue } from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/table';
import { refIdOf, tableQueries } from '../datasource.js';
import { LABELS } from '../labels.js';
import { type Limits, thresholds } from '../thresholds.js';
import { describePanel, type PanelOptions, type Unit } from './shared.js';

export interface Column {
  readonly title: string;
  readonly unit: Unit;
  readonly expr: string;
  /** Colours the cell. @default none */
  readonly limits?: Limits;
}

export interface TableOptions extends Omit<PanelOptions, 'queries' | 'unit'> {
  /** Titles of the columns that the labels become, in their order; the job comes last of all. */
  readonly labels: Readonly<Record<string, string>>;
  /** The first is what the table is sorted by, largest first. */
  readonly columns: readonly [Column, ...Column[]];
}

export function table(options: TableOptions): PanelBuilder {
  const { labels, columns } = options;
  const valueName = (index: number) => `Value #${refIdOf(index)}`;
  const renamed = { ...labels, ...Object.fromEntries(columns.map((column, i) => [valueName(i), column.title])) };
  // Long names push what is on the right out of sight: the job, which is often the same in all rows.
  const inOrder = Object.keys(renamed).toSorted((a, b) => Number(a === LABELS.job) - Number(b === LABELS.job));
  const panel = describePanel(new PanelBuilder(), options)
    .targets(tableQueries(columns.map((column) => ({ expr: column.expr, legend: column.title }))))
    .unit(columns[0].unit)
    .thresholds(thresholds(undefined))
    .withTransformation({ id: 'merge', options: {} })
    .withTransformation({
      id: 'organize',
      options: {
        excludeByName: { Time: true },
        indexByName: Object.fromEntries(inOrder.map((name, index) => [name, index])),
        renameByName: renamed,
      },
    })
    .sortBy([new TableSortByFieldStateBuilder().displayName(columns[0].title).desc(true)]);
  for (const column of columns) panel.overrideByName(column.title, columnProperties(column));
  return panel;
}

function columnProperties({ unit, limits }: Column): DynamicConfigValue[] {
  const properties: DynamicConfigValue[] = [{ id: 'unit', value: unit }];
  if (limits === undefined) return properties;
  return [
    ...properties,
    { id: 'thresholds', value: thresholds(limits).build() },
    { id: 'custom.cellOptions', value: { type: 'color-background', mode: 'basic' } },
  ];
}
