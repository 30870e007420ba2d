// What is done about stalls that last: stages, log lines, the file, health and the moments of dumps.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { createDumpOnStall } from '../../src/dump/dump-on-stall.js';
import { healthRoutes } from '../../src/observer/health.js';
import type { StallReport } from '../../src/stalls/blame/stall-report.js';
import { createLastingStallLog } from '../../src/stalls/tell/lasting-stall-log.js';
import { createStallFile, NOTE_BYTES, stallNote } from '../../src/stalls/tell/stall-file.js';
import { createStages, type OngoingStall } from '../../src/stalls/watch/ongoing.js';

const folder = mkdtempSync(join(tmpdir(), 'loopsight-lasting-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const culprit = { function: 'total', file: 'src/a.ts', line: 4, column: 7 };

function report(given: Partial<StallReport> = {}): StallReport {
  return {
    thread: 'main',
    startUnixMs: 0,
    durationMs: 1000,
    cause: 'javascript',
    confidence: 'exact',
    culprit,
    stack: [culprit],
    callbacks: 1,
    ...given,
  };
}

function stall(blockedMs: number, given: Partial<OngoingStall> & Partial<StallReport> = {}): OngoingStall {
  const { thread = 'main', target = 'main', sinceMs = 0, isStarting = false, ...rest } = given;
  return {
    thread,
    target,
    sinceMs,
    blockedMs,
    isStarting,
    report: () => report({ thread, durationMs: blockedMs, ongoing: true, ...rest }),
  };
}

const IDLE_WORKER = { thread: 'pool', target: 3, cause: 'wait' } as const;
const DEBUGGED = { cause: 'debugger' } as const;

describe('stages', () => {
  test('each is told once, of each stall', () => {
    const reached = createStages(({ blockedMs }) => Math.floor(blockedMs / 100));
    const told = (...stalls: OngoingStall[]) => reached(stalls).map(({ blockedMs }) => blockedMs);
    assert.deepEqual(told(stall(99)), []);
    assert.deepEqual(told(stall(120)), [120]);
    assert.deepEqual(told(stall(190)), []);
    // Less than before: time in which the process was stopped was found out later.
    assert.deepEqual(told(stall(90)), []);
    assert.deepEqual(told(stall(150)), []);
    assert.deepEqual(told(stall(420), stall(100, { thread: 'pool', target: 1 })), [420, 100]);
    assert.deepEqual(told(stall(130, { sinceMs: 500 })), [130]);
  });
});

describe('the log of stalls that last', () => {
  const linesAt = (format: 'text' | 'json' | 'off', given = {}) => {
    const log = createLastingStallLog(format);
    return [5000, 9999, 10_000, 15_000, 20_001, 39_000, 41_000].flatMap((ms) => log([stall(ms, given)]));
  };
  test('has a line at 10 s and at each doubling', () => {
    const by = 'by total (src/a.ts:4)';
    assert.deepEqual(
      linesAt('text'),
      [10, 20, 41].map((seconds) => `loopsight: event loop has been blocked for ${seconds} s ${by}`),
    );
  });
  test('is JSON for collectors', () => {
    const [line = ''] = linesAt('json');
    const { ongoing, duration_ms: durationMs, event } = JSON.parse(line);
    assert.deepEqual([ongoing, durationMs, event], [true, 10_000, 'event_loop.stall']);
  });
  for (const [title, format, given] of [
    ['when it is off', 'off', {}],
    ['of a start that takes long', 'text', { isStarting: true }],
    ['of a worker that waits for its next task', 'text', IDLE_WORKER],
    ['in a debugger', 'text', DEBUGGED],
  ] as const) {
    test(`says nothing ${title}`, () => assert.deepEqual(linesAt(format, given), []));
  }
});

describe('the stall file', () => {
  const read = (path: string) => {
    try {
      return readFileSync(path, 'utf8');
    } catch {
      return undefined;
    }
  };
  const create = (name: string, unhealthyAfterMs = 0) => {
    const path = join(folder, name);
    const errors: unknown[] = [];
    const file = createStallFile({ path, unhealthyAfterMs, onError: (error) => errors.push(error) });
    return { path, file, errors };
  };

  test('is written from a second on, refreshed each second, and at the end', () => {
    const { path, file } = create('second');
    file.look([stall(999)]);
    assert.equal(read(path), undefined);
    file.look([stall(1000)]);
    assert.match(
      read(path) ?? '',
      /^1970-01-01T00:00:00\.000Z event loop has been blocked for 1 s by total .*\n {4}at total \(src\/a\.ts:4:7\)\n$/,
    );
    file.look([stall(1900)]);
    assert.match(read(path) ?? '', / 1 s /);
    file.look([stall(2100)]);
    assert.match(read(path) ?? '', / 2\.1 s /);
    file.over(report({ durationMs: 2500 }));
    assert.match(read(path) ?? '', / event loop blocked 2\.5 s by total /);
    file.over(report({ durationMs: 900 }));
    assert.match(read(path) ?? '', / 2\.5 s /);
  });

  test('is written as soon as the process is unhealthy', () => {
    const { path, file } = create('unhealthy', 300);
    file.look([stall(300)]);
    assert.match(read(path) ?? '', / 300 ms /);
  });

  test('is not written for what is expected', () => {
    const { path, file } = create('expected');
    file.look([stall(5000, IDLE_WORKER), stall(5000, DEBUGGED), stall(5000, { isStarting: true })]);
    file.over(report({ durationMs: 5000, ...DEBUGGED }));
    assert.equal(read(path), undefined);
  });

  test('loses what was there before, also what was longer', () => {
    const { path, file } = create('before');
    writeFileSync(path, 'x'.repeat(5000));
    file.over(report());
    assert.equal(read(path), stallNote(report()));
  });

  test('tells of the first failure in a row', () => {
    const { file, errors } = create('missing/file');
    for (let ms = 1000; ms < 5000; ms += 1000) file.look([stall(ms)]);
    assert.equal(errors.length, 1);
    assert.match(String(errors[0]), /ENOENT/);
  });

  test('has whole lines of at most 4 KiB', () => {
    const stack = Array.from({ length: 500 }, (_, line) => ({ ...culprit, function: 'überlänge', line: line + 1 }));
    const note = stallNote(report({ stack }));
    assert.ok(Buffer.byteLength(note) <= NOTE_BYTES && Buffer.byteLength(note) > NOTE_BYTES - 100);
    assert.match(note, /:7\)\n$/);
    const long = stallNote(report({ culprit: { ...culprit, function: 'ü'.repeat(9000) }, stack }));
    assert.ok(Buffer.byteLength(long) <= NOTE_BYTES);
    assert.match(long, /^[^\n]+\n/);
  });
});

describe('/healthz', () => {
  const ask = async (unhealthyAfterMs: number, accept: string | undefined, ...stalls: OngoingStall[]) => {
    const routes = healthRoutes({ unhealthyAfterMs, ongoing: () => stalls });
    const answer = await routes['/healthz']?.({ headers: { accept } } as IncomingMessage);
    assert.ok(answer !== undefined && 'body' in answer);
    return answer;
  };
  const OK = { status: 200, body: 'ok\n' };
  for (const [title, limit, stalls] of [
    ['nothing is held', 500, []],
    ['a stall is shorter than the limit', 500, [stall(499)]],
    ['there is no limit', 0, [stall(60_000)]],
    ['a worker waits for its next task', 500, [stall(60_000, IDLE_WORKER)]],
    ['the program is in a debugger', 500, [stall(60_000, DEBUGGED)]],
  ] as const) {
    test(`is 200 when ${title}`, async () => assert.deepEqual(await ask(limit, undefined, ...stalls), OK));
  }
  test('is 503 with one line, also for a start that does not end', async () => {
    for (const isStarting of [false, true]) {
      assert.deepEqual(await ask(500, '*/*', stall(700, { isStarting })), {
        status: 503,
        body: 'unhealthy: thread main: event loop has been blocked for 700 ms by total (src/a.ts:4)\n',
      });
    }
  });
  test('names the worker, past one that may wait', async () => {
    const answer = await ask(500, undefined, stall(800, IDLE_WORKER), stall(700, { thread: 'crunch', target: 4 }));
    assert.match(`${answer.body}`, /^unhealthy: thread crunch: /);
  });
  test('is JSON for whoever asks for it', async () => {
    const { body, type } = await ask(500, 'application/json', stall(700));
    assert.deepEqual(JSON.parse(`${body}`), {
      status: 'unhealthy',
      thread: 'main',
      blockedMs: 700,
      cause: 'javascript',
      culprit,
      message: 'event loop has been blocked for 700 ms by total (src/a.ts:4)',
    });
    assert.equal(type, 'application/json; charset=utf-8');
  });
});

describe('a dump after a time', () => {
  const dumpsAt = async (
    afterMs: number,
    ...moments: readonly (readonly [nowMs: number, ...stalls: OngoingStall[]])[]
  ) => {
    let nowMs = 0;
    const written: string[] = [];
    const look = createDumpOnStall({
      clock: { monotonicMs: () => nowMs, unixMs: () => nowMs },
      afterMs: () => afterMs,
      dump: (reason) =>
        Promise.resolve({ pid: 1, unixMs: 0, threads: [], ...(reason === undefined ? {} : { reason }) }),
      write: (text) => written.push(text),
      onError: (error) => assert.ifError(error),
    });
    for (const [now, ...stalls] of moments) {
      nowMs = now;
      look(stalls);
      await null;
      await null;
    }
    return written.map((text) => / the loop of (.*)$/m.exec(text)?.[1]);
  };
  test('comes after each period', async () => {
    const moments = [900, 1010, 1500, 2005, 3003].map((ms) => [ms, stall(ms)] as const);
    assert.deepEqual(await dumpsAt(1000, ...moments), [
      'main has not turned for 1 s',
      'main has not turned for 2 s',
      'main has not turned for 3 s',
    ]);
  });
  test('shows all loops, so that a second one needs no other', async () => {
    const other = { thread: 'pool', target: 1, sinceMs: 300 } as const;
    const moments = [1000, 1310, 2000].map((ms) => [ms, stall(ms), stall(ms - 300, other)] as const);
    assert.equal((await dumpsAt(1000, ...moments)).length, 2);
  });
  test('comes once for a worker that waits, and not in a debugger', async () => {
    const periods = [1000, 2000, 3000];
    assert.equal((await dumpsAt(1000, ...periods.map((ms) => [ms, stall(ms, IDLE_WORKER)] as const))).length, 1);
    assert.deepEqual(await dumpsAt(1000, ...periods.map((ms) => [ms, stall(ms, DEBUGGED)] as const)), []);
  });
  test('never comes without a period', async () => {
    assert.deepEqual(await dumpsAt(0, [1000, stall(1000)]), []);
  });
});
