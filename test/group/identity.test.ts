// Which group a process is in, and what PM2 tells it.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { findGroup, type GroupSource } from '../../src/group/identity.js';
import { folderName } from '../../src/group/place.js';
import { applicationEnvironment, entryFile, pm2Instance } from '../../src/group/pm2.js';

const home = mkdtempSync(join(tmpdir(), 'loopsight-pm2-'));
after(() => rmSync(home, { recursive: true, force: true }));
writeFileSync(join(home, 'pm2.pid'), '100');

const SOURCE: GroupSource = {
  group: undefined,
  environment: {},
  pid: 300,
  parentPid: 200,
  isClusterWorker: () => false,
};
/** What PM2 7 gives an instance in its fork mode. */
const FORKED = {
  PM2_HOME: home,
  pm_id: '4',
  name: 'api',
  namespace: 'default',
  NODE_APP_INSTANCE: '1',
  exec_mode: 'fork_mode',
};
/** And in its cluster mode, before its own file has unpacked it. */
const PACKED = {
  PM2_HOME: home,
  pm2_env: JSON.stringify({
    pm_id: 4,
    name: 'api',
    namespace: 'default',
    NODE_APP_INSTANCE: 1,
    PM2_HOME: home,
    pm_exec_path: '/app/main.js',
  }),
};
const NAMED = { identity: { kind: 'named', name: 'shop' }, slot: { kind: 'numbered', prefix: '' }, isPending: false };
const PM2 = {
  identity: { kind: 'pm2', home, namespace: 'default', name: 'api' },
  slot: { kind: 'fixed', name: '1' },
  isPending: false,
};
const WORKER = {
  identity: { kind: 'cluster', primaryPid: 200 },
  slot: { kind: 'numbered', prefix: 'worker-' },
  isPending: false,
};
const ALONE = {
  identity: { kind: 'cluster', primaryPid: 300 },
  slot: { kind: 'fixed', name: 'primary' },
  isPending: true,
};

const CASES: Readonly<Record<string, readonly [source: Partial<GroupSource>, expected: unknown]>> = {
  'an ordinary process may become a primary': [{}, ALONE],
  'a worker of a cluster': [{ isClusterWorker: () => true }, WORKER],
  'an instance of PM2': [{ environment: FORKED, parentPid: 100 }, PM2],
  'an instance in the cluster mode of PM2': [{ environment: PACKED, parentPid: 100, isClusterWorker: () => true }, PM2],
  'a child of an instance inherits the variables and is none': [{ environment: FORKED }, ALONE],
  'a worker of a cluster in an instance': [{ environment: FORKED, isClusterWorker: () => true }, WORKER],
  'an instance of a PM2 that does not say who it is': [
    { environment: { ...FORKED, PM2_HOME: '/nowhere' } },
    { ...PM2, identity: { ...PM2.identity, home: '/nowhere' } },
  ],
  'an instance whose number is no name': [
    { environment: { ...FORKED, NODE_APP_INSTANCE: '../x' }, parentPid: 100 },
    { ...PM2, slot: { kind: 'fixed', name: '0' } },
  ],
  'a name of its own': [{ group: 'shop' }, NAMED],
  'a name of its own within PM2 and a cluster': [
    { group: 'shop', environment: FORKED, parentPid: 100, isClusterWorker: () => true },
    NAMED,
  ],
  'groups that are off': [
    { group: 'off', environment: FORKED, parentPid: 100, isClusterWorker: () => true },
    undefined,
  ],
};
for (const [title, [source, expected]] of Object.entries(CASES)) {
  test(title, () => assert.deepEqual(findGroup({ ...SOURCE, ...source }), expected));
}

describe('the folder of a group', () => {
  const at = { host: '127.0.0.1', port: 9464 };
  const name = folderName({ kind: 'named', name: 'shop' }, at);
  test('is the same for its members', () => assert.equal(folderName({ name: 'shop', kind: 'named' }, at), name));
  const OTHERS = {
    'another name': folderName({ kind: 'named', name: 'shops' }, at),
    'another port': folderName({ kind: 'named', name: 'shop' }, { ...at, port: 9465 }),
    'another address': folderName({ kind: 'named', name: 'shop' }, { ...at, host: '0.0.0.0' }),
    'another kind': folderName({ kind: 'pm2', home: '', namespace: '', name: 'shop' }, at),
  };
  for (const [title, other] of Object.entries(OTHERS))
    test(`is another one with ${title}`, () => assert.notEqual(other, name));
  test('has a short name, whatever the name of the group', () => {
    assert.match(folderName({ kind: 'named', name: '../é\n'.repeat(40) }, at), /^group-[0-9a-f]{16}$/);
  });
});

describe('PM2', () => {
  test('may call the number of an instance otherwise', () => {
    assert.equal(pm2Instance({ ...FORKED, instance_var: 'INSTANCE', INSTANCE: '7' })?.instance, '7');
  });
  test('without a number there is the id', () => {
    assert.equal(pm2Instance({ pm_id: '4', name: 'api' })?.instance, '4');
  });
  for (const [title, environment] of Object.entries({
    nothing: {},
    'another program with a name': { name: 'api' },
    'what cannot be read': { pm2_env: '{' },
    'what is no object': { pm2_env: 'null' },
  })) {
    test(`is not there with ${title}`, () => assert.equal(pm2Instance(environment), undefined));
  }

  test('brings the variables of the application packed', () => {
    const packed = {
      pm2_env: JSON.stringify({ PORT: 1, NAME: 'a', env: { PORT: 2 }, nothing: null }),
      NAME: 'b',
      OTHER: 'c',
    };
    const { pm2_env, ...variables } = applicationEnvironment(packed);
    assert.deepEqual(variables, { PORT: '1', NAME: 'a', OTHER: 'c' });
    assert.deepEqual(applicationEnvironment({ OTHER: 'c' }), { OTHER: 'c' });
  });

  const container = '/usr/lib/node_modules/pm2/lib/ProcessContainer.js';
  const FILES: Readonly<
    Record<string, readonly [argument: string | undefined, environment: object, expected: string | undefined]>
  > = {
    'of an instance is its own': [container, PACKED, '/app/main.js'],
    'of an instance in fork mode is its own': [
      '/usr/lib/node_modules/pm2/lib/ProcessContainerFork.js',
      { ...FORKED, pm_exec_path: '/app/main.js' },
      '/app/main.js',
    ],
    'of a child of an instance is what it was started with': ['/app/child.js', PACKED, '/app/child.js'],
    'without PM2 is what it was started with': [container, {}, container],
    'of a REPL is none': [undefined, {}, undefined],
  };
  for (const [title, [argument, environment, expected]] of Object.entries(FILES)) {
    test(`the entry file ${title}`, () => {
      assert.equal(entryFile(argument === undefined ? ['node'] : ['node', argument], { ...environment }), expected);
    });
  }
});
