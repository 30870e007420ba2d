// Which requests run and which wait, by the rules of libuv, and how many threads there are.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  createPoolRequests,
  laneSize,
  type PoolRequest,
  type PoolWork,
} from '../../instrumentations/thread-pool/pool-requests.js';
import { poolSize } from '../../instrumentations/thread-pool/pool-size.js';

const CASES: readonly {
  readonly name: string;
  readonly begun: readonly PoolWork[];
  readonly size?: number;
  readonly running: number;
  readonly waiting: Readonly<Partial<Record<PoolWork, number>>>;
}[] = [
  { name: 'nothing', begun: [], running: 0, waiting: {} },
  { name: 'fewer than there are threads', begun: ['fs', 'crypto'], running: 2, waiting: { fs: 0, crypto: 0 } },
  { name: 'twenty of one kind', begun: Array(20).fill('crypto'), running: 4, waiting: { crypto: 16 } },
  { name: 'look-ups take half of the threads', begun: Array(20).fill('dns'), running: 2, waiting: { dns: 18 } },
  { name: 'the larger half of three threads', begun: Array(20).fill('dns'), size: 3, running: 2, waiting: { dns: 18 } },
  { name: 'all of one thread', begun: ['dns', 'dns', 'fs'], size: 1, running: 1, waiting: { dns: 1, fs: 1 } },
  {
    name: 'others pass look-ups that wait',
    begun: [...Array(10).fill('dns'), 'fs', 'fs', 'fs'],
    running: 4,
    waiting: { dns: 8, fs: 1 },
  },
  {
    name: 'look-ups do not pass others',
    begun: ['zlib', 'zlib', 'zlib', 'zlib', 'dns'],
    running: 4,
    waiting: { zlib: 0, dns: 1 },
  },
  {
    name: 'in the order of their beginning',
    begun: ['fs', 'crypto', 'dns', 'fs', 'crypto', 'dns'],
    running: 4,
    waiting: { fs: 0, crypto: 1, dns: 1 },
  },
];

for (const { name, begun, size = 4, running, waiting } of CASES) {
  test(`requests: ${name}`, () => {
    const requests = createPoolRequests();
    for (const work of begun) requests.begin(work);
    const reading = requests.read(size);
    assert.equal(reading.running, running);
    assert.deepEqual(Object.fromEntries(reading.waiting), waiting);
  });
}

test('those that wait move up when others end, and end only once', () => {
  const requests = createPoolRequests();
  const begun = Array.from({ length: 6 }, (): PoolRequest => requests.begin('crypto'));
  for (const request of [...begun.slice(0, 1), ...begun.slice(0, 1)]) requests.end(request);
  assert.deepEqual([requests.read(4).running, Object.fromEntries(requests.read(4).waiting)], [4, { crypto: 1 }]);
  for (const request of begun) requests.end(request);
  assert.deepEqual([requests.read(4).running, Object.fromEntries(requests.read(4).waiting)], [0, { crypto: 0 }]);
});

test('each beginning is told with its kind', () => {
  const told: PoolWork[] = [];
  const requests = createPoolRequests((work) => told.push(work));
  for (const work of ['fs', 'dns', 'fs'] as const) requests.begin(work);
  assert.deepEqual(told, ['fs', 'dns', 'fs']);
});

for (const [size, slow] of [
  [1, 1],
  [2, 1],
  [3, 2],
  [4, 2],
  [128, 64],
] as const) {
  test(`a pool of ${size} threads lends ${slow} to look-ups`, () => {
    assert.deepEqual([laneSize('default', size), laneSize('slow_io', size)], [size, slow]);
  });
}

for (const [variable, size] of [
  [undefined, 4],
  ['8', 8],
  ['0', 1],
  ['', 1],
  ['many', 1],
  ['16 threads', 16],
  ['5000', 1024],
  ['-1', 1024],
] as const) {
  test(`UV_THREADPOOL_SIZE=${variable} is a pool of ${size}`, () => assert.equal(poolSize(variable), size));
}
