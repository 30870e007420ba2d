// What `rate()` sees of the members that live, beside what their clients saw in the same time.

/** One scrape: what each member had counted at a moment between its start and its end. */
export interface CountScrape {
  readonly startMs: number;
  readonly atMs: number;
  readonly counts: ReadonlyMap<string, number>;
}

/** Requests that were counted, and between how many there were. */
export interface CountedRequests {
  readonly counted: number;
  readonly atLeast: number;
  readonly atMost: number;
}

/** How far `rate()` may be from the truth. */
const TOLERANCE = 0.01;

/** A scrape's values are of a moment between its beginning and its end: the fastest of so many says most. */
const CHOICE = 5;

/**
 * Compares, for each member, one of its first scrapes with one of the last that it lived at. What was answered between two
 * of them is known within bounds, which are as far apart as the two took.
 */
export function compareCounts(
  scrapes: readonly CountScrape[],
  answers: ReadonlyMap<string, readonly number[]>,
  killedMs: ReadonlyMap<string, number>,
): CountedRequests {
  let [counted, atLeast, atMost] = [0, 0, 0];
  for (const [version, times] of answers) {
    const untilMs = killedMs.get(version) ?? Number.POSITIVE_INFINITY;
    const alive = scrapes.filter(({ atMs, counts }) => counts.has(version) && atMs < untilMs);
    const [from, to] = [fastest(alive.slice(0, CHOICE)), fastest(alive.slice(-CHOICE))];
    if (from === undefined || to === undefined || to.startMs <= from.atMs) continue;
    const answered = (startMs: number, endMs: number) => times.filter((atMs) => atMs > startMs && atMs <= endMs).length;
    counted += (to.counts.get(version) ?? 0) - (from.counts.get(version) ?? 0);
    atLeast += answered(from.atMs, to.startMs);
    atMost += answered(from.startMs, to.atMs);
  }
  return { counted, atLeast, atMost };
}

function fastest(scrapes: readonly CountScrape[]): CountScrape | undefined {
  return [...scrapes].sort((a, b) => a.atMs - a.startMs - (b.atMs - b.startMs))[0];
}

/** Whether what was counted is the truth, but for a hundredth. */
export function isTrue({ counted, atLeast, atMost }: CountedRequests): boolean {
  return counted >= atLeast * (1 - TOLERANCE) && counted <= atMost * (1 + TOLERANCE);
}
