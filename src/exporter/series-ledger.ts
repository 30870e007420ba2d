// Which series there are, where their values lie, and what each reader was told of them.
import type { FamilyDescription, SeriesDescription } from '../prometheus/snapshot.js';
import { createSlots, type Slot } from '../recorder/slots.js';

/** One living series and the place of its values. */
export interface LedgerSeries {
  readonly description: SeriesDescription;
  readonly slot: Slot;
}

/** What changed since a reader's last snapshot. */
export interface Changes {
  readonly added: SeriesDescription[];
  readonly removed: number[];
}

/** Hands out series. */
export interface SeriesLedger {
  add(
    family: FamilyDescription,
    attributes: SeriesDescription['attributes'],
    startUnixMs: number,
    length: number,
  ): LedgerSeries;
  remove(series: LedgerSeries): void;
  /** Opens a reader; its first changes are all living series. */
  open(): LedgerReader;
  /** All values in one array. @default an array of their own */
  values(allocate?: (length: number) => Float64Array): Float64Array;
}

/** One reader's view of the changes. */
export interface LedgerReader {
  take(): Changes;
  close(): void;
}

interface Pending {
  added: Map<number, SeriesDescription>;
  removed: number[];
}

/** Creates an empty ledger. */
export function createSeriesLedger(): SeriesLedger {
  const slots = createSlots();
  const living = new Map<number, SeriesDescription>();
  const readers = new Set<Pending>();
  let nextId = 0;

  return {
    add(family, attributes, startUnixMs, length) {
      const slot = slots.take(length);
      const description = { id: nextId++, family, attributes, offset: slot.offset, startUnixMs };
      living.set(description.id, description);
      for (const { added } of readers) added.set(description.id, description);
      return { description, slot };
    },
    remove({ description: { id }, slot }) {
      if (!living.delete(id)) return;
      slots.free(slot);
      for (const { added, removed } of readers) if (!added.delete(id)) removed.push(id);
    },
    open() {
      const pending: Pending = { added: new Map(living), removed: [] };
      readers.add(pending);
      return {
        take() {
          const { added, removed } = pending;
          pending.added = new Map();
          pending.removed = [];
          return { added: [...added.values()], removed };
        },
        close() {
          readers.delete(pending);
        },
      };
    },
    values: (allocate) => slots.copy(allocate),
  };
}
