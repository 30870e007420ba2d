// Utilization over the last seconds by our own clock, from samples that are there also when nobody scrapes.

/** Cumulative loop time, in milliseconds; both are 0 until the loop has begun to turn. */
export interface LoopTime {
  readonly active: number;
  readonly idle: number;
}

/** A short memory of loop times. */
export interface UtilizationWindow {
  /** Keeps `time` if the last sample is old enough. */
  sample(nowMs: number, read: () => LoopTime): void;
  /**
   * Active share from the youngest sample that is at least a window old (or the oldest there is) until now.
   * A blocked loop takes no samples: the stretch is then longer than the window. NaN while nothing is known.
   */
  utilization(nowMs: number, time: LoopTime): number;
}

export interface UtilizationWindowOptions {
  readonly windowMs: number;
  readonly sampleEveryMs: number;
}

interface Sample extends LoopTime {
  readonly atMs: number;
}

/** Creates an empty window. */
export function createUtilizationWindow({ windowMs, sampleEveryMs }: UtilizationWindowOptions): UtilizationWindow {
  // In order of age; all but the first are younger than the window.
  const samples: Sample[] = [];

  function forget(nowMs: number): void {
    while (samples.length > 1 && nowMs - (samples[1]?.atMs ?? nowMs) >= windowMs) samples.shift();
  }

  return {
    sample(nowMs, read) {
      const last = samples.at(-1);
      if (last !== undefined && nowMs - last.atMs < sampleEveryMs) return;
      const { active, idle } = read();
      samples.push({ atMs: nowMs, active, idle });
      forget(nowMs);
    },
    utilization(nowMs, { active, idle }) {
      forget(nowMs);
      const from = samples[0] ?? { active: 0, idle: 0 };
      const activeMs = active - from.active;
      const totalMs = activeMs + idle - from.idle;
      return totalMs > 0 ? Math.min(1, Math.max(0, activeMs / totalMs)) : Number.NaN;
    },
  };
}
