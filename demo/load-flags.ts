// The flags of the load generator, read into a complete object.
import { isIPv4 } from 'node:net';
import { parseNumber, readFlags } from './flag-values.js';

export interface LoadFlags {
  /** The service; never anything but a loopback address. */
  readonly url: URL;
  readonly ratePerS: number;
  readonly durationS: number;
  /** Requests that may be under way; arrivals beyond them are skipped. */
  readonly maxInFlight: number;
  /** Whether to print one line of figures at the end. */
  readonly report: boolean;
}

/** Reads the generator's flags; throws a TypeError that quotes name, bound and value of the first bad one. */
export function parseLoadFlags(args: readonly string[]): LoadFlags {
  const flags = readFlags(args, {
    url: { type: 'string', default: 'http://127.0.0.1:8080' },
    rate: { type: 'string', default: '25' },
    duration: { type: 'string' },
    'max-in-flight': { type: 'string', default: '64' },
    report: { type: 'boolean', default: false },
  });
  return {
    url: parseLoopbackUrl(flags.url),
    ratePerS: parseNumber('--rate', flags.rate, { minimum: 0.1, maximum: 1000 }),
    durationS:
      flags.duration === undefined
        ? Number.POSITIVE_INFINITY
        : parseNumber('--duration', flags.duration, { minimum: 0.1, maximum: 86_400 }),
    maxInFlight: parseNumber('--max-in-flight', flags['max-in-flight'], { minimum: 1, maximum: 1000, integer: true }),
    report: flags.report,
  };
}

function parseLoopbackUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'http:' || !isLoopback(url.hostname)) {
    throw new TypeError(
      `Expected --url to be an http URL on this machine (127.0.0.1, [::1] or localhost), got "${text}"`,
    );
  }
  return url;
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || (isIPv4(hostname) && hostname.startsWith('127.'));
}
