// Places panels on the grid: sections below each other, their panels in lines.
import { type DashboardBuilder, type GridPos, type Panel, RowBuilder } from '@grafana/grafana-foundation-sdk/dashboard';

/** A panel that only waits for its place. */
export interface Placeable {
  gridPos(position: GridPos): this;
  build(): Panel;
}

/** Panels of one height that share the width of the grid equally. */
export interface Line {
  readonly height: number;
  readonly panels: readonly Placeable[];
}

/** A heading with panels under it. Ids are stable, so that links to panels stay true. */
export interface Section {
  readonly id: number;
  readonly title: string;
  readonly lines: readonly Line[];
}

const GRID_WIDTH = 24;

/** Adds the sections, top to bottom. Throws a RangeError where a line cannot be shared equally. */
export function addSections(dashboard: DashboardBuilder, sections: readonly Section[]): void {
  let y = 0;
  for (const { id, title, lines } of sections) {
    dashboard.withRow(new RowBuilder(title).id(id).gridPos({ x: 0, y, w: GRID_WIDTH, h: 1 }));
    y += 1;
    for (const { height, panels } of lines) {
      const width = GRID_WIDTH / panels.length;
      if (!Number.isInteger(width)) throw new RangeError(`${panels.length} panels do not share ${GRID_WIDTH} columns`);
      for (const [index, panel] of panels.entries()) {
        dashboard.withPanel(panel.gridPos({ x: index * width, y, w: width, h: height }));
      }
      y += height;
    }
  }
}
