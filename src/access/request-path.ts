// What of the server a request is for.

/**
 * The path of a request's target, without its query. A target may be a whole address (RFC 9112, 3.2.2), as it is written to
 * proxies; of which server is no matter, because there is but this one. Nothing is decoded: other spellings are other paths.
 */
export function requestPath(target = ''): string {
  const [path = ''] = target.replace(/^https?:\/\/[^/?#]+/i, '').split('?', 1);
  return path === '' ? '/' : path;
}
