// The HTTP or HTTPS server that our routes run on, within limits that do not depend on how the process was started.
import { createServer, type Server, type ServerResponse } from 'node:http';
import { boundConnections } from './bound-connections.js';
import type { Guard } from './guard.js';
import type { ServerLimits } from './limits.js';
import { secureContextOptions } from './tls-check.js';

/** How often Node looks for headers that are late. */
const CHECK_EVERY_MS = 1_000;

/** Creates the server, with TLS where the guard has it; it does not listen yet. */
export function createLimitedServer(limits: ServerLimits, guard: Guard | undefined): Server {
  const options = {
    maxHeaderSize: limits.maxHeaderBytes,
    headersTimeout: limits.headersMs,
    requestTimeout: limits.requestMs,
    keepAliveTimeout: limits.keepAliveMs,
    connectionsCheckingInterval: CHECK_EVERY_MS,
    // Whatever the application's own servers are told to take with --insecure-http-parser.
    insecureHTTPParser: false,
    requireHostHeader: true,
  };
  const server = guard?.tls === undefined ? createServer(options) : createSecureServer(options, limits, guard);
  server.timeout = limits.idleMs;
  boundConnections(server, limits);
  // Nobody is told to go on with a body that would not be read.
  const refuse = (_request: unknown, response: ServerResponse) => {
    response.shouldKeepAlive = false;
    response.writeHead(417, { 'Content-Length': 0 });
    response.end();
  };
  server.on('checkContinue', refuse);
  server.on('checkExpectation', refuse);
  return server;
}

function createSecureServer(options: object, limits: ServerLimits, guard: Guard): Server {
  const https = process.getBuiltinModule('node:https');
  let applied = guard.tls;
  const mutual = applied?.clientCa !== undefined;
  const server = https.createServer({
    ...options,
    ...(applied === undefined ? {} : secureContextOptions(applied)),
    handshakeTimeout: limits.handshakeMs,
    requestCert: mutual,
    rejectUnauthorized: mutual,
  });
  const apply = () => {
    guard.refresh();
    const { tls } = guard;
    if (tls === undefined || tls === applied) return;
    const isOthers = tls.clientCa !== applied?.clientCa;
    applied = tls;
    server.setSecureContext(secureContextOptions(tls));
    // Who was let in by certificates that no longer count has to show another one.
    if (isOthers) server.closeAllConnections();
  };
  // Before the handshake: the certificate that it shows must be the newest.
  server.prependListener('connection', apply);
  server.prependListener('request', apply);
  // It has all of an HTTP server that is used here.
  return server as unknown as Server;
}
