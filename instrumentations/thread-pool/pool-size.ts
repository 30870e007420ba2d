// How many threads the pool has, by the variable that libuv reads when the pool is first used.

const DEFAULT_SIZE = 4;
const LARGEST_SIZE = 1024;

/** The size that `UV_THREADPOOL_SIZE` gives, read as libuv does: not a number is one thread. */
export function poolSize(variable: string | undefined): number {
  if (variable === undefined) return DEFAULT_SIZE;
  const size = Number.parseInt(variable, 10);
  // libuv keeps it in an unsigned number, where -1 is more than it allows.
  if (size < 0) return LARGEST_SIZE;
  return Number.isNaN(size) || size === 0 ? 1 : Math.min(size, LARGEST_SIZE);
}
