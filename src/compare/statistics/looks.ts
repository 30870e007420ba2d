// Who looks several times has several chances to be fooled: the looks share the error rate.

/** One of a planned number of looks at a growing amount of data, counted from 1. */
export interface Look {
  readonly number: number;
  readonly of: number;
}

/**
 * The error rate of one look. What may be spent up to look k of n grows as (k/n)², so that the last looks, which have
 * the most data, keep the most; the shares of all looks add up to `errorRate` (Kim and DeMets, 1987).
 */
export function errorOfLook(errorRate: number, { number, of }: Look): number {
  return errorRate * ((number / of) ** 2 - ((number - 1) / of) ** 2);
}
