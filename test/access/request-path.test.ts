// Request targets: what of them is the path.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { requestPath } from '../../src/access/request-path.js';

test('the path is what it is, without the query, and without the server of a whole address', () => {
  const cases: readonly [target: string | undefined, path: string][] = [
    ['/metrics', '/metrics'],
    ['/metrics?name[]=a', '/metrics'],
    ['/?', '/'],
    ['http://127.0.0.1:9464/metrics', '/metrics'],
    ['HTTPS://[::1]:9464/metrics?x=http://y/z', '/metrics'],
    ['http://user:password@a.example/metrics', '/metrics'],
    ['http://a.example', '/'],
    ['http://a.example?/metrics', '/'],
    ['http://a.example//metrics', '//metrics'],
    ['http:///metrics', 'http:///metrics'],
    ['//a.example/metrics', '//a.example/metrics'],
    ['/http://a.example/metrics', '/http://a.example/metrics'],
    ['/metrics%2f', '/metrics%2f'],
    ['*', '*'],
    [undefined, '/'],
  ];
  for (const [target, path] of cases) assert.equal(requestPath(target), path, target);
});
