// The table of calls under way, as the observer reads it.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import {
  closeLiveCall,
  functionIdOf,
  NO_CALL,
  noteSegment,
  openLiveCall,
  startLiveCalls,
} from '../../src/live-calls/live-calls.js';
import { HEAD_NUMBER, NAMES, openLiveMemory, PLACES, readName, writeName } from '../../src/live-calls/live-memory.js';
import {
  noteCut,
  noteMeasured,
  noteOffloaded,
  noteOwn,
  noteTurn,
  noteWake,
  noteWhere,
  whenWhereIsWanted,
} from '../../src/live-calls/live-notes.js';
import { whereNow } from '../../src/live-calls/where.js';
import { readTasks } from '../../src/tasks/read-tasks.js';

let live: ReturnType<typeof startLiveCalls>;
let open: number[] = [];
beforeEach(() => {
  live = startLiveCalls();
});
afterEach(() => {
  for (const call of open) closeLiveCall(call);
  open = [];
  live.stop();
});

function begin(name: string, startMs: number, parent = NO_CALL, idleMs?: number): number {
  const call = openLiveCall(functionIdOf(name), startMs, parent, idleMs);
  open.push(call);
  return call;
}

const readAt = (nowMs: number) =>
  readTasks(live.memory, { nowMs, hasSlept: false, root: process.cwd(), mapped: (frame) => frame });
const tasksAt = (nowMs: number) => readAt(nowMs).tasks;

describe('a live call', () => {
  test('is shown until it ends, the oldest one first', () => {
    const younger = begin('younger', 200);
    begin('older', 100);
    assert.deepEqual(
      tasksAt(300).map(({ name, ageMs, state }) => [name, ageMs, state]),
      [
        ['older', 200, 'running'],
        ['younger', 100, 'running'],
      ],
    );
    closeLiveCall(younger);
    assert.deepEqual(
      tasksAt(300).map(({ name }) => name),
      ['older'],
    );
  });

  test('has the time of its first stretch for its own, and no more is claimed', () => {
    noteTurn(50, 100);
    const call = begin('load', 100, NO_CALL, 50);
    assert.deepEqual(
      tasksAt(130).map(({ ownMs, inStateMs, idleMs }) => [ownMs, inStateMs, idleMs]),
      [[30, 30, 0]],
    );
    noteSegment(call, 30, false, 130);
    noteTurn(90, 200);
    const [task] = tasksAt(200);
    assert.deepEqual(
      [task?.state, task?.isMeasured, task?.ownMs, task?.othersMs, task?.idleMs, task?.inStateMs],
      ['pending', false, 30, undefined, 40, 70],
    );
  });

  test('has its first stretch for its own where nobody accounts for its time', () => {
    const call = begin('load', 100);
    noteSegment(call, 0, false, 130);
    assert.deepEqual(
      tasksAt(200).map(({ state, ownMs }) => [state, ownMs]),
      [['pending', 30]],
    );
    // A generator goes on, and gives its next value.
    noteSegment(call, 0, true, 200);
    noteSegment(call, 0, false, 210);
    assert.equal(tasksAt(300)[0]?.ownMs, 40);
  });

  test('that is measured is told exactly', () => {
    noteTurn(0, 100);
    const call = begin('load', 100, NO_CALL, 0);
    noteMeasured(call);
    noteSegment(call, 10, false, 110);
    noteWake(call, false);
    noteSegment(call, 10, true, 160);
    noteOffloaded(call, 25);
    noteTurn(30, 160);
    const [task] = tasksAt(165);
    assert.deepEqual(
      [task?.state, task?.ownMs, task?.othersMs, task?.idleMs, task?.offloadedMs, task?.wakes],
      ['running', 15, 20, 30, 25, { all: 1, own: 0 }],
    );
    noteSegment(call, 15, false, 165);
    assert.equal(tasksAt(170)[0]?.state, 'waiting');
    noteCut(call);
    const [cut] = tasksAt(170);
    assert.deepEqual([cut?.state, cut?.isMeasured, cut?.ownMs, cut?.wakes], ['pending', false, 15, undefined]);
  });

  test('knows what made it, and when that ended', () => {
    const parent = begin('parent', 100);
    const child = begin('child', 110, parent);
    assert.deepEqual(tasksAt(200)[1]?.parent, { id: parent, name: 'parent' });
    closeLiveCall(parent, 150);
    // Another one may take its place.
    const next = begin('next', 160);
    assert.deepEqual(tasksAt(200)[0]?.parent, { name: 'parent', endedMs: 50 });
    closeLiveCall(child);
    const again = begin('again', 165, next);
    assert.deepEqual(tasksAt(200).find(({ id }) => id === again)?.parent, { id: next, name: 'next' });
    const late = begin('late', 170, parent);
    assert.equal(tasksAt(200).find(({ id }) => id === late)?.parent, undefined);
  });

  test('that is measured runs while one that it made does', () => {
    noteTurn(0, 100);
    const [outer, other] = [begin('outer', 100, NO_CALL, 0), begin('other', 101, NO_CALL, 0)];
    const inner = begin('inner', 110, outer, 0);
    for (const call of [outer, other, inner]) noteMeasured(call);
    for (const call of [outer, other]) noteSegment(call, 10, false, 110);
    const states = () => tasksAt(1200).map(({ name, state, ownMs, inStateMs }) => [name, state, ownMs, inStateMs]);
    assert.deepEqual(states(), [
      ['outer', 'running', 1100, 1090],
      ['other', 'waiting', 10, 1090],
      ['inner', 'running', 1090, 1090],
    ]);
    assert.deepEqual(
      tasksAt(1200).map(({ lints }) => lints),
      [['never_yielded'], [], ['never_yielded']],
    );
    // Its time is written when it yields, and is that of the outer one.
    noteSegment(inner, 90, false, 200);
    noteOwn(outer, 100);
    assert.deepEqual(states(), [
      ['outer', 'waiting', 100, 1090],
      ['other', 'waiting', 10, 1090],
      ['inner', 'waiting', 90, 1000],
    ]);
  });

  test('ends once, whoever has taken its place meanwhile', () => {
    const first = begin('first', 1);
    closeLiveCall(first);
    const second = begin('second', 2);
    assert.notEqual(second, first);
    closeLiveCall(first);
    noteSegment(first, 9, false, 9);
    noteWake(first, true);
    noteMeasured(first);
    const [task] = tasksAt(3);
    assert.deepEqual([task?.name, task?.ownMs, task?.isMeasured], ['second', 1, false]);
  });

  test('that finds no room is counted', () => {
    const calls = Array.from({ length: PLACES + 3 }, (_, index) => begin('many', index));
    assert.deepEqual([tasksAt(5000).length, readAt(5000).hidden], [PLACES, 3]);
    assert.equal(new Set(tasksAt(5000).map(({ id }) => id)).size, PLACES);
    for (const call of calls) closeLiveCall(call);
    assert.deepEqual([tasksAt(5000).length, readAt(5000).hidden], [0, 0]);
    begin('again', 1);
    assert.equal(tasksAt(5000).length, 1);
  });

  test('is not written while nobody would show it, and one of before leaves', () => {
    const before = begin('before', 1);
    live.stop();
    assert.equal(begin('off', 2), NO_CALL);
    assert.equal(readAt(3).isOn, false);
    closeLiveCall(before);
    live = startLiveCalls();
    assert.deepEqual(tasksAt(3), []);
  });
});

