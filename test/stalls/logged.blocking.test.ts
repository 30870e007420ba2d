// What a program that stalls has in its log and tells its owner: through a pipe, on a terminal, and switched off.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, test } from 'node:test';
import type { StallReport } from '../../src/stalls/blame/stall-report.js';
import { eventually } from '../support/eventually.js';
import { requireTool } from '../support/external-tools.js';
import { registerEsm, root, startInstrumented } from '../support/instrumented.js';
import { runNode } from '../support/run-node.js';

interface Said {
  readonly app: string;
  readonly metrics: string;
  readonly pid: number;
}

/** Where the machine gave the program no processor, or the observer none, nobody is named for sure: it stalls again. */
const UNSURE = /"loopsight.stall.confidence":"(?:late|unknown)"/;
const TRIES = 15;

const STALLS = /^loopsight_eventloop_stalls_total\{(.*)\} (\d+)$/gm;

interface Counted {
  readonly own: number;
  readonly others: number;
}

/** How many stalls are counted; each scrape waits for the main thread's figures. */
async function counted(metrics: string): Promise<Counted> {
  const text = await (await fetch(metrics)).text();
  const found = { own: 0, others: 0 };
  for (const [, labels = '', value] of text.matchAll(STALLS)) {
    if (labels.includes('code_function_name="parseInvoice"')) found.own += Number(value);
    else found.others += Number(value);
  }
  return found;
}

async function stall(app: string, ms: number): Promise<void> {
  await (await fetch(`${app}/?ms=${ms}`)).text();
}

/** Stalls the server until one more stall of parseInvoice than `before` is counted. */
async function stallOnceMore({ app, metrics }: Said, ms: number, before: number): Promise<void> {
  for (let tries = 0; tries < TRIES; tries++) {
    const { others } = await counted(metrics);
    await stall(app, ms);
    const { own } = await eventually(
      () => counted(metrics),
      (now) => now.own > before || now.others > others,
    );
    if (own > before) return assert.equal(own, before + 1);
  }
  assert.fail('no stall was counted');
}

/** Runs the server through a pipe, has it stall, and returns the lines of its log, without those of the machine's stalls. */
async function logOf(stallsMs: readonly number[], env: Readonly<Record<string, string>> = {}): Promise<string[]> {
  const first = env.STALL_FIRST_MS === undefined ? 0 : 1;
  const program = await startInstrumented<Said>('stalling-server.mjs', env);
  {
    await using server = program;
    await eventually(
      () => counted(server.said.metrics),
      ({ own }) => own === first,
    );
    for (const [index, ms] of stallsMs.entries()) await stallOnceMore(server.said, ms, first + index);
  }
  if (program.child.stderr?.readableEnded === false) await once(program.child.stderr, 'end');
  const lines = program.stderr().split('\n');
  const isOfMachine = (line: string) => UNSURE.test(line) && !line.includes('"code.function.name":"parseInvoice"');
  return lines.filter((line) => line !== '' && !isOfMachine(line));
}

describe('through a pipe', () => {
  test('a stall of a second is one line of JSON; shorter ones and the next ones of the culprit are none', async () => {
    const lines = await logOf([300, 1100, 1100]);
    assert.equal(lines.length, 1, lines.join('\n'));
    const line = JSON.parse(lines[0] ?? '');
    assert.match(
      line.message,
      /^event loop blocked [\d.]+ s (?:by|in a native call near) parseInvoice \(test\/fixtures\/stalling-server\.mjs:\d+\)/,
    );
    assert.equal(line['code.function.name'], 'parseInvoice');
    assert.equal(line['loopsight.stall.cause'], 'javascript');
    assert.ok(line.duration_ms >= 1000 && line.duration_ms < 10_000, `${line.duration_ms} ms`);
    assert.ok(Math.abs(Date.parse(line.timestamp) - Date.now()) < 60_000);
    assert.ok(!lines[0]?.includes(root), 'no folder of the machine');
  });

  test('a stall before the program serves is counted, and not logged', async () => {
    assert.deepEqual(await logOf([300], { STALL_FIRST_MS: '1100' }), []);
  });

  test('LOOPSIGHT_LOG=off logs nothing', async () => {
    assert.deepEqual(await logOf([1100], { LOOPSIGHT_LOG: 'off' }), []);
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
  const reports = (JSON.parse(stdout) as StallReport[]).filter(({ confidence }) => confidence === 'exact');
  assert.equal(reports.length, 2);
  for (const report of reports) {
    assert.equal(report.thread, 'main');
    assert.equal(report.cause, 'javascript');
    assert.equal(report.culprit?.function, 'parseInvoice');
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
// The machine may stall it in between, or take the processor away from what stalls it.
const own = () => reports.filter(({ confidence, culprit }) => confidence === 'exact' && culprit?.function === 'parseInvoice');
for (let tries = 0; own().length < 2 && tries < 30; tries++) {
  await wait(300);
  const endMs = Date.now() + 250;
  setTimeout(parseInvoice, 1, 250);
  while (!reports.some(({ startUnixMs, durationMs }) => startUnixMs + durationMs >= endMs)) {
    await once(told, 'stall', { signal: AbortSignal.timeout(20_000) });
  }
}
await wait(300);
console.log(JSON.stringify(reports));
clearInterval(alive);
await loopsight.stop();
`;
