import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRecord, encodeSave } from '../../demo/history-encoding.js';

const records = Array.from({ length: 1000 }, (_, id) => createRecord(id, 'web-1', new Date(0)));

/**
 * CPU time of ten saves in microseconds; unlike elapsed time it leaves out what else the machine does. That of the compiler and
 * of the collector of garbage, which have threads of their own, is in some rounds and not in all.
 */
function cpuOfSaves(version: 1 | 2): number {
  const rounds = Array.from({ length: 5 }, () => {
    const before = process.cpuUsage();
    for (let save = 0; save < 10; save++) encodeSave(version, records);
    return process.cpuUsage(before).user;
  });
  return Math.min(...rounds);
}

test('a save of version 1 writes one record, however long the history is', () => {
  assert.equal(encodeSave(1, records), encodeSave(1, records.slice(-1)));
});

test('a save of version 2 writes the whole history: at least five times the CPU time of version 1', () => {
  assert.ok(encodeSave(2, records).length > 500 * encodeSave(1, records).length);
  const [first, second] = [cpuOfSaves(1), cpuOfSaves(2)];
  assert.ok(second >= 5 * Math.max(first, 1), `version 1: ${first} us, version 2: ${second} us`);
});