describe('where a call waits', () => {
  test('is told of at each turn for as long as the observer wants to know', () => {
    const told: number[] = [];
    const undo = whenWhereIsWanted((forMs) => told.push(forMs));
    const { headNumbers } = live.memory;
    noteTurn(0, 100);
    headNumbers[HEAD_NUMBER.whereUntil] = 500;
    noteTurn(0, 200);
    noteTurn(0, 300);
    headNumbers[HEAD_NUMBER.whereUntil] = 900;
    noteTurn(0, 400);
    undo();
    headNumbers[HEAD_NUMBER.whereUntil] = 1000;
    noteTurn(0, 500);
    assert.deepEqual(told, [300, 200, 500]);
    headNumbers[HEAD_NUMBER.whereUntil] = 0;
  });

  test('is not claimed any more once the call is not measured', () => {
    const call = begin('load', 1);
    noteMeasured(call);
    noteWhere(call, JSON.stringify(['load', `${process.cwd()}/load.js`, 3, 1, false]));
    assert.deepEqual(tasksAt(2)[0]?.where, { function: 'load', file: 'load.js', line: 3, column: 1 });
    noteCut(call);
    assert.equal(tasksAt(3)[0]?.where, undefined);
  });

  test('is the innermost place of the application', () => {
    const call = begin('here', 1);
    function loadUser(): void {
      (function hook() {
        noteWhere(call, whereNow(hook) ?? '');
      })();
    }
    loadUser();
    const where = tasksAt(2)[0]?.where;
    assert.deepEqual([where?.function, where?.file], ['loadUser', 'test/live-calls/live-calls.test.ts']);
    assert.ok((where?.line ?? 0) > 0);
  });
});

describe('names', () => {
  test('of any letters cross', () => {
    const memory = openLiveMemory();
    const names = ['a', 'größe', '読む', '🙂'];
    const numbers = names.map((name) => writeName(memory, name));
    const other = openLiveMemory(memory.buffer);
    assert.deepEqual(
      numbers.map((number) => readName(other, number)),
      names,
    );
    assert.equal(readName(other, 0), undefined);
    assert.equal(readName(other, 99), undefined);
  });

  test('are cut when they are long, and no more are kept than there is room for', () => {
    const memory = openLiveMemory();
    const long = writeName(memory, 'x'.repeat(5000));
    assert.match(readName(memory, long) ?? '', /^x{600}$/);
    for (let index = 0; index < 2 * NAMES; index++) writeName(memory, 'y'.repeat(200));
    assert.equal(writeName(memory, 'z'), 0);
    assert.equal(readName(memory, 2), 'y'.repeat(200));
  });
});
