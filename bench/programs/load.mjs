// Load for one server at a time, over raw sockets: the next request on the answer to the last one, or at a fixed rate.
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
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
  /** Sends `perSecond` requests a second for `seconds` over `connections`; returns how long it took until all were answered. */
  pace: async ({ port, perSecond, seconds, connections }) => {
    const total = perSecond * seconds;
    const free = [];
    let answered = 0;
    const sockets = Array.from({ length: connections }, () => connect({ port, host: '127.0.0.1', noDelay: true }));
    await Promise.all(sockets.map((socket) => once(socket, 'connect')));
    for (const socket of sockets) {
      free.push(socket);
      socket.on('data', (data) => {
        if (data[data.length - 1] !== LAST_BYTE_OF_ANSWER) return;
        answered++;
        free.push(socket);
      });
    }
    const startMs = performance.now();
    for (let sent = 0; answered < total; await wait(1)) {
      const due = Math.min(total, ((performance.now() - startMs) / 1000) * perSecond);
      for (; sent < due && free.length > 0; sent++) free.shift().write(REQUEST);
    }
    const result = { seconds: (performance.now() - startMs) / 1000 };
    for (const socket of sockets) socket.destroy();
    return result;
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
