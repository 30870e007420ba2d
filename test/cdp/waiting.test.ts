import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { describe, it } from 'node:test';
import { abortedAfter, pause, within } from '../../src/cdp/waiting.js';

const NEVER = new Promise<never>(() => {});
const LONG_MS = 2 ** 31 - 1;

describe('waiting', () => {
  it('ends with the answer, whatever it is, and without one after its time', async () => {
    assert.equal(await within(Promise.resolve('answer'), LONG_MS), 'answer');
    await assert.rejects(within(Promise.reject(new Error('refused')), LONG_MS), /refused/);
    assert.equal(await within(NEVER, 1), undefined);
  });

  it('ends at once when a signal aborts, and leaves no listener behind', async () => {
    const [first, second] = [new AbortController(), new AbortController()];
    const waiting = pause(LONG_MS, first.signal, second.signal);
    second.abort();
    await waiting;
    await pause(LONG_MS, first.signal, second.signal);
    await pause(1, first.signal);
    for (const { signal } of [first, second]) assert.deepEqual(getEventListeners(signal, 'abort'), []);
  });

  it('knows the end of what lasts as a signal', async () => {
    assert.equal(abortedAfter(NEVER).aborted, false);
    await pause(LONG_MS, abortedAfter(Promise.resolve()));
  });
});
