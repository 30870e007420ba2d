// Student's t distribution, for any positive number of degrees of freedom.

const LANCZOS: readonly number[] = [
  76.18009172947146, -86.50532032941678, 24.01409824083091, -1.231739572450155, 0.001208650973866179,
  -0.000005395239384953,
];
const FRACTION_STEPS = 300;
const FRACTION_PRECISION = 1e-14;
const TINY = 1e-300;
const BISECTIONS = 200;

/** The chance of a value of `t` or more, with `df` degrees of freedom. */
export function upperTail(t: number, df: number): number {
  const half = incompleteBeta(df / (df + t ** 2), df / 2, 0.5) / 2;
  return t >= 0 ? half : 1 - half;
}

/** The value that is exceeded with the chance `tail`, between 0 and 1. */
export function upperQuantile(tail: number, df: number): number {
  if (tail > 0.5) return -upperQuantile(1 - tail, df);
  let low = 0;
  let high = 1;
  while (upperTail(high, df) > tail) high *= 2;
  for (let step = 0; step < BISECTIONS && high - low > 1e-12 * high; step += 1) {
    const middle = (low + high) / 2;
    if (upperTail(middle, df) > tail) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** The regularized incomplete beta function, by its continued fraction (modified Lentz). */
function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const factor = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x));
  return x < (a + 1) / (a + b + 2)
    ? (factor * betaFraction(x, a, b)) / a
    : 1 - (factor * betaFraction(1 - x, b, a)) / b;
}

function betaFraction(x: number, a: number, b: number): number {
  let c = 1;
  let d = 1 / awayFromZero(1 - ((a + b) * x) / (a + 1));
  let result = d;
  for (let m = 1; m <= FRACTION_STEPS; m += 1) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / awayFromZero(1 + even * d);
    c = awayFromZero(1 + even / c);
    result *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / awayFromZero(1 + odd * d);
    c = awayFromZero(1 + odd / c);
    result *= d * c;
    if (Math.abs(d * c - 1) < FRACTION_PRECISION) break;
  }
  return result;
}

function awayFromZero(value: number): number {
  return Math.abs(value) < TINY ? TINY : value;
}

/** Lanczos' approximation, relative error below 2e-10. */
function logGamma(x: number): number {
  const base = x + 5.5 - (x + 0.5) * Math.log(x + 5.5);
  const series = LANCZOS.reduce((sum, coefficient, index) => sum + coefficient / (x + 1 + index), 1.000000000190015);
  return -base + Math.log((2.5066282746310007 * series) / x);
}
