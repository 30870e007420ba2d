// Requests at random (Poisson) moments, each over a connection of its own, and how long each waited for its answer.
import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { answerWith } from './answer.mjs';

const REQUEST = 'GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n';

answerWith({
  /** Sends requests for `durationMs`; returns the wait of each in milliseconds. */
  send: async ({ port, durationMs, meanMs }) => {
    const startMs = performance.now();
    const waits = [];
    for (let dueMs = 0; ; ) {
      dueMs += -meanMs * Math.log(1 - Math.random());
      if (dueMs >= durationMs) break;
      const leftMs = startMs + dueMs - performance.now();
      if (leftMs >= 1) await wait(leftMs);
      waits.push(request(port));
    }
    return Promise.all(waits);
  },
});

function request(port) {
  return new Promise((resolve, reject) => {
    const startMs = performance.now();
    const socket = connect({ port, host: '127.0.0.1', noDelay: true }, () => socket.write(REQUEST));
    socket.once('data', () => resolve(performance.now() - startMs));
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('Expected an answer, got the end of the connection')));
  });
}
