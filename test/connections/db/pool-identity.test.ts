// The attributes of pools: names by the conventions, nothing that tells who connects, and a bounded number of them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { joinPools, leavePools, POOL_NAME_LIMIT } from '../../../instrumentations/connections/db/pool-groups.js';
import {
  type PoolIdentity,
  poolAttributes,
  serverName,
} from '../../../instrumentations/connections/db/pool-identity.js';
import { waitsOnServer } from '../../../instrumentations/connections/db/redis-commands.js';

const POSTGRES = { system: 'postgresql', defaultPort: 5432 } as const;

const CASES: readonly (readonly [identity: PoolIdentity, attributes: object])[] = [
  [
    { ...POSTGRES, namespace: 'shop', address: 'db.example', port: 5432 },
    { 'pool.name': 'shop', 'db.system.name': 'postgresql', 'db.namespace': 'shop', 'server.address': 'db.example' },
  ],
  [
    { ...POSTGRES, address: 'db.example', port: '6432' },
    {
      'pool.name': 'db.example:6432',
      'db.system.name': 'postgresql',
      'server.address': 'db.example',
      'server.port': 6432,
    },
  ],
  [
    { ...POSTGRES, address: '::1', port: 5432 },
    { 'pool.name': '[::1]:5432', 'db.system.name': 'postgresql', 'server.address': '::1' },
  ],
  [
    { ...POSTGRES, address: '/run/postgresql' },
    { 'pool.name': '/run/postgresql', 'db.system.name': 'postgresql', 'server.address': '/run/postgresql' },
  ],
  [POSTGRES, { 'pool.name': 'postgresql', 'db.system.name': 'postgresql' }],
  [{ name: 'src/pool.ts' }, { 'pool.name': 'src/pool.ts' }],
  [{ namespace: { toString: () => 'secret' }, address: 7, port: Number.NaN }, { 'pool.name': 'unknown' }],
  [{ namespace: 'x'.repeat(300) }, { 'pool.name': 'unknown' }],
];

for (const [identity, attributes] of CASES) {
  test(`the attributes of ${JSON.stringify(identity).slice(0, 80)}`, () => {
    const { 'db.client.connection.pool.name': name, ...rest } = poolAttributes(identity);
    assert.deepEqual({ 'pool.name': name, ...rest }, attributes);
  });
}

test('a server is named by its host and port', () => {
  assert.equal(serverName('127.0.0.1', 6379), '127.0.0.1:6379');
  assert.equal(serverName('/run/redis.sock', undefined), '/run/redis.sock');
  assert.equal(serverName(undefined, 6379), undefined);
});

test('pools beyond the limit share one set of series, until one of the others has gone', () => {
  const named = (name: string) => joinPools({ 'db.client.connection.pool.name': name }, []);
  const all = Array.from({ length: POOL_NAME_LIMIT }, (_, index) => named(`pool-${index}`));
  assert.equal(new Set(all).size, POOL_NAME_LIMIT);
  const other = named('one too many');
  assert.deepEqual(other.attributes, { 'db.client.connection.pool.name': 'other' });
  assert.equal(named('another'), other);
  assert.equal(named('pool-1'), all[1]);
  for (const series of [...all, other, other]) leavePools(series);
  assert.deepEqual(named('one too many').attributes, { 'db.client.connection.pool.name': 'one too many' });
});

test('commands that wait on the server because they are asked to are no work, also after many others', () => {
  const assertAll = () => {
    assert.equal(waitsOnServer('BLPOP', ['BLPOP', 'queue', '0']), true);
    assert.equal(waitsOnServer('xreadgroup', ['GROUP', 'a', 'b', 'BLOCK', '0', 'STREAMS', 's', '>']), true);
    assert.equal(waitsOnServer('XREAD', ['XREAD', 'STREAMS', 's', '0']), false);
    assert.equal(waitsOnServer('get', ['key']), false);
  };
  assertAll();
  for (let index = 0; index < 1000; index++) assert.equal(waitsOnServer(`module.command${index}`, []), false);
  assertAll();
  // Neither was seen before.
  assert.equal(waitsOnServer('BrPop', ['queue', '0']), true);
  assert.equal(waitsOnServer('xRead', ['block', '0', 'STREAMS', 's', '0']), true);
});
