// What a program that serves shows of its short calls and of its log.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { eventually } from '../support/eventually.js';
import { registerFiles, root } from '../support/run-node.js';

test('short calls are counted, and told of by caller, once the program serves', { timeout: 120_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'loopsight-log-'));
  const log = openSync(join(folder, 'log.txt'), 'w');
  const child = spawn(
    process.execPath,
    ['--import', registerFiles.import, join(root, 'test/fixtures/short-calls.mjs')],
    {
      env: { ...process.env, OTEL_EXPORTER_PROMETHEUS_PORT: '0', LOOPSIGHT_LOG: 'off' },
      stdio: ['ignore', log, 'pipe'],
    },
  );
  try {
    assert.ok(child.stderr !== null);
    const [line] = await once(createInterface({ input: child.stderr }), 'line');
    const { port, metrics } = JSON.parse(String(line)) as { port: number; metrics: string };
    const service = `http://127.0.0.1:${port}/`;
    const value = (text: string, name: string, ...labels: readonly string[]) => {
      const found = text
        .split('\n')
        .find((one) => one.startsWith(`${name}{`) && labels.every((label) => one.includes(label)));
      return Number(found?.split(' ').at(-1) ?? 0);
    };
    // It begins to count a moment after it serves.
    const text = await eventually(
      async () => {
        await (await fetch(service)).text();
        return (await fetch(metrics)).text();
      },
      (one) =>
        ['existsSync', 'JSON.parse'].every((call) => value(one, 'loopsight_blocking_calls_total', call) > 1) &&
        ['looksForFiles', 'parsesBigText', 'logsMuch'].every(
          (caller) => value(one, 'loopsight_blocking_call_time_seconds_total', caller) > 0.004,
        ),
    );
    const called = value(text, 'loopsight_blocking_calls_total', '"fs.existsSync"');
    assert.equal(called % 3000, 0, `${called} calls`);
    const time = 'loopsight_blocking_call_time_seconds_total';
    assert.ok(value(text, time, '"process.stdout.write"', '"logsMuch"') > 0, 'of either kind');
    assert.equal(value(text, 'loopsight_blocking_calls_total', '"fs.writeSync"'), 0, 'those to standard output');
    const writes = value(text, 'loopsight_blocking_calls_total', '"process.stdout.write"');
    assert.equal(writes % 400, 0, `${writes} writes`);
    assert.ok(value(text, 'loopsight_stdio_write_time_seconds_total', '"stdout"') > 0);
  } finally {
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    closeSync(log);
    rmSync(folder, { recursive: true, force: true });
  }
});
