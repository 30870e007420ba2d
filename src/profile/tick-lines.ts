// Ticks by line of the source, and the time of a function spread over them.

/** How often the innermost frame of a node stood in each line. */
export type TickedLines = Map<number, number>;

/**
 * The time of a node by line, in whole microseconds: as large a part of `selfUs` as its ticks are of all its `hits`. The
 * parts add up to it, where every hit has a line.
 */
export function spreadOver(ticks: TickedLines, hits: number, selfUs: number): (readonly [number, number])[] {
  const lines = [...ticks].sort(([a], [b]) => a - b);
  const known = lines.reduce((sum, [, count]) => sum + count, 0);
  const all = Math.max(hits, known);
  const spread: (readonly [number, number])[] = [];
  let before = 0;
  let given = 0;
  for (const [line, count] of lines) {
    before += count;
    const until = Math.round((selfUs * before) / all);
    if (until > given) spread.push([line, until - given]);
    given = until;
  }
  return spread;
}
