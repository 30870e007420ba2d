// What a program that stalls has in its log and tells its owner: through a pipe, on a terminal, and switched off.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, test } from 'node:test';
import { requireTool } from '../support/external-tools.js';
import { registerEsm, root, startInstrumented } from '../support/instrumented.js';
import { runNode } from '../support/run-node.js';

interface Said {
  readonly app: string;
  readonly metrics: string;
  readonly pid: number;
}

const COUNT = /^loopsight_eventloop_stalls_total\{.*code_function_name="parseInvoice".*\} (\d+)$/gm;

async function stall(app: string, ms: number): Promise<void> {
  await (await fetch(`${app}/?ms=${ms}`)).text();
}

/** Resolves when so many stalls of parseInvoice are counted; each scrape waits for the main thread's figures. */
async function counted(metrics: string, stalls: number): Promise<void> {
  for (const endMs = performance.now() + 10_000; performance.now() < endMs; ) {
    const text = await (await fetch(metrics)).text();
    const found = [...text.matchAll(COUNT)].reduce((sum, [, value]) => sum + Number(value), 0);
    if (found >= stalls) return assert.equal(found, stalls);
  }
  assert.fail(`no ${stalls} stalls were counted`);
}

/** Runs the server through a pipe, has it stall, and returns everything that it wrote to standard error. */
async function logOf(stallsMs: readonly number[], env: Readonly<Record<string, string>> = {}): Promise<string> {
  const first = env.STALL_FIRST_MS === undefined ? 0 : 1;
  const program = await startInstrumented<Said>('stalling-server.mjs', env);
  {
    await using server = program;
    for (const [index, ms] of stallsMs.entries()) {
      await stall(server.said.app, ms);
      await counted(server.said.metrics, first + index + 1);
    }
  }
  if (program.child.stderr?.readableEnded === false) await once(program.child.stderr, 'end');
  return program.stderr();
}

describe('through a pipe', () => {
  test('a stall of a second is one line of JSON; shorter ones and the next ones of the culprit are none', async () => {
    const lines = (await logOf([300, 1100, 1100])).trimEnd().split('\n');
    assert.equal(lines.length, 1, lines.join('\n'));
    const line = JSON.parse(lines[0] ?? '');
    assert.match(
      line.message,
      /^event loop blocked 1\.\d s by parseInvoice \(test\/fixtures\/stalling-server\.mjs:\d+\)/,
    );
    assert.equal(line['code.function.name'], 'parseInvoice');
    assert.equal(line['loopsight.stall.cause'], 'javascript');
    assert.ok(line.duration_ms >= 1000 && line.duration_ms < 10_000, `${line.duration_ms} ms`);
    assert.ok(Math.abs(Date.parse(line.timestamp) - Date.now()) < 60_000);
    assert.ok(!lines[0]?.includes(root), 'no folder of the machine');
  });

  test('a stall before the program serves is counted, and not logged', async () => {
    assert.equal(await logOf([300], { STALL_FIRST_MS: '1100' }), '');
  });

  test('LOOPSIGHT_LOG=off logs nothing', async () => {
    assert.equal(await logOf([1100], { LOOPSIGHT_LOG: 'off' }), '');
  });
});

test('on a terminal a stall is a sentence', async (t) => {
  if (!requireTool(t, 'script', 'bsdutils')) return;
  const file = join(root, 'test/fixtures/stalling-server.mjs');
  const command = `"${process.execPath}" --import "${registerEsm}" "${file}"`;
  const terminal = spawn('script', ['-qec', command, '/dev/null'], {
    env: { ...process.env, OTEL_EXPORTER_PROMETHEUS_PORT: '0' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  try {
    const where = String.raw`\(test/fixtures/stalling-server\.mjs:\d+\)`;
    const expected = new RegExp(`^loopsight: event loop blocked \\d{3} ms by (?:\\w+\\.)?parseInvoice ${where}`);
    let isFound = false;
    const stallUntilFound = async ({ app, pid }: Said) => {
      // What comes before the loop has turned once more may still be the start, and the machine is busy with others.
      for (let tries = 0; tries < 10 && !isFound; tries++) await stall(app, 300);
      process.kill(pid, 'SIGKILL');
    };
    for await (const line of createInterface({ input: terminal.stdout })) {
      if (line.startsWith('{')) {
        void stallUntilFound(JSON.parse(line) as Said);
      } else if (expected.test(line)) isFound = true;
    }
    assert.ok(isFound);
  } finally {
    terminal.kill('SIGKILL');
  }
});

test('onStall gets one report of each stall, and what it throws is kept from the program', async () => {
  const { code, stdout, stderr } = await runNode(['--input-type=module', '--eval', OWNER]);
  assert.equal(stderr, '');
  assert.equal(code, 0);
  const reports = JSON.parse(stdout);
  assert.equal(reports.length, 2);
  for (const report of reports) {
    assert.equal(report.thread, 'main');
    assert.equal(report.cause, 'javascript');
    assert.equal(report.culprit.function, 'parseInvoice');
    assert.ok(report.durationMs >= 200, `${report.durationMs} ms`);
    assert.ok(report.stack.length > 0);
  }
});

const OWNER = `
import { start } from 'loopsight';
import { once, EventEmitter } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
const reports = [];
const told = new EventEmitter();
const loopsight = start({
  port: 0,
  onStall(report) {
    reports.push(report);
    told.emit('stall');
    throw new Error('of the owner');
  },
});
function parseInvoice(ms) {
  const end = performance.now() + ms;
  while (performance.now() < end);
}
await loopsight.endpoint;
// A report that is awaited keeps no program alive.
const alive = setInterval(() => {}, 1000);
for (let index = 0; index < 2; index++) {
  await wait(300);
  const stall = once(told, 'stall', { signal: AbortSignal.timeout(10_000) });
  setTimeout(parseInvoice, 1, 250);
  await stall;
}
await wait(300);
console.log(JSON.stringify(reports));
clearInterval(alive);
await loopsight.stop();
`;
