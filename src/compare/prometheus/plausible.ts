// What a counter can have gained.

/** Counts and seconds beyond this, in a block of minutes, are no counter's. */
const LARGEST = 1e12;

/** `value` if a counter can have gained it. */
export function plausible(value: number | undefined): number | undefined {
  return value !== undefined && value >= 0 && value <= LARGEST ? value : undefined;
}
