// What the parts of the page show: made anew of a profile, or of two, whenever something else is chosen.
import type { Code } from './codes.js';
import type { ColourBy } from './colours.js';
import type { DiffWidth } from './diff-tree.js';
import type { Tree } from './tree.js';
import type { ViewName } from './views.js';

/** What the user chose. */
export interface Settings {
  readonly view: ViewName;
  readonly isFlame: boolean;
  readonly foldNode: boolean;
  readonly colourBy: ColourBy;
  readonly width: DiffWidth;
  readonly changeOf: 'total' | 'self';
  /** Names of threads that are left out. */
  readonly without: ReadonlySet<string>;
  /** The key of the function that alone is looked at. */
  readonly focus: string | undefined;
  readonly query: string;
}

/** What there is to say of a frame. */
export interface Description {
  readonly name: string;
  readonly place: string;
  readonly owner: string;
  readonly figures: readonly (readonly [label: string, text: string])[];
}

/** One function in the table, with as many figures as the table has columns. */
export interface HotRow {
  readonly code: number;
  readonly figures: readonly number[];
}

/** A column of the table of functions. */
export interface HotColumn {
  readonly title: string;
  text(figure: number): string;
}

export interface LegendItem {
  readonly name: string;
  readonly text: string;
  colour(isDark: boolean): string;
  readonly isStriped: boolean;
  /** Whether a code is one of this entry; undefined where the entry is no group of codes. */
  readonly has: ((code: Code) => boolean) | undefined;
}

/** All that is drawn. */
export interface Drawing {
  readonly tree: Tree;
  readonly codes: readonly Code[];
  colour(frame: number, isDark: boolean): string;
  isStriped(frame: number): boolean;
  describe(frame: number): Description;
  /** How much of the time is in frames of these codes, in words. */
  matched(codes: Uint8Array): string;
  readonly legend: readonly LegendItem[];
  readonly columns: readonly HotColumn[];
  readonly hot: readonly HotRow[];
  /** Whether left and right are earlier and later. */
  readonly hasTimeAxis: boolean;
}

/** One or two profiles, ready to be drawn. */
export interface Model {
  readonly isDiff: boolean;
  readonly title: string;
  readonly facts: readonly string[];
  readonly notes: readonly string[];
  /** Whether it is known what ran when. */
  readonly hasTime: boolean;
  /** Names of threads, and how much each did. */
  readonly threads: readonly { readonly name: string; readonly text: string }[];
  draw(settings: Settings): Drawing;
}
