// What the serving member of a group and the others say to each other, as the JSON of frames.
import type { Endpoint } from '../observer/messages.js';
import type { FamilyDescription, SeriesExemplar } from '../prometheus/snapshot.js';

/** From a member, before anything else. */
export interface Hello {
  readonly type: 'hello';
  /** Tells this run of the member from others of its slot. */
  readonly run: string;
}

/** From a member: all that it would show if it served itself. */
export interface Figures {
  readonly type: 'figures';
  readonly constantLabels: Readonly<Record<string, string>>;
  readonly resource: Readonly<Record<string, string>>;
  readonly tables: readonly TableChanges[];
}

/** What changed about one table since the last frame of this connection; its values are in the frame. */
export interface TableChanges {
  readonly unixMs: number;
  readonly families: readonly FamilyDescription[];
  readonly added: readonly AddedSeries[];
  readonly removed: readonly number[];
  readonly exemplars: readonly SeriesExemplar[];
  /** How many of the frame's values belong to the table. */
  readonly length: number;
}

/** A series; `family` is an index into `TableChanges.families`. */
export type AddedSeries = readonly [
  id: number,
  family: number,
  attributes: readonly (readonly [key: string, value: string])[],
  offset: number,
  startUnixMs: number,
];

/** From the serving member: where it serves, before anything else; or that a scrape waits. */
export type ServingMessage = { readonly type: 'serving'; readonly endpoint: Endpoint } | { readonly type: 'collect' };
