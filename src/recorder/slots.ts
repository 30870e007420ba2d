// Space for values: pages that never move, so that a series can keep a direct reference, and are copied as a whole.

const PAGE_LENGTH = 4096;

/** A run of values in a page. */
export interface Slot {
  readonly page: Float64Array;
  /** Where the run starts in its page. */
  readonly index: number;
  /** Where the run starts in a copy of all pages. */
  readonly offset: number;
  readonly length: number;
}

/** Hands out runs of numbers. */
export interface Slots {
  /** A run of `length` zeros. */
  take(length: number): Slot;
  /** Gives a run back for use by a later one of the same length. */
  free(slot: Slot): void;
  /** All pages in one array. @default an array of their own */
  copy(allocate?: (length: number) => Float64Array): Float64Array;
}

/** Creates an empty space. */
export function createSlots(): Slots {
  const pages: { readonly values: Float64Array; readonly offset: number }[] = [];
  const freed = new Map<number, Slot[]>();
  let used = 0;
  let total = 0;

  function addPage(length: number): void {
    pages.push({ values: new Float64Array(length), offset: total });
    total += length;
    used = 0;
  }

  return {
    take(length) {
      const reused = freed.get(length)?.pop();
      if (reused !== undefined) {
        reused.page.fill(0, reused.index, reused.index + length);
        return reused;
      }
      let page = pages.at(-1);
      if (page === undefined || used + length > page.values.length) {
        addPage(Math.max(PAGE_LENGTH, length));
        page = pages.at(-1);
      }
      if (page === undefined) throw new Error('unreachable: a page was just added');
      const slot = { page: page.values, index: used, offset: page.offset + used, length };
      used += length;
      return slot;
    },
    free(slot) {
      const list = freed.get(slot.length);
      if (list === undefined) freed.set(slot.length, [slot]);
      else list.push(slot);
    },
    copy(allocate = (length) => new Float64Array(length)) {
      const last = pages.at(-1);
      const all = allocate(last === undefined ? 0 : last.offset + used);
      for (const page of pages) {
        all.set(page === last ? page.values.subarray(0, used) : page.values, page.offset);
      }
      return all;
    },
  };
}
