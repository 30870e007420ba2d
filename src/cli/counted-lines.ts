// One look at a process: a profile of all its threads and, where it is asked for, how often their lines ran meanwhile.
import type { Inspected } from '../attach/inspected.js';
import { recordWindow } from '../attach/record-window.js';
import { countsFrom, type LineCounts, type V8ScriptCoverage } from '../profile/coverage.js';
import { profileFrom } from '../profile/from-v8.js';
import type { Profile } from '../profile/profile.js';
import type { ProfileSources } from '../profile/sources.js';

const INTERVAL_US = 1000;

export interface LookOptions {
  readonly durationMs: number;
  readonly signal: AbortSignal;
  readonly root: string;
  readonly sources: ProfileSources;
  readonly isCounted: boolean;
}

/** Profiles a process for a while, or until `signal` aborts. Rejects with a CdpError where the process ends. */
export async function lookAt(
  inspected: Inspected,
  { durationMs, signal, root, sources, isCounted }: LookOptions,
): Promise<{ readonly profile: Profile; readonly counts: LineCounts | undefined }> {
  const threads = isCounted ? await inspected.threads() : [];
  for (const { connection } of threads) {
    // Not waited for: a thread that is in a native call answers when it is out of it.
    connection.post('Profiler.enable').catch(() => {});
    connection.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true }).catch(() => {});
  }
  const recording = await recordWindow(inspected, {
    ...{ durationMs, intervalUs: INTERVAL_US, threads: 'all', keepsCompiled: isCounted, signal },
  });
  // Threads that gave no profile give no counts either, and are not waited for.
  const answering = threads.filter(({ threadId }) => recording.threads.some((thread) => thread.threadId === threadId));
  const taken = await Promise.all(
    answering.map(async ({ connection }) => {
      try {
        const { result } = (await connection.post('Profiler.takePreciseCoverage')) as { result: V8ScriptCoverage[] };
        await connection.post('Profiler.stopPreciseCoverage');
        return result;
      } catch {
        // It has ended meanwhile.
        return [];
      }
    }),
  );
  return {
    profile: profileFrom(recording, { title: inspected.title, root, sources }),
    counts: isCounted ? countsFrom(taken.flat(), { sources }) : undefined,
  };
}
