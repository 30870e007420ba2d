// Controllers and providers of a NestJS application, which the module finds by itself.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { LoopsightModule } from '../../src/nestjs.js';
import { root } from '../support/run-node.js';
import { counts, runTraced } from './run-traced.js';

const program = join(root, 'test/libraries/programs/handlers/nest.mjs');
const ANSWERS = [
  'GET /users/4711 200 {"id":"4711"}',
  'POST /users/fail 418 {"statusCode":418,"message":"failed"}',
  // After the application was closed.
  'true',
];

const CONTROLLERS = { 'UsersController.find': 1, 'UsersController.fail HttpException': 1 };
const PROVIDERS = { 'UsersService.name': 1, 'Repository.load': 1, 'Guard.canActivate': 1 };

const CASES: readonly (readonly [what: string, options: object, calls: Readonly<Record<string, number>>])[] = [
  ['controllers, providers and guards', {}, { ...CONTROLLERS, ...PROVIDERS, 'QuietService.say': 1 }],
  ['controllers alone', { providers: false }, CONTROLLERS],
  ['providers alone', { controllers: false }, { ...PROVIDERS, 'QuietService.say': 1 }],
  ['all but what is excluded', { excludesQuiet: true }, { ...CONTROLLERS, ...PROVIDERS }],
];

for (const [what, options, calls] of CASES) {
  test(`NestJS: ${what}`, async () => {
    const result = await runTraced([], [program], { env: { OPTIONS: JSON.stringify(options) } });
    assert.equal(result.code, 0, result.stderr);
    assert.equal(result.stderr, '');
    assert.deepEqual(result.lines, ANSWERS);
    assert.deepEqual(counts(result), calls);
  });
}

test('bad options are refused', () => {
  const core = { DiscoveryModule: class {}, DiscoveryService: class {} };
  assert.throws(() => LoopsightModule.forRoot({ core: {} }), /core.*@nestjs\/core/);
  assert.throws(() => LoopsightModule.forRoot({ core, providers: 1 as never }), /providers.*true/);
  assert.throws(() => LoopsightModule.forRoot({ core, exclude: 'a' as never }), /exclude.*array/);
  assert.throws(() => LoopsightModule.forRoot(), /@nestjs\/core.*installed/);
});
