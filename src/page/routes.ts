// What the endpoint answers for the page.
import type { IncomingMessage } from 'node:http';
import { threadId } from 'node:worker_threads';
import type { Guard } from '../access/guard.js';
import { isLedFromElsewhere, isLoopback } from '../access/web-pages.js';
import { profileFrom } from '../profile/from-v8.js';
import type { V8Recording } from '../profile/v8-profile.js';
import { ProfilerBusy } from '../profiling/profiler.js';
import type { Reply, Route, Routes, Stream } from '../prometheus/routes.js';
import type { LivePage } from './live-page.js';
import { PAGE_VERSION, pageReply } from './page-text.js';
import { readProfileQuery, readRange, readSeconds } from './queries.js';
import { HISTORY_SECONDS, PAGE_PATHS } from './state.js';
import type { Streams } from './streams.js';

/** What is recorded of this process. */
export interface RecordOptions {
  readonly durationMs: number;
  readonly intervalUs: number;
  readonly threads: 'main' | 'all';
  /** Ends it when nobody waits for it any more. */
  readonly signal?: AbortSignal;
}

export interface PageRoutesOptions {
  readonly page: LivePage;
  readonly streams: Streams;
  readonly guard: Guard | undefined;
  /** Records; undefined where no profile can be taken. */
  readonly record: ((options: RecordOptions) => Promise<V8Recording>) | undefined;
  /** The application's folder. */
  readonly root: string;
  readonly report: (cause: string, error: unknown) => void;
}

/** Who does not read a profile within this time does not get it: it may be large, and is kept until then. */
const READ_MS = 60_000;
const JSON_TYPE = 'application/json; charset=utf-8';
const REFUSED: Reply = {
  status: 403,
  body: 'Forbidden: the live page is shown on this machine alone, or to those with credentials.\n',
};
const ELSEWHERE: Reply = {
  status: 403,
  body: 'Forbidden: this is for the live page itself, and no other page leads here.\n',
};
const FULL: Reply = {
  status: 503,
  body: 'Too many live pages are open.\n',
  headers: { 'Retry-After': '10' },
};
const NO_PROFILES: Reply = { status: 404, body: 'No profile can be taken of this process.\n' };
const BUSY: Reply = {
  status: 409,
  body: 'A profile is being taken already.\n',
  headers: { 'Retry-After': '5' },
};

/** The routes of the page, by their paths. */
export function pageRoutes(options: PageRoutesOptions): Routes {
  const { page, streams, guard } = options;
  // The rules of access may change while it is served.
  const mayAsk = ({ socket }: IncomingMessage) =>
    guard?.isPrivate === true || isLoopback({ address: socket.localAddress ?? '', family: '', port: 0 });
  const shown =
    (route: Route): Route =>
    (request) =>
      mayAsk(request) ? route(request) : REFUSED;
  const forPage = (route: Route): Route =>
    shown((request) => (isLedFromElsewhere(request) ? ELSEWHERE : route(request)));
  return {
    [PAGE_PATHS.page]: shown(() => pageReply()),
    [PAGE_PATHS.events]: forPage((request) => {
      if (streams.isFull) return FULL;
      // Who asks for the headers alone gets no stream.
      if (request.method === 'HEAD') return { status: 200, body: '', type: 'text/event-stream; charset=utf-8' };
      return { stream: (response, headers) => streams.open(response, { 'Loopsight-Page': PAGE_VERSION, ...headers }) };
    }),
    [PAGE_PATHS.state]: forPage(async (request) => {
      const seconds = readSeconds(request.url, HISTORY_SECONDS);
      if (typeof seconds === 'string') return wrong(seconds);
      return json(await page.state(Date.now() / 1000 - seconds - 1));
    }),
    [PAGE_PATHS.compare]: forPage((request) => {
      const a = readRange(request.url, 'a');
      const b = readRange(request.url, 'b');
      if (typeof a === 'string') return wrong(a);
      if (typeof b === 'string') return wrong(b);
      return json(page.compare(a, b));
    }),
    [PAGE_PATHS.profile]: forPage(profileRoute(options)),
  };
}

function profileRoute({ record, root, report }: PageRoutesOptions): Route {
  let isBusy = false;
  return (request): Reply | Stream => {
    if (record === undefined) return NO_PROFILES;
    const query = readProfileQuery(request.url);
    if (typeof query === 'string') return wrong(query);
    if (request.method === 'HEAD') return { status: 200, body: '', type: JSON_TYPE };
    if (isBusy) return BUSY;
    // It takes longer than an answer may.
    return {
      stream(response, headers) {
        // One at a time, until it is read: what is made waits in memory.
        isBusy = true;
        response.once('close', () => {
          isBusy = false;
        });
        const end = (status: number, body: string, type: string) => {
          if (response.destroyed) return;
          const tooLong = setTimeout(() => response.destroy(), READ_MS).unref();
          response.once('close', () => clearTimeout(tooLong));
          response.writeHead(status, {
            ...headers,
            'Content-Type': type,
            'Cache-Control': 'no-store',
            'X-Content-Type-Options': 'nosniff',
          });
          response.end(body);
        };
        const gone = new AbortController();
        response.once('close', () => gone.abort());
        record({ ...query, signal: gone.signal })
          .then(withoutObserver)
          .then((recording) =>
            end(
              200,
              `${JSON.stringify(query.isRead ? profileFrom(recording, { title: `process ${recording.pid}`, root }) : recording)}\n`,
              JSON_TYPE,
            ),
          )
          .catch((error: unknown) => {
            const isOthers = error instanceof ProfilerBusy;
            if (!isOthers && !gone.signal.aborted) report('a profile of the live page failed', error);
            end(
              isOthers ? BUSY.status : 500,
              isOthers ? String(BUSY.body) : 'The profile could not be taken.\n',
              'text/plain; charset=utf-8',
            );
          });
      },
    };
  };
}

// What this thread does meanwhile is no business of the program.
function withoutObserver(recording: V8Recording): V8Recording {
  return { ...recording, threads: recording.threads.filter(({ threadId: id }) => id !== threadId) };
}

function json(body: unknown): Reply {
  return { status: 200, body: `${JSON.stringify(body)}\n`, type: JSON_TYPE };
}

function wrong(sentence: string): Reply {
  return { status: 400, body: `${sentence}\n` };
}
