// A connection to a server through a proxy that does not see what is said.
import { isIP, type Socket } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import { printable } from '../status/wording.js';
import { credentialsFor, describeRefusal, placeOf, senderTo } from './proxy-server.js';
import { UnreadableData } from './unreadable.js';

/** A client's certificate and its key, PEM. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** Opens a TLS connection to the server of `url` through `proxy`. Rejects with UnreadableData, or an error of the network. */
export async function openTunnel(
  url: URL,
  proxy: URL,
  certificate: Certificate | undefined,
  signal: AbortSignal,
): Promise<TLSSocket> {
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const target = `${url.hostname}:${url.port === '' ? 443 : url.port}`;
  const through = await new Promise<Socket>((resolve, reject) => {
    const headers = { host: target, ...credentialsFor(proxy) };
    const request = senderTo(proxy)({ ...placeOf(proxy), method: 'CONNECT', path: target, headers, signal });
    const refuse = (status: number | undefined) =>
      reject(new UnreadableData(describeRefusal(proxy, status, `connect to ${printable(target, 200)}`)));
    request.on('error', reject);
    request.on('connect', ({ statusCode }, socket: Socket) => {
      if (statusCode === 200) return resolve(socket);
      socket.destroy();
      refuse(statusCode);
    });
    request.on('response', (response) => {
      response.destroy();
      refuse(response.statusCode);
    });
    request.end();
  });
  return await new Promise<TLSSocket>((resolve, reject) => {
    const name = isIP(host) === 0 ? { servername: host } : {};
    const socket = connect({ socket: through, host, ...name, ALPNProtocols: ['http/1.1'], ...certificate });
    const end = () => socket.destroy(new Error('aborted'));
    signal.addEventListener('abort', end, { once: true });
    if (signal.aborted) end();
    // It stays for good: whoever uses the socket may not listen yet.
    socket.on('error', reject);
    socket.once('secureConnect', () => {
      signal.removeEventListener('abort', end);
      resolve(socket);
    });
  });
}
