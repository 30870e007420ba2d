// From where on a figure is a problem.

/** A loop that has been overdue for longer is a problem right now, in seconds. */
export const BLOCKED_S = 0.5;
/** Worker threads are there to compute, so theirs may be overdue for longer, in seconds. */
export const WORKER_BLOCKED_S = 5;
/** The 99th percentile of the time that callbacks wait for the loop, in seconds. */
export const LAG_P99_S = 0.1;
/** From here on the lag's 99th percentile is critical, in seconds. */
export const LAG_P99_CRITICAL_S = 1;
/** The 99th percentile of lag on worker threads, in seconds. */
export const WORKER_LAG_P99_S = 5;
/** The mean time that callbacks wait for the main thread's loop, in seconds. */
export const LAG_MEAN_S = 0.05;
/** Fewer lag probes than this say little of a percentile: a second's worth at 20 a second. */
export const LAG_MINIMUM_COUNT = 20;
/** Share of the time that one function holds the main thread's loop in stalls. */
export const STALLED_SHARE = 0.01;
/** Share of the time that one function spends in synchronous calls of one name. */
export const BLOCKING_CALL_SHARE = 0.02;
/** Share of the time that the main thread spends in writes to a standard stream. */
export const STDIO_WRITE_SHARE = 0.01;
/** Share of the time that the loop turns without anything to handle. */
export const SPINNING_SHARE = 0.5;
/** Share of the time that the main thread's loop is active. */
export const UTILIZATION = 0.9;
/** Share of the time that the loops of worker threads are active. */
export const WORKER_UTILIZATION = 0.95;

/** Tasks that wait in a queue. */
export const QUEUE_DEPTH = 1000;
/** The time that the oldest task has waited, in seconds. */
export const QUEUE_OLDEST_AGE_S = 10;
/** From here on the oldest task's age is critical, in seconds. */
export const QUEUE_OLDEST_AGE_CRITICAL_S = 60;
/** Tasks a second by which a queue grows. */
export const QUEUE_GROWTH_PER_S = 5;
/** A queue is only said to grow when at least this many tasks waited at the first scrape. */
export const QUEUE_GROWTH_MINIMUM_DEPTH = 20;
/** Waits or runs of a queue that a percentile or mean is taken from. */
export const QUEUE_MINIMUM_COUNT = 5;

/** The 99th percentile of waits for connections and threads of libuv, in seconds. */
export const WAIT_P99_S = 0.5;
/** The same of locks, which are there to be waited for. */
export const LOCK_WAIT_P99_S = 1;
/** A lock that is held for longer right now while others wait, in seconds. */
export const LOCK_HELD_S = 5;
/** From here on that is critical, in seconds. */
export const LOCK_HELD_CRITICAL_S = 60;
/** The time that work for libuv's threads has waited right now, in seconds. */
export const THREAD_POOL_OLDEST_AGE_S = 1;
/** Waits that a percentile is taken from. */
export const WAIT_MINIMUM_COUNT = 10;
/** Connections that wait until the process accepts them. */
export const ACCEPT_QUEUE_DEPTH = 50;

/** Ends of worker threads with an exit code other than 0, for each hour of the process. */
export const WORKER_EXITS_PER_HOUR = 1;

/** Share of HTTP requests that are answered with a 5xx status. */
export const HTTP_ERROR_SHARE = 0.05;
/** Share of the calls of a traced function that fail. */
export const FUNCTION_ERROR_SHARE = 0.1;
/** From here on a share of errors is critical. */
export const ERROR_SHARE_CRITICAL = 0.5;
/** Fewer requests or calls than this say little of a share. */
export const SHARE_MINIMUM_COUNT = 20;

/** Share of the time that garbage collections take. */
export const GC_SHARE = 0.1;
/** Heap in use by the size that it may grow to. */
export const HEAP_SHARE = 0.9;
/** Time that the control group was kept from the CPU, by the time that passed. */
export const THROTTLED_SHARE = 0.05;
/** Share of the time that a thread is ready to run and waits for a processor. */
export const CPU_WAIT_SHARE = 0.2;
/** Shares of time are taken between scrapes that are at least this far apart, in seconds. */
export const SHARE_MINIMUM_S = 1;

/** Age of the main thread's figures, in seconds. */
export const SNAPSHOT_AGE_S = 5;
