// Health, the stall file and the log of real processes whose loops are held.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { eventually } from '../support/eventually.js';
import { type Answer, startHeld } from './held-program.js';

function folderFor(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'loopsight-stall-file-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const isBlamed = ({ status, body }: Answer) => status === 503 && body.includes(' computeTotals ');

// On a busy machine a capture may come late, which is said: `in a native call near` then stands for `by`.
describe('/healthz', () => {
  test('is 200, then 503 while the loop is held, then 200 again; /livez is 200 all the time', async (t) => {
    const program = await startHeld(t, { LOOPSIGHT_UNHEALTHY_AFTER_MS: '300' });
    assert.deepEqual(await program.get('/healthz'), { status: 200, body: 'ok\n' });
    await program.hold('loop', 8000);
    const [{ body }, json, live] = await eventually(
      () => Promise.all([program.get('/healthz'), program.get('/healthz', 'application/json'), program.get('/livez')]),
      ([line, object]) => isBlamed(line) && isBlamed(object),
    );
    assert.match(
      body,
      /^unhealthy: thread main: event loop has been blocked for [\d.]+ m?s (?:by|in a native call near) computeTotals \(test.*\n$/,
    );
    assert.deepEqual(live, { status: 200, body: 'ok\n' });
    const { thread, culprit, blockedMs } = JSON.parse(json.body);
    assert.deepEqual([json.status, thread, culprit.function], [503, 'main', 'computeTotals']);
    assert.ok(blockedMs >= 300);
    await eventually(
      () => program.get('/healthz'),
      ({ status }) => status === 200,
    );
  });

  test('names a worker that is held', async (t) => {
    const program = await startHeld(t, { LOOPSIGHT_UNHEALTHY_AFTER_MS: '300' });
    await program.hold('worker', 60_000);
    const { body } = await eventually(() => program.get('/healthz'), isBlamed);
    assert.match(
      body,
      /^unhealthy: thread helper: event loop of helper has been blocked for .* (?:by|in a native call near) computeTotals/,
    );
  });

  test('is 200 in spite of a stall where no limit is set', async (t) => {
    const program = await startHeld(t);
    await program.hold('loop', 60_000);
    await eventually(
      async () =>
        Number(
          /^loopsight_eventloop_blocked_seconds\{[^}]*main[^}]*\} (.*)$/m.exec(
            (await program.get('/metrics')).body,
          )?.[1],
        ),
      (seconds) => seconds > 0.5,
    );
    assert.deepEqual(await program.get('/healthz'), { status: 200, body: 'ok\n' });
  });

  test('is answered by the main thread where that serves', async (t) => {
    const program = await startHeld(t, { LOOPSIGHT_OBSERVER: 'off', LOOPSIGHT_UNHEALTHY_AFTER_MS: '1' });
    for (const path of ['/healthz', '/livez']) assert.deepEqual(await program.get(path), { status: 200, body: 'ok\n' });
  });
});

describe('the stall file', { concurrency: 2 }, () => {
  test('is written before the process is killed, sentence and stack', async (t) => {
    const file = join(folderFor(t), 'stall.txt');
    const held = await startHeld(t, { LOOPSIGHT_STALL_FILE: file });
    await held.hold('loop', 60_000);
    await eventually(
      () => existsSync(file) && readFileSync(file, 'utf8'),
      // A start that took long is in the file before.
      (text) => text !== false && / computeTotals .*\n(?:.*\n)* {4}at computeTotals/.test(text),
    );
    await held.end('SIGKILL');
    const [first = '', ...stack] = readFileSync(file, 'utf8').trimEnd().split('\n');
    assert.match(
      first,
      /^\d{4}-\S+Z event loop has been blocked for [\d.]+ s (?:by|in a native call near) computeTotals \(test\/fixtures\/held-threads\.mjs:\d+\)/,
    );
    assert.match(stack.join('\n'), /^ {4}at computeTotals \(test\/fixtures\/held-threads\.mjs:\d+:\d+\)$/m);
  });

  test('tells of the end of a stall that is over', async (t) => {
    const file = join(folderFor(t), 'stall.txt');
    const held = await startHeld(t, { LOOPSIGHT_STALL_FILE: file });
    await held.hold('loop', 1500);
    const text = await eventually(
      () => (existsSync(file) ? readFileSync(file, 'utf8') : ''),
      (found) => / event loop blocked [\d.]+ s (?:by|in a native call near) \w+ \(test/.test(found),
    );
    assert.match(text, / event loop blocked [\d.]+ s (?:by|in a native call near) computeTotals /);
  });

  test('that cannot be written is one line', async (t) => {
    const held = await startHeld(t, { LOOPSIGHT_STALL_FILE: '/nowhere/stall.txt' });
    await held.hold('loop', 60_000);
    const text = await eventually(held.stderr, (found) => found.includes('stall file'));
    assert.match(text, /^loopsight: the stall file could not be written \(ENOENT: .*\)\n$/);
  });
});

test('a loop that never turns again is logged while it does not', async (t) => {
  const program = await startHeld(t);
  await program.hold('loop', 60_000);
  const ONGOING = /^\{.*"ongoing":true.*\}$/m;
  // A busy machine may have stalled it before.
  const text = await eventually(program.stderr, (written) => ONGOING.test(written) && written.endsWith('\n'));
  const { ongoing, duration_ms: durationMs, ...rest } = JSON.parse(ONGOING.exec(text)?.[0] ?? '');
  assert.equal(ongoing, true);
  assert.ok(durationMs >= 10_000);
  assert.equal(rest['code.function.name'], 'computeTotals');
  assert.equal(rest['thread.name'], 'main');
});
