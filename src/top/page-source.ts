// Updates from a process that serves the live page, here or elsewhere: its own figures, and profiles that it takes of itself.
import { setTimeout as delay } from 'node:timers/promises';
import { type Answer, exchange, shownUrl } from '../http/exchange.js';
import { isRecord, jsonOf, kindOf } from '../http/json-answer.js';
import { UnreadableData } from '../http/unreadable.js';
import { PAGE_PATHS, type PageState, PROFILE_LIMITS } from '../page/state.js';
import type { Profile } from '../profile/profile.js';
import { printable } from '../status/wording.js';
import type { LoopFigures, TopSource, TopUpdate } from './figures.js';
import { loopsOfPage } from './page-loops.js';

export interface PageSourceOptions {
  readonly windowMs: number;
  readonly intervalUs: number;
  /** The Authorization header. */
  readonly authorization: string | undefined;
  readonly signal: AbortSignal;
}

const REQUEST_MS = 10_000;
/** Its main loop may be held for this long before a profile is given up. */
const PROFILE_PATIENCE_MS = 120_000;
const MAXIMUM_BYTES = 64 * 1024 * 1024;
/** A profile is being taken already, for somebody else. */
const TAKEN = 409;

/**
 * Asks the endpoint that `url` names, which may end in /metrics; undefined where `signal` aborted first. Rejects with
 * UnreadableData.
 */
export async function openPageSource(url: URL, options: PageSourceOptions): Promise<TopSource | undefined> {
  const { windowMs, intervalUs, signal } = options;
  const base = url.pathname.replace(/\/(?:metrics)?$/, '');
  const at = (path: string): URL => new URL(`${base}${path}`, url.origin);
  const state = await orAborted(readState(at(PAGE_PATHS.state), options), signal);
  if (state === undefined) return undefined;
  const profileUrl = at(PAGE_PATHS.profile);
  profileUrl.search = profileQuery(windowMs, intervalUs);

  let taking: Promise<void> | undefined;
  let taken: Profile | undefined;
  let note: string | undefined;
  let last: Profile | undefined;
  let failure: unknown;

  function take(): void {
    taking ??= readProfile(profileUrl, options)
      .then(
        (answer) => {
          note = typeof answer === 'string' ? answer : undefined;
          if (typeof answer !== 'string') taken = answer;
        },
        (error: unknown) => {
          failure = error;
        },
      )
      .finally(() => {
        taking = undefined;
      });
  }

  async function next(): Promise<TopUpdate> {
    if (state?.process.canProfile === true) take();
    const waited = delay(windowMs, undefined, { signal });
    // A profile takes a little longer than its window.
    await waited;
    await Promise.race([taking, delay(Math.max(250, windowMs / 4), undefined, { signal })]);
    if (failure !== undefined) throw failure;
    const now = await readState(at(PAGE_PATHS.state), options);
    const profile = taken;
    taken = undefined;
    last = profile ?? last;
    const loops: readonly LoopFigures[] = loopsOfPage(now, profile, last);
    return { profile, loops, notes: [...(note === undefined ? [] : [note]), ...notesOf(now)] };
  }

  const { pid, nodeVersion, service } = state.process;
  return {
    title: service === '' ? url.host : service,
    pid,
    nodeVersion,
    next: (aborted) => orAborted(next(), aborted),
  };
}

function notesOf({ process: { canProfile } }: PageState): readonly string[] {
  return canProfile ? [] : ['No profile can be taken of this process.'];
}

function profileQuery(windowMs: number, intervalUs: number): string {
  const { interval } = PROFILE_LIMITS;
  const intervalMs = Math.min(interval.most, Math.max(interval.least, intervalUs / 1000));
  return new URLSearchParams({
    seconds: String(windowMs / 1000),
    interval: String(intervalMs),
    threads: 'all',
    as: 'profile',
  }).toString();
}

async function readState(url: URL, options: PageSourceOptions): Promise<PageState> {
  const asked = new URL(url);
  asked.search = 'history=2';
  const value = jsonIn(await ask(asked, REQUEST_MS, options), url);
  const isState = isRecord(value.process) && Array.isArray(value.threads) && isRecord(value.history);
  if (!isState) throw new UnreadableData(`${shownUrl(url)} answered with JSON that is no state of a process.`);
  return value as unknown as PageState;
}

/** The profile; a sentence where there is none now. */
async function readProfile(url: URL, options: PageSourceOptions): Promise<Profile | string> {
  const answer = await ask(url, options.windowMs + PROFILE_PATIENCE_MS, options, [TAKEN]);
  if (answer.status === TAKEN) return 'Somebody else takes a profile of this process now.';
  const value = jsonIn(answer, url);
  if (!Array.isArray(value.functions) || !Array.isArray(value.threads)) {
    throw new UnreadableData(`${shownUrl(url)} answered with JSON that is no profile.`);
  }
  return value as unknown as Profile;
}

async function ask(
  url: URL,
  requestMs: number,
  { authorization, signal }: PageSourceOptions,
  expected: readonly number[] = [],
): Promise<Answer> {
  const answer = await exchange(
    url,
    { method: 'GET' },
    { signal, totalMs: requestMs, requestMs, maximumBytes: MAXIMUM_BYTES, authorization },
  );
  const { status } = answer;
  const shown = shownUrl(url);
  if (status === 200 || expected.includes(status)) return answer;
  if (status === 401) {
    throw new UnreadableData(
      `${shown} asks for credentials: set LOOPSIGHT_TOKEN_FILE, or LOOPSIGHT_USERNAME and LOOPSIGHT_PASSWORD_FILE.`,
    );
  }
  if (status === 403) throw new UnreadableData(`${shown} refuses: ${printable(answer.text, 200)}`);
  if (status === 404) {
    throw new UnreadableData(
      `${shown} is not there: the process must run with loopsight/register and LOOPSIGHT_PAGE=on.`,
    );
  }
  throw new UnreadableData(`${shown} answered with status ${status}.`);
}

function jsonIn(answer: Answer, url: URL): Record<string, unknown> {
  const value = jsonOf(answer);
  if (!isRecord(value)) throw new UnreadableData(`${shownUrl(url)} answered with ${kindOf(answer, "Loopsight's")}.`);
  return value;
}

// Whatever is rejected after that is nobody's concern any more.
async function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  if (signal.aborted) {
    work.catch(() => {});
    return undefined;
  }
  let stop = (): void => {};
  const aborted = new Promise<undefined>((resolve) => {
    stop = () => resolve(undefined);
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
