// The upgrade of an HTTP request to a WebSocket (RFC 6455, 4.2).
import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';

/** Why a request is not upgraded: what it is answered with. */
export interface Refusal {
  readonly status: 400 | 403 | 404 | 426 | 501 | 503;
  /** One sentence. */
  readonly reason: string;
}

const PHRASES: Readonly<Record<Refusal['status'], string>> = {
  400: 'Bad Request',
  403: 'Forbidden',
  404: 'Not Found',
  426: 'Upgrade Required',
  501: 'Not Implemented',
  503: 'Service Unavailable',
};

/** The protocol's own; it shows that whoever answers has understood. */
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** Why the request is none for a WebSocket; undefined where it is one. */
export function upgradeFlaw({ method, headers }: Pick<IncomingMessage, 'method' | 'headers'>): Refusal | undefined {
  const { upgrade = '', origin, 'sec-websocket-version': version, 'sec-websocket-key': key = '' } = headers;
  // Pages in browsers say where they are from, and have nothing to ask here.
  if (origin !== undefined) return { status: 403, reason: 'Web pages are not answered.' };
  // Whoever can do with HTTP/1.1, such as curl --http2, would be answered without that header.
  if (upgrade.toLowerCase() !== 'websocket') {
    return { status: 400, reason: 'HTTP/1.1 is upgraded to WebSockets alone; ask without the header Upgrade.' };
  }
  if (method !== 'GET' || !hasUpgrade(headers)) return { status: 400, reason: 'This is no WebSocket.' };
  if (version !== '13') return { status: 426, reason: 'The version of the WebSocket must be 13.' };
  const isKey = /^[A-Za-z0-9+/]{22}==$/.test(key);
  return isKey ? undefined : { status: 400, reason: 'The key of the WebSocket is none.' };
}

function hasUpgrade({ connection = '' }: IncomingHttpHeaders): boolean {
  return connection.split(',').some((word) => word.trim().toLowerCase() === 'upgrade');
}

/** Answers that the connection is a WebSocket from now on. */
export function acceptUpgrade({ headers }: Pick<IncomingMessage, 'headers'>, socket: Duplex): void {
  const accept = createHash('sha1').update(`${headers['sec-websocket-key']}${GUID}`).digest('base64');
  socket.write(
    ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade', `Sec-WebSocket-Accept: ${accept}`]
      .map((line) => `${line}\r\n`)
      .join('')
      .concat('\r\n'),
  );
}

/** Answers why not, and ends the connection. */
export function refuseUpgrade(socket: Duplex, { status, reason }: Refusal): void {
  const body = `${reason}\n`;
  const lines = [
    `HTTP/1.1 ${status} ${PHRASES[status]}`,
    'Connection: close',
    'Content-Type: text/plain; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...(status === 426 ? ['Sec-WebSocket-Version: 13'] : []),
  ];
  socket.end(`${lines.join('\r\n')}\r\n\r\n${body}`);
}
