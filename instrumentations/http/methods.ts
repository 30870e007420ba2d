// http.request.method: only known methods become attribute values, because a client can send any word.

/** The value for every method that is not known. */
export const OTHER_METHOD = '_OTHER';

/** RFC 9110, PATCH of RFC 5789 and QUERY, as in the semantic conventions. */
const KNOWN_METHODS = ['CONNECT', 'DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT', 'QUERY', 'TRACE'];

const VARIABLE = 'OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS';

/** The known methods; `OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS` replaces the list, as the semantic conventions ask. */
export function knownMethods(environment: Readonly<Record<string, string | undefined>>): ReadonlySet<string> {
  const given = (environment[VARIABLE] ?? '')
    .split(',')
    .map((method) => method.trim())
    .filter((method) => method !== '');
  return new Set(given.length > 0 ? given : KNOWN_METHODS);
}
