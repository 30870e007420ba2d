// Which known names somebody may have meant who wrote another one.

/** The names that are most like `wanted`, best first, at most `limit`; none that have little in common with it. */
export function nearestNames(wanted: string, known: Iterable<string>, limit = 3): string[] {
  const allowed = Math.max(2, Math.ceil(wanted.length * 0.4));
  // The distance is at least what one is longer than the other, which is found out for much less.
  const near = [...new Set(known)].filter(({ length }) => Math.abs(length - wanted.length) <= allowed);
  const rated = near.map((name) => ({ name, distance: distanceOf(wanted, name) }));
  return rated
    .filter(({ distance }) => distance <= allowed)
    .sort((one, other) => one.distance - other.distance || (one.name < other.name ? -1 : 1))
    .slice(0, limit)
    .map(({ name }) => name);
}

// Levenshtein's distance, regardless of case, where two neighbours that changed places are one change.
function distanceOf(one: string, other: string): number {
  const a = one.toLowerCase();
  const b = other.toLowerCase();
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const isSame = a[i - 1] === b[j - 1];
      let best = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + (isSame ? 0 : 1));
      const isSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (isSwapped) best = Math.min(best, (beforeLast[j - 2] ?? 0) + 1);
      row.push(best);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length] ?? 0;
}
