// A developer's debugger is left alone: nothing of ours shows while one can be attached, and a pause is nobody's stall.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { connectDebugger, type DebuggerClient } from '../support/debugger-client.js';
import { root } from '../support/run-node.js';

interface Debugged {
  readonly child: ChildProcess;
  readonly client: DebuggerClient;
  readonly lines: () => readonly Record<string, unknown>[];
  readonly stderr: () => string;
}

async function withDebugged(args: readonly string[], use: (debugged: Debugged) => Promise<void>): Promise<void> {
  const { PATH = '' } = process.env;
  const child = spawn(process.execPath, args, { cwd: root, env: { PATH }, stdio: ['ignore', 'pipe', 'pipe'] });
  try {
    const lines: Record<string, unknown>[] = [];
    createInterface({ input: child.stdout }).on('line', (line) => lines.push(JSON.parse(line)));
    let stderr = '';
    const address = new Promise<string>((resolve) => {
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        stderr += text;
        const found = /ws:\/\/\S+/.exec(stderr)?.[0];
        if (found !== undefined) resolve(found);
      });
    });
    const client = await connectDebugger(await address);
    await use({ child, client, lines: () => lines, stderr: () => stderr });
  } finally {
    child.kill('SIGKILL');
  }
}

const FIXTURE = 'test/fixtures/debugged.cjs';
const ORDER_LINE = 9;
/** Longer than several thresholds: without a debugger this would be a stall. */
const PAUSE_MS = 1000;

interface PausedAt {
  readonly functionName: string;
  readonly location: { readonly lineNumber: number };
}

const topFrame = (params: Record<string, unknown>) => (params.callFrames as readonly PausedAt[])[0];

async function pauseStepAndResume({ client }: Debugged): Promise<void> {
  // The pause may arrive together with the answer.
  let paused = client.next('Debugger.paused');
  const added = await client.send('Debugger.setBreakpointByUrl', {
    lineNumber: ORDER_LINE - 1,
    urlRegex: '.*debugged\\.cjs$',
  });
  const first = topFrame(await paused);
  assert.equal(first?.functionName, 'order');
  // No other event may come while the developer looks: a pause that somebody else ended or repeated would be one.
  const disturbed = Promise.race([client.next('Debugger.resumed'), client.next('Debugger.paused')]);
  assert.equal(await Promise.race([disturbed, delay(PAUSE_MS, 'quiet')]), 'quiet');
  const lines = [first?.location.lineNumber];
  for (let step = 0; step < 2; step++) {
    paused = client.next('Debugger.paused');
    await client.send('Debugger.stepOver');
    const at = topFrame(await paused);
    assert.equal(at?.functionName, 'order');
    lines.push(at?.location.lineNumber);
  }
  const [from = Number.NaN] = lines;
  assert.deepEqual(lines, [from, from + 1, from + 2]);
  await client.send('Debugger.removeBreakpoint', { breakpointId: added.breakpointId });
  await client.send('Debugger.resume');
}

const WAYS: Readonly<Record<string, readonly string[]>> = {
  '--inspect': ['--inspect=127.0.0.1:0', FIXTURE],
  '--inspect-brk': ['--inspect-brk=127.0.0.1:0', FIXTURE],
  'inspector.open() at run time': [FIXTURE, 'open'],
};

describe('with a debugger', { concurrency: 3, timeout: 60_000 }, () => {
  for (const [way, args] of Object.entries(WAYS)) {
    test(`${way}: pausing and stepping work as ever, and no stall is blamed or logged`, async () => {
      await withDebugged(args, async (debugged) => {
        const { child, client, lines, stderr } = debugged;
        await client.send('Runtime.enable');
        await client.send('Debugger.enable');
        if (way === '--inspect-brk') {
          const paused = client.next('Debugger.paused');
          await client.send('Runtime.runIfWaitingForDebugger');
          await paused;
          await client.send('Debugger.resume');
        }
        await pauseStepAndResume(debugged);
        await client.send('Runtime.evaluate', { expression: 'globalThis.finish()' });
        while (!lines().some((line) => 'orders' in line)) await delay(20);
        client.close();
        const [code] = await once(child, 'exit');
        assert.equal(code, 0);
        const stalls = lines().filter((line) => 'cause' in line);
        assert.deepEqual(new Set(stalls.map(({ cause }) => cause)), new Set(['debugger']), JSON.stringify(stalls));
        assert.ok(stalls.some(({ durationMs }) => Number(durationMs) >= PAUSE_MS));
        for (const stall of stalls) assert.equal(stall.culprit, undefined);
        // Node waits for us to disconnect here because it is we who have its debugger open.
        assert.doesNotMatch(stderr(), /loopsight|blocked/);
      });
    });
  }

  test('node inspect: the command line debugger runs a program to its end', async () => {
    const child = spawn(process.execPath, ['inspect', '--port=0', FIXTURE], {
      cwd: root,
      env: { PATH: process.env.PATH ?? '' },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    try {
      let out = '';
      const said = (pattern: RegExp) =>
        new Promise<void>((resolve) => {
          const look = () => pattern.test(out) && resolve();
          child.stdout.on('data', look);
          look();
        });
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        out += text;
      });
      await said(/Break on start[\s\S]*debug> /);
      child.stdin.write(`sb('debugged.cjs', ${ORDER_LINE})\ncont\n`);
      await said(/(?:break|step) in [^\n]*debugged\.cjs:9/);
      child.stdin.write('next\n');
      await said(/(?:break|step) in [^\n]*debugged\.cjs:10/);
      assert.doesNotMatch(out, /loopsight:|event loop blocked/);
    } finally {
      // It ends the program that it started; killed, it would leave it behind.
      child.stdin.write('kill\n.exit\n');
      await once(child, 'exit');
    }
  });
});
