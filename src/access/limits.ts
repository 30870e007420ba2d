// What one client may take of the server: all of it bounded, so that a hostile or broken one leaves room for the scraper.

export interface ServerLimits {
  /** Of the request line and the headers together. */
  readonly maxHeaderBytes: number;
  /** For the headers, from the first byte or the connection on. */
  readonly headersMs: number;
  /** For the whole request. */
  readonly requestMs: number;
  /** Between requests of one connection: longer than the usual scrape interval of a minute, so that one serves all scrapes. */
  readonly keepAliveMs: number;
  /** For a connection in which nothing moves, also while an answer is written that nobody reads. */
  readonly idleMs: number;
  /** For a whole answer, however slowly it is read. */
  readonly answerMs: number;
  readonly handshakeMs: number;
  /** Beyond it the connection goes that has asked for nothing for the longest time. */
  readonly maxConnections: number;
  /** Answers under way at the same time; further requests get 503. */
  readonly maxAnswers: number;
  readonly maxRequestsPerConnection: number;
}

export const SERVER_LIMITS: ServerLimits = {
  maxHeaderBytes: 16 * 1024,
  headersMs: 5_000,
  requestMs: 10_000,
  keepAliveMs: 75_000,
  // A collection of a slow SDK may take ten seconds.
  idleMs: 15_000,
  answerMs: 60_000,
  handshakeMs: 5_000,
  maxConnections: 256,
  maxAnswers: 8,
  maxRequestsPerConnection: 1_000,
};
