// Places panels on the grid: sections below each other, their panels in lines.
import { type DashboardBuilder, type GridPos, type Panel, RowBuilder } from '@grafana/grafana-foundation-sdk/dashboard';

/** A panel that only waits for its place. */
export interface Placeable {
  gridPos(position: GridPos): this;
  build(): Panel;
}

/** Panels of one height that share the width of the grid; undefined stands for one that the set has no metrics for. */
export interface Line {
  readonly height: number;
  readonly panels: readonly (Placeable | undefined)[];
}

/** A heading with panels under it. Ids are stable, so that links to panels stay true. */
export interface Section {
  readonly id: number;
  readonly title: string;
  readonly lines: readonly Line[];
}

const GRID_WIDTH = 24;

/** Adds the sections, top to bottom, without lines and headings that nothing is left under. */
export function addSections(dashboard: DashboardBuilder, sections: readonly Section[]): void {
  let y = 0;
  for (const { id, title, lines } of sections) {
    const filled = lines
      .map(({ height, panels }) => ({ height, panels: panels.filter((panel) => panel !== undefined) }))
      .filter(({ panels }) => panels.length > 0);
    if (filled.length === 0) continue;
    dashboard.withRow(new RowBuilder(title).id(id).gridPos({ x: 0, y, w: GRID_WIDTH, h: 1 }));
    y += 1;
    for (const { height, panels } of filled) {
      // Edges are rounded, not widths, so that any number of panels fills the line.
      const edge = (index: number) => Math.round((index * GRID_WIDTH) / panels.length);
      for (const [index, panel] of panels.entries()) {
        dashboard.withPanel(panel.gridPos({ x: edge(index), y, w: edge(index + 1) - edge(index), h: height }));
      }
      y += height;
    }
  }
}
