// Load for one server at a time: raw sockets that send the next request when the answer to the last one is there.
import { connect } from 'node:net';
import { answerWith } from './answer.mjs';

const REQUEST = 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n';
const LAST_REQUEST = 'GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n';
const LAST_BYTE_OF_ANSWER = 'k'.charCodeAt(0);

answerWith({
  /** Sends `requests` over `connections`; returns how long that took. */
  run: async ({ port, requests, connections, keepAlive = true }) => {
    const startMs = performance.now();
    let left = requests;
    const take = () => left-- > 0;
    const one = keepAlive ? overOneConnection : overManyConnections;
    await Promise.all(Array.from({ length: connections }, () => one(port, take)));
    return { seconds: (performance.now() - startMs) / 1000 };
  },
});

function overOneConnection(port, take) {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    const next = () => (take() ? socket.write(REQUEST) : socket.end());
    socket.on('connect', next);
    socket.on('data', (data) => {
      if (data[data.length - 1] === LAST_BYTE_OF_ANSWER) next();
    });
    socket.on('error', reject);
    socket.on('close', resolve);
  });
}

async function overManyConnections(port, take) {
  while (take()) {
    await new Promise((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1', noDelay: true });
      socket.on('connect', () => socket.write(LAST_REQUEST));
      socket.on('data', () => {});
      socket.on('error', reject);
      socket.on('close', resolve);
    });
  }
}
