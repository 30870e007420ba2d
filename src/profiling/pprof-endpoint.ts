// `/debug/pprof/profile?seconds=N`: a CPU profile for pprof, to those with credentials, one at a time.
import { threadId } from 'node:worker_threads';
import type { Guard } from '../access/guard.js';
import { isLedFromElsewhere } from '../access/web-pages.js';
import { profileFrom } from '../profile/from-v8.js';
import { writePprof } from '../profile/pprof.js';
import type { Reply, Routes } from '../prometheus/routes.js';
import { type Profiler, ProfilerBusy } from './profiler.js';

/** Where pprof and the collectors of profiles ask, as in programs of Go. */
const PPROF_PATH = '/debug/pprof/profile';

/** A profile's length; without a word, what pprof waits for. */
const SECONDS = { least: 1, most: 60, usual: 30 } as const;
/** Who does not read a profile within this time does not get it. */
const READ_MS = 60_000;
/** Between samples: a hundred a second, where no profile runs all the time whose samples are further apart. */
const INTERVAL_US = 10_000;

export interface PprofEndpointOptions {
  readonly record: Profiler['record'];
  /** How far apart the samples of the profile are that runs all the time, in microseconds; undefined where none does. */
  readonly continuousUs?: number | undefined;
  readonly guard: Pick<Guard, 'isPrivate'> | undefined;
  /** The application's folder. */
  readonly root: string;
  /** What the profile is called. */
  readonly title: string;
  readonly report: (cause: string, error: unknown) => void;
}

const NOT_FOR_ALL: Reply = {
  status: 403,
  body: 'Profiles are shown to those with credentials, and nobody is asked for any.\n',
};
const ELSEWHERE: Reply = { status: 403, body: 'Forbidden: pages of other sites do not lead here.\n' };
const BUSY: Reply = { status: 503, body: 'A profile is being recorded already.\n', headers: { 'Retry-After': '5' } };
const FAILED: Reply = { status: 500, body: 'The profile could not be taken.\n' };

/** Makes the route. The server's guard has let in whoever asks. */
export function pprofRoutes({ record, continuousUs = 0, guard, root, title, report }: PprofEndpointOptions): Routes {
  // A second profiler beside one that runs would hold a large program for a while.
  const intervalUs = Math.max(INTERVAL_US, continuousUs);
  let isBusy = false;

  async function take(seconds: number, threads: 'main' | 'all', signal: AbortSignal): Promise<Reply | Uint8Array> {
    try {
      const taken = await record({ durationMs: seconds * 1000, intervalUs, threads, signal });
      // What this thread does meanwhile is no business of the program.
      const recording = { ...taken, threads: taken.threads.filter((thread) => thread.threadId !== threadId) };
      return signal.aborted ? FAILED : writePprof(profileFrom(recording, { title, root }));
    } catch (error) {
      if (error instanceof ProfilerBusy) return BUSY;
      if (!signal.aborted) report('a profile could not be taken', error);
      return FAILED;
    } finally {
      isBusy = false;
    }
  }

  return {
    [PPROF_PATH](request) {
      // The rules can have changed since the start.
      if (guard?.isPrivate !== true) return NOT_FOR_ALL;
      if (isLedFromElsewhere(request)) return ELSEWHERE;
      const query = new URLSearchParams(request.url?.split('?', 2)[1]);
      const seconds = readSeconds(query.get('seconds'));
      const threads = query.get('threads') ?? 'main';
      if (seconds === undefined) return wrong(`\`seconds\` to be a number from ${SECONDS.least} to ${SECONDS.most}`);
      if (threads !== 'main' && threads !== 'all') return wrong('`threads` to be main or all');
      if (request.method === 'HEAD') return { status: 200, body: '', type: TYPE };
      if (isBusy) return BUSY;
      isBusy = true;
      // It takes longer than an answer may.
      return {
        stream(response, headers) {
          const gone = new AbortController();
          response.once('close', () => gone.abort());
          void take(seconds, threads, gone.signal).then((taken) => {
            if (gone.signal.aborted) return;
            const tooLong = setTimeout(() => response.destroy(), READ_MS).unref();
            response.once('close', () => clearTimeout(tooLong));
            const isProfile = taken instanceof Uint8Array;
            response.writeHead(isProfile ? 200 : taken.status, {
              ...headers,
              ...(isProfile ? { 'Content-Disposition': 'attachment; filename="profile.pb.gz"' } : taken.headers),
              'Content-Type': isProfile ? TYPE : 'text/plain; charset=utf-8',
              'Cache-Control': 'no-store',
              'X-Content-Type-Options': 'nosniff',
            });
            response.end(isProfile ? taken : String(taken.body));
          });
        },
      };
    },
  };
}

const TYPE = 'application/octet-stream';

const wrong = (expected: string): Reply => ({ status: 400, body: `Expected ${expected}.\n` });

function readSeconds(text: string | null): number | undefined {
  if (text === null) return SECONDS.usual;
  const seconds = /^\d{1,3}$/.test(text) ? Number(text) : Number.NaN;
  return seconds >= SECONDS.least && seconds <= SECONDS.most ? seconds : undefined;
}
