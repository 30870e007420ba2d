// Where the socket of dumps is, who may open it, and what becomes of it.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, type TestContext, test } from 'node:test';
import { askSocket } from '../../src/cli/ask-socket.js';
import type { Dump } from '../../src/dump/dump.js';
import { openDumpSocket } from '../../src/dump/socket.js';
import { claimFolder, socketFolders, socketPath } from '../../src/dump/socket-place.js';

const uid = process.getuid?.() ?? 0;
const parent = mkdtempSync(join(tmpdir(), 'loopsight-socket-'));
after(() => rmSync(parent, { recursive: true, force: true }));
let made = 0;
const newPath = () => join(parent, `${made++}`);

describe('the folders', () => {
  const cases: readonly [title: string, environment: Record<string, string>, uid: number, folders: string[]][] = [
    ['by the user', {}, 7, [`${tmpdir()}/loopsight-7`]],
    [
      'in the run-time folder first',
      { XDG_RUNTIME_DIR: '/run/user/7' },
      7,
      ['/run/user/7/loopsight', `${tmpdir()}/loopsight-7`],
    ],
    ['not in one that is relative', { XDG_RUNTIME_DIR: 'run' }, 7, [`${tmpdir()}/loopsight-7`]],
  ];
  for (const [title, environment, user, expected] of cases) {
    test(title, () => {
      const found = socketFolders(environment, user);
      assert.deepEqual(found.slice(0, expected.length), expected);
    });
  }
});

describe('a folder', { skip: process.platform === 'win32' && 'no such sockets' }, () => {
  test('is made for its user alone, and taken again', () => {
    const folder = newPath();
    claimFolder(folder, uid);
    claimFolder(folder, uid);
  });

  const FLAWS: Readonly<
    Record<string, { readonly prepare: (folder: string) => unknown; readonly error: RegExp; readonly uid?: number }>
  > = {
    'of somebody else': { prepare: (folder) => mkdirSync(folder), error: /belongs to user/, uid: uid + 1 },
    'that others can write': { prepare: (folder) => mkdirSync(folder), error: /open to other users/ },
    'that others can read': { prepare: (folder) => mkdirSync(folder), error: /open to other users/ },
    'that is a file': { prepare: (folder) => writeFileSync(folder, ''), error: /is no folder/ },
    'that is a link': { prepare: (folder) => symlinkSync(parent, folder), error: /is no folder/ },
  };
  for (const [title, { prepare, error, uid: user = uid }] of Object.entries(FLAWS)) {
    test(`${title} is refused`, () => {
      const folder = newPath();
      prepare(folder);
      if (title.startsWith('that others')) chmodSync(folder, title.endsWith('write') ? 0o722 : 0o755);
      assert.throws(() => claimFolder(folder, user), error);
    });
  }

  test('whose path is too long for a socket is refused', () => {
    assert.throws(() => claimFolder(join(parent, 'x'.repeat(120)), uid), /too long/);
  });
});

describe('a socket', { skip: process.platform === 'win32' && 'no such sockets' }, () => {
  const DUMP: Dump = { pid: 4711, unixMs: 0, threads: [] };
  const open = async (t: TestContext, folders: readonly string[]) => {
    const errors: unknown[] = [];
    const close = await openDumpSocket({
      folders,
      pid: 4711,
      uid,
      dump: async () => DUMP,
      onObstacle: (reason) => errors.push(reason),
      onError: (error) => errors.push(error),
    });
    t.after(() => close?.());
    return { close, errors };
  };
  const listenAt = async (t: TestContext, path: string) => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(path, resolve));
    t.after(() => server.close());
  };

  test('answers with text and JSON, and goes when it is closed', async (t) => {
    const folder = newPath();
    const { close, errors } = await open(t, [folder]);
    const path = socketPath(folder, 4711);
    assert.match(await askSocket(path, '/dump'), /^loopsight: the stacks of all threads of process 4711 /);
    assert.deepEqual(JSON.parse(await askSocket(path, '/dump.json')), DUMP);
    await assert.rejects(askSocket(path, '/metrics'), /answered with status 404/);
    await assert.rejects(askSocket(path, '/tasks'), { status: 404 });
    await close?.();
    assert.ok(!existsSync(path));
    assert.deepEqual(errors, []);
  });

  test('answers with the tasks where there are some to be shown', async (t) => {
    const asked: boolean[] = [];
    const folder = newPath();
    const close = await openDumpSocket({
      folders: [folder],
      pid: 4711,
      uid,
      dump: async () => DUMP,
      async tasks(where = false) {
        asked.push(where);
        return { pid: 4711, unixMs: 0, isOn: true, blockedMs: 0, tasks: [], hidden: 0 };
      },
      onObstacle: (reason) => assert.fail(reason),
      onError: (error) => assert.fail(String(error)),
    });
    t.after(() => close?.());
    const path = socketPath(folder, 4711);
    assert.match(await askSocket(path, '/tasks'), /^loopsight: 0 tasks of process 4711 /);
    assert.equal(JSON.parse(await askSocket(path, '/tasks.json')).hidden, 0);
    await askSocket(path, '/tasks/where');
    await askSocket(path, '/tasks/where.json');
    assert.deepEqual(asked, [false, false, true, true]);
  });

  test('takes the place of one that was left over, and clears others away whose process is gone', async (t) => {
    const folder = newPath();
    mkdirSync(folder, 0o700);
    leaveSocket(socketPath(folder, 4711));
    leaveSocket(socketPath(folder, 999_999_999));
    await listenAt(t, socketPath(folder, 999_999_998));
    const { errors } = await open(t, [folder]);
    assert.deepEqual(errors, []);
    assert.deepEqual(readdirSync(folder).sort(), ['4711.sock', '999999998.sock']);
  });

  test('leaves alone one that answers, and says so', async (t) => {
    const folder = newPath();
    mkdirSync(folder, 0o700);
    await listenAt(t, socketPath(folder, 4711));
    const { close, errors } = await open(t, [folder]);
    assert.equal(close, undefined);
    assert.match(String(errors[0]), /EADDRINUSE/);
  });

  test('is in the next folder where the first one cannot be', async (t) => {
    const folder = newPath();
    const { errors } = await open(t, [join(parent, 'missing', 'folder'), folder]);
    assert.deepEqual(errors, []);
    assert.deepEqual(readdirSync(folder), ['4711.sock']);
  });

  test('is nowhere without a folder', async (t) => {
    assert.deepEqual(await open(t, []), { close: undefined, errors: [] });
  });
});

// A socket that nobody listens on any more.
function leaveSocket(path: string): void {
  const text = `require('node:net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`;
  spawnSync(process.execPath, ['-e', text], { stdio: 'ignore' });
  assert.ok(existsSync(path));
}
