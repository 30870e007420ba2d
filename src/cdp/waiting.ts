// Waiting for others, but not for ever. Nothing stays behind of a wait that is over, also where thousands follow each other:
// a promise that lasts, such as that of a connection's end, keeps everything that was ever raced against it.

/** The answer; undefined where it does not come within `ms`. Rejects where the answer does. */
export async function within<T>(answer: Promise<T>, ms: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, ms, undefined);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Resolves after `ms`, and at once when one of `signals` aborts. */
export function pause(ms: number, ...signals: readonly AbortSignal[]): Promise<void> {
  return new Promise((resolve) => {
    const finish = () => {
      clearTimeout(timer);
      for (const signal of signals) signal.removeEventListener('abort', finish);
      resolve();
    };
    const timer = setTimeout(finish, Math.max(0, ms));
    for (const signal of signals) signal.addEventListener('abort', finish);
    if (signals.some(({ aborted }) => aborted)) finish();
  });
}

/** Aborts when `over` resolves. */
export function abortedAfter(over: Promise<void>): AbortSignal {
  const abort = new AbortController();
  void over.then(() => abort.abort());
  return abort.signal;
}
