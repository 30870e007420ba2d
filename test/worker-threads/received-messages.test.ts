import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { MessageChannel } from 'node:worker_threads';
import { publicPortOf, watchReceived } from '../../instrumentations/worker-threads/received-messages.js';

test('each message of a port is told of once, and is handed out as it is', async (t) => {
  const { port1, port2 } = new MessageChannel();
  t.after(() => port1.close());
  const told: boolean[] = [];
  const undo = watchReceived(port1, (isReadable) => void told.push(isReadable)) ?? assert.fail('no such place');
  assert.equal(port1.listenerCount('message'), 0);
  assert.equal((port1 as unknown as { hasRef(): boolean }).hasRef(), false, 'nothing of ours keeps a thread alive');
  const first = once(port1, 'message');
  port2.postMessage('one');
  assert.deepEqual(await first, ['one']);
  assert.deepEqual(told, [true]);

  // As Node hands out a message that it cannot read.
  const failure = once(port1, 'messageerror');
  const error = new Error('unreadable');
  const dispatch = Object.getOwnPropertySymbols(port1).find(({ description }) =>
    description?.includes('HybridDispatch'),
  );
  Reflect.get(port1, dispatch ?? assert.fail('ours')).call(port1, error, 'messageerror');
  assert.deepEqual(await failure, [error]);
  assert.deepEqual(told, [true, false]);

  undo();
  assert.deepEqual(
    Reflect.ownKeys(port1).filter((key) => String(key).includes('kHybridDispatch')),
    [],
  );
  const second = once(port1, 'message');
  port2.postMessage('two');
  assert.deepEqual(await second, ['two']);
  assert.equal(told.length, 2);
});

test('what is told of a message may fail; the message arrives', async (t) => {
  const { port1, port2 } = new MessageChannel();
  t.after(() => port1.close());
  watchReceived(port1, () => {
    throw new Error('expected by the test');
  });
  const message = once(port1, 'message');
  port2.postMessage('one');
  assert.deepEqual(await message, ['one']);
});

test('where there is no such place, nothing is changed', () => {
  const other = {};
  assert.equal(
    watchReceived(other, () => {}),
    undefined,
  );
  assert.deepEqual(Reflect.ownKeys(other), []);
  assert.equal(publicPortOf(other), undefined);
});
