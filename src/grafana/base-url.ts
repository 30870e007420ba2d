// The place of a Grafana: also below a path, and behind a proxy.
import { shownGivenUrl } from '../http/given-url.js';

/**
 * The URL that a person means by `localhost:3000`, or by a URL with a path prefix; it ends in a slash. Throws a TypeError
 * that quotes what was given when it is none of these.
 *
 * @example
 * ```ts
 * grafanaUrl('https://example.com/grafana').href; // https://example.com/grafana/
 * ```
 */
export function grafanaUrl(given: string): URL {
  const text = given.includes('://') ? given.trim() : `http://${given.trim()}`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || given.trim() === '' || url.search !== '') {
    throw new TypeError(
      `Expected \`--grafana\` to be an http URL or host:port without a query, got "${shownGivenUrl(given)}"`,
    );
  }
  url.hash = '';
  url.pathname = `${url.pathname.replace(/\/+$/, '').replace(/\/api$/, '')}/`;
  return url;
}
