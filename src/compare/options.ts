// Options of the comparison, resolved once.

/** Options of `compare`. */
export interface CompareOptions {
  /** Smallest ratio that matters, above 1. @default 1.2 */
  readonly minimumRatio?: number;
  /** Smallest difference of p99s that matters, milliseconds, 0 or more; of p50s a tenth of it. @default 10 */
  readonly minimumQuantileMs?: number;
  /** Chance, at most, that two equal versions are called worse (and as much for better), above 0, at most 0.2. @default 0.02 */
  readonly errorRate?: number;
  /** How long a process counts as fresh and is left out, seconds, 0 or more. @default 300 */
  readonly warmUpS?: number;
  /** Shortest block, seconds, above 0; the length is chosen by traffic. @default 60 */
  readonly minimumBlockS?: number;
  /** Longest block, seconds, not below `minimumBlockS`. @default 300 */
  readonly maximumBlockS?: number;
  /** Which of how many looks at a growing amount of data this is; the looks share `errorRate`. @default { number: 1, of: 1 } */
  readonly look?: { readonly number: number; readonly of: number };
  /** How many functions are judged, those with the most calls; 0 or more. @default 5 */
  readonly functions?: number;
}

/** Complete options. */
export type ResolvedCompareOptions = Required<CompareOptions>;

const DEFAULTS: ResolvedCompareOptions = {
  minimumRatio: 1.2,
  minimumQuantileMs: 10,
  errorRate: 0.02,
  warmUpS: 300,
  minimumBlockS: 60,
  maximumBlockS: 300,
  look: { number: 1, of: 1 },
  functions: 5,
};

/** Fills in the defaults; throws a TypeError that quotes option, bound and value. */
export function resolveCompareOptions(options: CompareOptions = {}): ResolvedCompareOptions {
  const resolved = { ...DEFAULTS, ...options };
  const { look } = resolved;
  expect('minimumRatio', 'a finite number above 1', resolved.minimumRatio, (value) => value > 1);
  expect('minimumQuantileMs', 'a finite number >= 0', resolved.minimumQuantileMs, (value) => value >= 0);
  expect('errorRate', 'a number above 0 and at most 0.2', resolved.errorRate, (value) => value > 0 && value <= 0.2);
  expect('warmUpS', 'a finite number >= 0', resolved.warmUpS, (value) => value >= 0);
  expect('minimumBlockS', 'a finite number above 0', resolved.minimumBlockS, (value) => value > 0);
  expect(
    'maximumBlockS',
    'a finite number >= minimumBlockS',
    resolved.maximumBlockS,
    (value) => value >= resolved.minimumBlockS,
  );
  expect('functions', 'an integer >= 0', resolved.functions, (value) => Number.isInteger(value) && value >= 0);
  expect('look.of', 'an integer >= 1', look.of, (value) => Number.isInteger(value) && value >= 1);
  expect(
    'look.number',
    `an integer from 1 to ${look.of}`,
    look.number,
    (value) => Number.isInteger(value) && value >= 1 && value <= look.of,
  );
  return resolved;
}

function expect(name: string, bound: string, value: number, holds: (value: number) => boolean): void {
  if (typeof value !== 'number' || !Number.isFinite(value) || !holds(value)) {
    throw new TypeError(`Expected \`${name}\` to be ${bound}, got \`${String(value)}\` (${typeof value})`);
  }
}
