// Which server a request of `node:http` goes to.
import type { ClientRequest } from 'node:http';
import { defaultPort, type Server, type ServerNames } from './servers.js';

type RequestWithSocketPath = ClientRequest & { readonly socketPath?: unknown };

/** The server of `request`, which its agent was asked to reach at `host` and `port`, where an agent was asked. */
export function serverOf(servers: ServerNames, request: RequestWithSocketPath, host?: unknown, port?: unknown): Server {
  // A path may name anything.
  if (typeof request.socketPath === 'string') return servers.of('unix', 0);
  const address = typeof host === 'string' ? host : request.host;
  return servers.of(typeof address === 'string' ? address : 'localhost', portOf(request, port));
}

function portOf(request: ClientRequest, port: unknown): number {
  const number = Number(port);
  if (Number.isInteger(number) && number > 0) return number;
  // Without an agent nobody tells the port but the header that Node wrote itself.
  const told = /:(\d{1,5})$/.exec(String(request.getHeader('host') ?? ''))?.[1];
  return told === undefined ? defaultPort(request.protocol) : Number(told);
}
