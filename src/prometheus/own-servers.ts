// Marks servers of our own, so that the HTTP instrumentation does not count scrapes as requests of the application.

// On the server itself and by a registered symbol: the ES and CommonJS copies of the package must agree.
const OWN = Symbol.for('loopsight.own');

/** Marks `server` as ours. */
export function markOwnServer(server: object): void {
  Object.defineProperty(server, OWN, { value: true });
}

/** Whether any copy of the package has marked `server`; false for everything that is no object. */
export function isOwnServer(server: unknown): boolean {
  return typeof server === 'object' && server !== null && (server as { readonly [OWN]?: unknown })[OWN] === true;
}
