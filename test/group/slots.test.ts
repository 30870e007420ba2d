// Slots: one process at a time, left-over sockets are taken, and two that take the same one find out.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { keepSlot } from '../../src/group/keep-slot.js';
import { claimGroupFolder, findGroupFolder, makeFolder, sweep } from '../../src/group/place.js';
import { clearStale, MAX_SLOTS, type Slot, slotNames, slotPath, takeSlot } from '../../src/group/slots.js';

const uid = process.getuid?.() ?? 0;
const parent = mkdtempSync(join(tmpdir(), 'ls-'));
const slots: (Slot | undefined)[] = [];
after(() => {
  for (const slot of slots) slot?.release();
  rmSync(parent, { recursive: true, force: true });
});
let made = 0;
function newFolder(): string {
  const folder = join(parent, `${made++}`);
  mkdirSync(folder, { mode: 0o700 });
  return folder;
}

async function take(folder: string, name: string): Promise<Slot | undefined> {
  const slot = await takeSlot(folder, name, (socket) => socket.destroy());
  slots.push(slot);
  return slot;
}

/** A socket that its process has left behind. */
function leaveBehind(folder: string, name: string): void {
  const program = `require('net').createServer().listen(${JSON.stringify(slotPath(folder, name))}, () => process.kill(process.pid, 'SIGKILL'))`;
  spawnSync(process.execPath, ['-e', program]);
  assert.ok(lstatSync(slotPath(folder, name)).isSocket());
}

describe('a slot', () => {
  test('has one owner, until it is released', async () => {
    const folder = newFolder();
    const first = await take(folder, '1');
    assert.equal(first?.isOurs(), true);
    assert.equal(await take(folder, '1'), undefined);
    assert.equal((await take(folder, '2'))?.name, '2');
    assert.deepEqual(slotNames(folder), ['1', '2']);
    first?.release();
    assert.equal((await take(folder, '1'))?.isOurs(), true);
  });

  test('is for its user alone', async () => {
    const folder = newFolder();
    await take(folder, '1');
    assert.equal(lstatSync(slotPath(folder, '1')).mode & 0o777, 0o600);
  });

  test('that was left behind is taken by one of many', async () => {
    const folder = newFolder();
    leaveBehind(folder, '1');
    const taken = await Promise.all(Array.from({ length: 20 }, () => take(folder, '1')));
    assert.equal(taken.filter((slot) => slot?.isOurs()).length, 1);
    assert.deepEqual(readdirSync(folder), ['1.sock']);
  });

  test('knows when its socket is gone, or another one', async () => {
    const folder = newFolder();
    const slot = await take(folder, '1');
    unlinkSync(slotPath(folder, '1'));
    assert.equal(slot?.isOurs(), false);
    const other = await take(folder, '1');
    slot?.release();
    assert.equal(other?.isOurs(), true);
  });

  const HOSTILE: Readonly<Record<string, (path: string) => void>> = {
    'a file': (path) => writeFileSync(path, 'x'),
    'a link to a file': (path) => symlinkSync('/etc/hostname', path),
    'a link to nowhere': (path) => symlinkSync('/nowhere/at/all', path),
    'a folder': (path) => mkdirSync(path),
  };
  for (const [title, prepare] of Object.entries(HOSTILE)) {
    test(`is taken where there is ${title} of its name`, async () => {
      const folder = newFolder();
      prepare(slotPath(folder, '1'));
      assert.equal((await take(folder, '1'))?.isOurs(), true);
      assert.ok(lstatSync('/etc/hostname').isFile());
    });
  }

  test('has a name that is no path', () => {
    const folder = newFolder();
    for (const name of ['a b.sock', '.sock', 'x'.repeat(21), 'é', 'x']) writeFileSync(join(folder, name), '');
    writeFileSync(slotPath(folder, 'worker-1'), '');
    assert.deepEqual(slotNames(folder), ['worker-1']);
  });
});

