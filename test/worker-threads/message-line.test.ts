import assert from 'node:assert/strict';
import { test } from 'node:test';
import { claimSlot, createBoard, LINE, lineInts, MARK_COUNT, SLOT, slotInts } from '../../src/worker-board/memory.js';
import { messagesInFlight, openReceivingEnd, openSendingEnd } from '../../src/worker-board/message-line.js';

const THREAD = 7;

function openLine() {
  const board = createBoard({ lagProbeIntervalMs: 50, stallThresholdMs: 100, capture: false, wrapCalls: false });
  const slot = claimSlot(board, THREAD) ?? assert.fail('an empty board has room');
  const sending = openSendingEnd(board, slot, 0, THREAD);
  const inFlight = () => messagesInFlight(board, slot, 0);
  return { board, slot, sending, inFlight, receiving: () => openReceivingEnd(board, slot, 0, THREAD) };
}

test('messages are under way from their sending to their receipt, each for as long as it took', () => {
  const { sending, receiving, inFlight } = openLine();
  const end = receiving();
  assert.equal(inFlight(), 0);
  sending.sending(10);
  sending.sending(20);
  assert.equal(inFlight(), 2);
  assert.equal(end.received(25), 15);
  assert.equal(end.received(26), 6);
  assert.equal(inFlight(), 0);
  assert.ok(Number.isNaN(end.received(30)), 'nobody counted that one');
  sending.sending(40);
  assert.equal(end.received(41), 1);
});

test('how many are under way is not known while nobody receives, and what was sent before is not lost', () => {
  const { sending, receiving, inFlight } = openLine();
  sending.sending(10);
  assert.ok(Number.isNaN(inFlight()));
  const end = receiving();
  assert.equal(inFlight(), 1);
  assert.equal(end.received(15), 5);
  end.close();
  assert.ok(Number.isNaN(inFlight()));
});

test('a message that could not be sent is taken back', () => {
  const { sending, receiving, inFlight } = openLine();
  const end = receiving();
  sending.sending(10);
  sending.sending(20);
  sending.unsent();
  assert.equal(inFlight(), 1);
  sending.sending(30);
  assert.equal(end.received(31), 21);
  assert.equal(end.received(32), 2);
});

for (const [count, error] of [
  [MARK_COUNT / 2, 0],
  [1000, 15],
  [50_000, 255],
] as const) {
  test(`of ${count} messages under way each wait is known to ${error} of those before it`, () => {
    const { sending, receiving, inFlight } = openLine();
    const end = receiving();
    for (let sentMs = 0; sentMs < count; sentMs++) sending.sending(sentMs);
    assert.equal(inFlight(), count);
    let beyond = 0;
    for (let sentMs = 0; sentMs < count; sentMs++) {
      const waitMs = end.received(count);
      const longerMs = waitMs - (count - sentMs);
      assert.ok(longerMs >= 0, `message ${sentMs} is said to have waited ${-longerMs} ms less`);
      if (longerMs > error) beyond++;
    }
    // The last mark stands for all that come when there are no more.
    assert.ok(beyond === 0 || count > 16_384, `${beyond} of ${count}`);
    assert.equal(inFlight(), 0);
    // And everything is exact again.
    sending.sending(100_000);
    assert.equal(end.received(100_003), 3);
  });
}

test('counts that wrap around 2 to the 32 stay right', () => {
  const { board, slot, sending, receiving, inFlight } = openLine();
  const end = receiving();
  const nearTheEnd = 2 ** 31 - 3;
  for (const field of [LINE.sent, LINE.received, LINE.written, LINE.read]) {
    board.ints[lineInts(slot, 0) + field] = nearTheEnd;
  }
  for (let sentMs = 0; sentMs < 10; sentMs++) sending.sending(sentMs);
  assert.equal(inFlight(), 10);
  for (let sentMs = 0; sentMs < 10; sentMs++) assert.equal(end.received(100), 100 - sentMs);
  assert.equal(inFlight(), 0);
});

test('the end of a thread whose place another has got writes nothing there', () => {
  const { board, slot, sending, receiving } = openLine();
  const end = receiving();
  sending.sending(1);
  board.ints[slotInts(slot) + SLOT.thread] = THREAD + 1;
  sending.sending(2);
  sending.unsent();
  assert.ok(Number.isNaN(end.received(3)));
  assert.equal(messagesInFlight(board, slot, 0), 1);
});
