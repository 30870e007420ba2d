// Nanoseconds of CPU time per call: rounds of all variants, interleaved in random order.
//
// CPU time of the process, not wall time: on a machine that does something else as well, wall time measures that too.
// It counts what V8's own threads do for the call (garbage collection, say), which wall time hides.

let loops = 0;

/**
 * A loop over `fn` of its own: one loop for all variants would see all of their functions, and then inline none.
 * The number makes the source unique, because V8 keeps what it learns per source.
 */
export function loopOver(fn) {
  return new Function('fn', `return (n) => { let r; for (let i = 0; i < n; i++) r = fn(i); return r; }; // ${loops++}`)(
    fn,
  );
}

/** As `loopOver` for a function whose promise the caller waits for. */
export function awaitOver(fn) {
  const source = 'return async (n) => { let r; for (let i = 0; i < n; i++) r = await fn(i); return r; };';
  return new Function('fn', `${source} // ${loops++}`)(fn);
}

/**
 * Runs `variants` (loops by name) and returns the nanoseconds per call of each round.
 * A run is cut into chunks of `chunk` calls, between which `settle` runs outside the measurement.
 */
export async function measure(variants, { rounds, roundMs, warmUpMs, chunk = Number.POSITIVE_INFINITY, settle }) {
  const names = Object.keys(variants);
  const results = Object.fromEntries(names.map((name) => [name, []]));
  const calls = {};
  for (const name of names) {
    let n = Math.min(chunk, 100);
    let ns = 0;
    // Several times, so that the optimising compiler has seen it and is done.
    for (const endMs = performance.now() + warmUpMs; performance.now() < endMs; n = Math.min(chunk, n * 2, 100_000)) {
      ns = (await timeCalls(variants[name], n)) / n;
      await settle?.();
    }
    calls[name] = Math.max(100, Math.round((roundMs * 1e6) / Math.max(ns, 0.2)));
  }
  for (let round = 0; round < rounds; round++) {
    for (const name of [...names].sort(() => Math.random() - 0.5)) {
      let ns = 0;
      for (let left = calls[name]; left > 0; left -= chunk) {
        ns += await timeCalls(variants[name], Math.min(left, chunk));
        await settle?.();
      }
      results[name].push(ns / calls[name]);
    }
  }
  return results;
}

async function timeCalls(loop, n) {
  const before = process.cpuUsage();
  const result = loop(n);
  // A loop of synchronous calls has to stay free of promises.
  if (result instanceof Promise) await result;
  const { user, system } = process.cpuUsage(before);
  return (user + system) * 1000;
}
