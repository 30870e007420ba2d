// What is evaluated in a thread that is watched. Nothing of it stays there.

/** What the code below calls its file, so that it can be told from the application's. */
export const PROBE_URL = 'loopsight-top';

const SOURCE = `\n//# sourceURL=${PROBE_URL}`;

/** Anybody can have replaced these functions, and theirs must not be called. */
const IS_NATIVE = `(f) => typeof f === 'function' && /\\{\\s*\\[native code\\]\\s*\\}$/.test(Function.prototype.toString.call(f))`;

/**
 * Begins a profile and ends another one, whose end is told as an event: while one runs at any time, V8 need not look through
 * all code anew. The value is false where that cannot be done.
 */
export const turnExpression = (begun: string | undefined, ended: string | undefined): string =>
  `((c) => {
  const isNative = ${IS_NATIVE};
  if (typeof c !== 'object' || c === null || !isNative(c.profile) || !isNative(c.profileEnd)) return false;
  ${begun === undefined ? '' : `c.profile(${JSON.stringify(begun)});`}
  ${ended === undefined ? '' : `c.profileEnd(${JSON.stringify(ended)});`}
  return true;
})(console)${SOURCE}`;

/**
 * A callback that arrives now. The value is two readings of the monotonic clock, which all processes share, as pairs of
 * seconds and nanoseconds: on arrival, and when the loop came to it.
 */
export const ARRIVAL_EXPRESSION = `new Promise((resolve) => {
  const arrived = process.hrtime();
  setImmediate(() => resolve([arrived, process.hrtime()]));
})${SOURCE}`;
