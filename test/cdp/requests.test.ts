import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CdpError } from '../../src/cdp/connection.js';
import { createConnection } from '../../src/cdp/requests.js';
import { nameOf } from '../../src/cdp/worker-threads.js';

function carried() {
  const sent: string[] = [];
  const made = createConnection({ send: (message) => sent.push(message), close: () => sent.push('closed') });
  return { ...made, sent };
}

test('answers go to whom they are for, in any order', async () => {
  const { connection, receive, sent } = carried();
  const first = connection.post('A.one', { x: 1 });
  const second = connection.post('A.two');
  assert.deepEqual(sent, ['{"id":1,"method":"A.one","params":{"x":1}}', '{"id":2,"method":"A.two"}']);
  receive('{"id":2,"result":{"value":2}}');
  receive('{"id":1,"error":{"code":-32000,"message":"is not allowed"}}');
  assert.deepEqual(await second, { value: 2 });
  await assert.rejects(first, { name: 'CdpError', message: 'A.one: is not allowed' });
});

test('events go to their listeners, until these are taken back', () => {
  const { connection, receive } = carried();
  const seen: unknown[] = [];
  const undo = connection.on('A.event', (params) => seen.push(params));
  receive('{"method":"A.event","params":{"n":1}}');
  receive('{"method":"B.event","params":{"n":2}}');
  undo();
  receive('{"method":"A.event","params":{"n":3}}');
  assert.deepEqual(seen, [{ n: 1 }]);
});

for (const text of ['no JSON', 'null', '[]', '7', '{}', '{"id":99,"result":{}}']) {
  test(`what is no message does no harm: ${text}`, () => carried().receive(text));
}

for (const how of ['close', 'end'] as const) {
  test(`requests under way and later ones fail after ${how}`, async () => {
    const { connection, end, sent } = carried();
    const asked = connection.post('A.one');
    if (how === 'close') connection.close();
    else end();
    connection.close();
    await assert.rejects(asked, CdpError);
    await assert.rejects(connection.post('A.two'), CdpError);
    await connection.closed;
    assert.equal(sent.includes('closed'), how === 'close');
  });
}

for (const [title, expected] of [
  ['[worker 3] pool', { threadId: 3, thread: 'pool' }],
  ['[worker 3] [worker 4]', { threadId: 3, thread: '[worker 4]' }],
  ['[worker 12]', { threadId: 12, thread: 'worker' }],
  ['[worker 1] WorkerThread', { threadId: 1, thread: 'worker' }],
  ['Worker 2', { threadId: 2, thread: 'worker' }],
] as const) {
  test(`a worker called "${title}"`, () => assert.deepEqual(nameOf(title), expected));
}
