// What listens for the end of a signal leaves nothing on it: a signal that has a listener may be kept for ever.
import assert from 'node:assert/strict';
import { EventEmitter, getEventListeners } from 'node:events';
import { describe, test } from 'node:test';
import { limitTask } from '../../../instrumentations/queues/libraries/limited-task.js';
import { whenAborted } from '../../../instrumentations/queues/libraries/when-aborted.js';

const SIGNALS = {
  'a signal of the web': () => {
    const aborter = new AbortController();
    return { signal: aborter.signal, abort: () => aborter.abort() };
  },
  'an emitter': () => {
    const signal = new EventEmitter();
    return { signal, abort: () => signal.emit('abort') };
  },
};

for (const [name, create] of Object.entries(SIGNALS)) {
  describe(name, () => {
    const listeners = (signal: EventTarget | EventEmitter) => getEventListeners(signal as EventEmitter, 'abort').length;

    test('one listener for all, which goes with the last', () => {
      const { signal, abort } = create();
      const called: number[] = [];
      const undos = [1, 2].map((one) => whenAborted(signal, () => called.push(one)));
      assert.equal(listeners(signal), 1);
      for (const undo of undos) undo?.();
      for (const undo of undos) undo?.();
      assert.equal(listeners(signal), 0);
      whenAborted(signal, () => called.push(3));
      whenAborted(signal, () => called.push(4))?.();
      abort();
      abort();
      assert.deepEqual(called, [3]);
      assert.equal(listeners(signal), 0);
    });

    test('a task that has ended leaves no listener', () => {
      const { signal } = create();
      const said: string[] = [];
      const calls = ['started', 'finished', 'failed', 'dropped'] as const;
      const inner = Object.fromEntries(calls.map((call) => [call, () => said.push(call)])) as never;
      for (const end of ['finished', 'failed', 'dropped'] as const) {
        const task = limitTask(inner, undefined, signal);
        task.started();
        assert.equal(listeners(signal), 1);
        task[end]();
        assert.equal(listeners(signal), 0, end);
      }
      assert.deepEqual(said, ['started', 'finished', 'started', 'failed', 'started', 'dropped']);
    });
  });
}

test('what is no signal, or throws, is left alone', () => {
  class Broken extends EventTarget {
    override addEventListener(): void {
      throw new Error('broken');
    }
  }
  for (const signal of [undefined, null, 1, {}, () => {}, new Broken()]) {
    assert.equal(
      whenAborted(signal, () => assert.fail()),
      undefined,
    );
  }
});
