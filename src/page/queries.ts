// What the page's paths may be asked, checked; a sentence where it cannot be read.
import type { RecordOptions } from './routes.js';
import { type PageRange, PROFILE_LIMITS } from './state.js';

/** How many seconds of history are asked for. */
export function readSeconds(url: string | undefined, most: number): number | string {
  return readNumber(url, 'history', { least: 0, most, usual: 60 });
}

/** What is to be recorded, and whether it is to be read. */
export function readProfileQuery(
  url: string | undefined,
): (Omit<RecordOptions, 'signal'> & { readonly isRead: boolean }) | string {
  const seconds = readNumber(url, 'seconds', PROFILE_LIMITS.seconds);
  const intervalMs = readNumber(url, 'interval', PROFILE_LIMITS.interval);
  if (typeof seconds === 'string') return seconds;
  if (typeof intervalMs === 'string') return intervalMs;
  const threads = queryOf(url).get('threads') ?? 'main';
  if (threads !== 'main' && threads !== 'all') return 'Expected `threads` to be main or all.';
  const form = queryOf(url).get('as') ?? 'recording';
  if (form !== 'recording' && form !== 'profile') return 'Expected `as` to be recording or profile.';
  return { durationMs: seconds * 1000, intervalUs: Math.round(intervalMs * 1000), threads, isRead: form === 'profile' };
}

/** A range such as `1790000000-1790000060`, in seconds since the Unix epoch. */
export function readRange(url: string | undefined, name: string): PageRange | string {
  const [, from, to] = /^(\d{1,12})-(\d{1,12})$/.exec(queryOf(url).get(name) ?? '') ?? [];
  const [fromS, toS] = [Number(from), Number(to)];
  return fromS <= toS
    ? { fromS, toS }
    : `Expected \`${name}\` to be two times in seconds, such as 1790000000-1790000060.`;
}

interface Bounds {
  readonly least: number;
  readonly most: number;
  readonly usual: number;
}

function readNumber(url: string | undefined, name: string, { least, most, usual }: Bounds): number | string {
  const text = queryOf(url).get(name);
  if (text === null) return usual;
  const value = /^\d{1,6}(\.\d{1,6})?$/.test(text) ? Number(text) : Number.NaN;
  return value >= least && value <= most ? value : `Expected \`${name}\` to be a number from ${least} to ${most}.`;
}

function queryOf(url = ''): URLSearchParams {
  const at = url.indexOf('?');
  return new URLSearchParams(at === -1 ? '' : url.slice(at + 1));
}