describe('keeping a slot', () => {
  const options = (folder: string) => ({
    folder,
    uid,
    onConnection: () => {},
    onChange: () => {},
    report: (_cause: string, error: unknown) => assert.fail(String(error)),
  });

  test('takes the first free number', async () => {
    const folder = newFolder();
    await take(folder, 'worker-1');
    await take(folder, 'worker-3');
    leaveBehind(folder, 'worker-2');
    const kept = await keepSlot({ ...options(folder), wish: { kind: 'numbered', prefix: 'worker-' } });
    slots.push(kept.slot);
    kept.stop();
    assert.equal(kept.slot?.name, 'worker-2');
  });

  test('takes it again where it is gone, and is called as before meanwhile', async () => {
    const folder = newFolder();
    const changes: (Slot | undefined)[] = [];
    let changed = () => {};
    const isBack = new Promise<void>((resolve) => {
      changed = resolve;
    });
    const onChange = (slot: Slot | undefined) => {
      changes.push(slot);
      slots.push(slot);
      changed();
    };
    const kept = await keepSlot({ ...options(folder), onChange, wish: { kind: 'numbered', prefix: '' } });
    rmSync(folder, { recursive: true });
    await isBack;
    kept.stop();
    assert.deepEqual(
      changes.map((slot) => slot?.name),
      ['1'],
    );
    assert.deepEqual(readdirSync(folder), ['1.sock']);
  });

  test('takes it although others sweep the folder', async () => {
    const folder = join(newFolder(), 'group-1');
    const sweeps = `setInterval(() => { try { require('fs').rmdirSync(${JSON.stringify(folder)}); } catch {} }, 1)`;
    const sweeper = spawn(process.execPath, ['-e', `${sweeps}; console.log()`]);
    try {
      await once(sweeper.stdout, 'data');
      for (let round = 0; round < 500; round++) {
        const kept = await keepSlot({ ...options(folder), wish: { kind: 'fixed', name: '1' } });
        kept.stop();
        assert.ok(kept.slot);
        kept.slot.release();
      }
    } finally {
      sweeper.kill('SIGKILL');
    }
  });

  test('is given up where all are taken', async () => {
    const folder = newFolder();
    for (let number = 1; number <= MAX_SLOTS; number++) await take(folder, `${number}`);
    const { slot } = await keepSlot({ ...options(folder), wish: { kind: 'numbered', prefix: '' } });
    assert.equal(slot, undefined);
    slots[slots.length - 1]?.release();
    const kept = await keepSlot({ ...options(folder), wish: { kind: 'numbered', prefix: '' } });
    slots.push(kept.slot);
    kept.stop();
    assert.equal(kept.slot?.name, `${MAX_SLOTS}`);
  });

  test('waits for its name, and takes another one after a while', async () => {
    const folder = newFolder();
    const earlier = await take(folder, '0');
    const wish = { kind: 'fixed', name: '0' } as const;
    const second = await keepSlot({ ...options(folder), wish, waitForNameMs: 0 });
    const waiting = keepSlot({ ...options(folder), wish });
    earlier?.release();
    const third = await waiting;
    for (const kept of [second, third]) {
      slots.push(kept.slot);
      kept.stop();
    }
    assert.deepEqual([second.slot?.name, third.slot?.name], ['0-2', '0']);
  });
});

describe('the folder', () => {
  test('is found by who looks for it, once it is there', () => {
    const folders = [join(parent, 'p1'), join(parent, 'p2')];
    assert.equal(findGroupFolder(folders, uid, 'group-1'), undefined);
    const folder = claimGroupFolder(folders, uid, 'group-1');
    assert.equal(folder, join(parent, 'p1', 'group-1'));
    assert.equal(findGroupFolder(folders, uid, 'group-1'), join(parent, 'p1'));
  });

  const FLAWS: Readonly<Record<string, readonly [prepare: (folder: string) => void, error: RegExp]>> = {
    'open to others': [
      (folder) => {
        mkdirSync(folder);
        chmodSync(folder, 0o755);
      },
      /open to other users/,
    ],
    'a link': [(folder) => symlinkSync(tmpdir(), folder), /is no folder/],
    'a file': [(folder) => writeFileSync(folder, ''), /is no folder/],
  };
  for (const [title, [prepare, error]] of Object.entries(FLAWS)) {
    test(`is not used where it is ${title}`, () => {
      const folder = join(newFolder(), 'group-1');
      prepare(folder);
      assert.throws(() => makeFolder(folder, uid), error);
    });
  }

  test('of another user is not used', () => {
    assert.throws(() => makeFolder(newFolder(), uid + 1), /belongs to user/);
  });

  test('is swept when all have left, and not before', async () => {
    const folders = newFolder();
    const names = ['group-own', 'group-living', 'group-dead', 'group-empty', 'group-foreign', 'other'];
    for (const name of names) mkdirSync(join(folders, name), { mode: 0o700 });
    await take(join(folders, 'group-living'), '1');
    leaveBehind(join(folders, 'group-dead'), '1');
    writeFileSync(join(folders, 'group-foreign', 'x'), '');
    await sweep(folders, 'group-own');
    assert.deepEqual(readdirSync(folders), ['group-foreign', 'group-living', 'group-own', 'other']);
    await clearStale(join(folders, 'group-living'));
    assert.deepEqual(slotNames(join(folders, 'group-living')), ['1']);
  });
});
