// Which of the loaded modules are prom-clients with a registry to serve.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { Registry, register } from 'prom-client';
import { createRegistrySearch } from '../../src/bridges/find-registries.js';

const moduleWith = (registry: unknown) => ({ exports: { register: registry } });

test('the default registry of a client that is loaded is found, also one that is imported', () => {
  assert.deepEqual(createRegistrySearch()(), [register]);
});

test('every copy is found, when it is there', () => {
  const [one, other, third] = [new Registry(), new Registry(), new Registry()];
  const cache: Record<string, { exports: unknown }> = { '/app/index.js': moduleWith(new Registry()) };
  const search = createRegistrySearch(cache);
  assert.deepEqual(search(), []);
  cache['/app/node_modules/prom-client/index.js'] = moduleWith(one);
  cache['C:\\app\\node_modules\\@prometheus-io\\client\\index.js'] = moduleWith(other);
  cache['/app/node_modules/.pnpm/prom-client@15.1.3/node_modules/prom-client/index.js'] = moduleWith(third);
  assert.deepEqual(search(), [one, other, third]);
});

test('what is no registry, and other files and packages, are not', () => {
  const broken = {
    '/app/node_modules/prom-client/lib/index.js': moduleWith(new Registry()),
    '/app/node_modules/not-prom-client/index.js': moduleWith(new Registry()),
    '/app/node_modules/@prometheus-io/client/index.js': moduleWith({}),
    '/other/node_modules/prom-client/index.js': { exports: undefined },
  };
  assert.deepEqual(createRegistrySearch(broken)(), []);
});

test('the cache is the one that modules are loaded into', () => {
  assert.ok(Object.keys(createRequire(import.meta.url).cache).some((file) => /prom-client.index\.js$/.test(file)));
});
