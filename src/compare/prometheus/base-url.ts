// The place of a Prometheus, or of what speaks its API: below a path, behind a proxy, with parameters of its own.
import { shownGivenUrl } from '../../http/given-url.js';

/**
 * The URL that a person means by `localhost:9090`, or by a URL with a path prefix or with the API's own path. Throws a
 * TypeError that quotes what was given when it is none of these.
 *
 * @example
 * ```ts
 * prometheusUrl('localhost:9090/prometheus/').href; // http://localhost:9090/prometheus/api/v1/
 * ```
 */
export function prometheusUrl(given: string): URL {
  const text = given.includes('://') ? given : `http://${given}`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || given.trim() === '') {
    throw new TypeError(`Expected \`--prometheus\` to be an http URL or host:port, got "${shownGivenUrl(given)}"`);
  }
  url.hash = '';
  url.pathname = `${url.pathname.replace(/\/+$/, '').replace(/\/api\/v1$/, '')}/api/v1/`;
  return url;
}
