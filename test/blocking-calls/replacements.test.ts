// The functions that are named in place of blocking ones are there.
import assert from 'node:assert/strict';
import childProcess from 'node:child_process';
import crypto from 'node:crypto';
import fs from 'node:fs';
import { test } from 'node:test';
import zlib from 'node:zlib';
import { replacementFor } from '../../src/blocking-calls/replacements.js';

const handle = await fs.promises.open(process.execPath);
await handle.close();

const HOLDERS: Readonly<Record<string, object>> = {
  fs,
  'fs.promises': fs.promises,
  filehandle: handle,
  child_process: childProcess,
  crypto,
  zlib,
};

/** macOS has it without `fs.promises.lchmod` being more than a function that throws. */
const LACKING: ReadonlySet<string> = new Set(['fs.lchmodSync']);

const MODULES = { fs, child_process: childProcess, crypto, zlib };
for (const [label, module] of Object.entries(MODULES)) {
  test(`every call of ${label} that blocks has a replacement that this Node has`, () => {
    const calls = Object.keys(module).filter((name) => name.endsWith('Sync'));
    assert.ok(calls.length > 2);
    for (const call of calls) {
      const replacement = replacementFor(`${label}.${call}`);
      assert.ok(replacement !== undefined, call);
      if (LACKING.has(`${label}.${call}`)) continue;
      const at = replacement.lastIndexOf('.');
      const [place, name] = [replacement.slice(0, at), replacement.slice(at + 1)];
      assert.equal(typeof Reflect.get(HOLDERS[place] ?? {}, name), 'function', `${call}: ${replacement}`);
    }
  });
}

for (const [call, replacement] of [
  ['fs.readFileSync', 'fs.promises.readFile'],
  ['fs.existsSync', 'fs.promises.access'],
  ['fs.readSync', 'filehandle.read'],
  ['fs.fstatSync', 'filehandle.stat'],
  ['child_process.execFileSync', 'child_process.execFile'],
  ['crypto.pbkdf2Sync', 'crypto.pbkdf2'],
  ['zlib.gunzipSync', 'zlib.gunzip'],
  ['bcrypt.hashSync', 'bcrypt.hash'],
  ['sqlite.StatementSync.all', 'a worker thread'],
  ['better-sqlite3.Statement.all', 'a worker thread'],
  ['crypto.Hash.update', 'a worker thread'],
  ['Atomics.wait', 'Atomics.waitAsync'],
  ['toString', undefined],
  ['fs.constructor', undefined],
] as const) {
  test(`${replacement ?? 'nothing'} is named for ${call}`, () => assert.equal(replacementFor(call), replacement));
}
