// The normal distribution.

/** The chance of `z` or more: Abramowitz and Stegun 7.1.26, good to 1e-7. */
export function upperNormalTail(z: number): number {
  const t = 1 / (1 + 0.3275911 * (Math.abs(z) / Math.SQRT2));
  const series = 0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429)));
  const tail = (t * series * Math.exp(-(z ** 2) / 2)) / 2;
  return z >= 0 ? tail : 1 - tail;
}
