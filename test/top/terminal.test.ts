import assert from 'node:assert/strict';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { eventually } from '../support/eventually.js';
import { root } from '../support/run-node.js';
import { startTarget, type Target } from '../support/target.js';
import {
  openPseudoTerminal,
  type PseudoTerminal,
  type PseudoTerminalOptions,
  requirePseudoTerminals,
} from './pseudo-terminal.js';

const MAIN = join(root, 'dist/esm/src/cli/main.js');
const BLOCKS = join(import.meta.dirname, 'programs/blocks.cjs');
const GIVEN_BACK = { canonical: true, echo: true };
const ESCAPE = '\u001b';
const HAS_WORK = /work +test\/top\/programs\/blocks\.cjs:/;

const open = new Set<{ kill(): Promise<void> }>();
after(async () => {
  for (const one of open) await one.kill();
});

// Without its optimizing compiler: V8 of Node 20 and 22 can charge the time of code that it had compiled before to its caller.
async function target(...args: readonly string[]): Promise<Target> {
  const started = await startTarget(BLOCKS, { execArgv: ['--inspect-port=0', '--no-opt'], args });
  open.add(started);
  return started;
}

async function top(
  pid: number,
  options: PseudoTerminalOptions = {},
  ...args: readonly string[]
): Promise<PseudoTerminal> {
  const command = [process.execPath, MAIN, 'top', String(pid), '--interval', '0.3', ...args];
  const terminal = await openPseudoTerminal(command, { columns: 110, lines: 20, ...options });
  open.add(terminal);
  return terminal;
}

async function shell(): Promise<PseudoTerminal> {
  const terminal = await openPseudoTerminal(['bash', '--norc', '--noprofile', '-i'], {
    columns: 110,
    lines: 20,
    env: { PS1: '$ ' },
  });
  open.add(terminal);
  await terminal.until((text) => /[$#]/.test(text), 'a prompt');
  return terminal;
}

function childOf(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')[0]);
}

// Ports at which the process listens, by the inodes of its sockets.
function listeningPorts(pid: number): readonly number[] {
  const inodes = readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/${pid}/fd/${fd}`)];
    } catch {
      return [];
    }
  });
  const lines = readFileSync(`/proc/${pid}/net/tcp`, 'utf8').trim().split('\n').slice(1);
  return lines
    .map((line) => line.trim().split(/\s+/))
    .filter(([, , , state, , , , , , inode]) => state === '0A' && inodes.includes(`socket:[${inode}]`))
    .map(([, address = '']) => Number.parseInt(address.split(':')[1] ?? '', 16));
}

describe('loopsight top in a terminal', { concurrency: 2 }, () => {
  let shared: Target;
  let skip = false;
  before(async () => {
    shared = await target();
  });
  it('can be tested', (t) => {
    skip = !requirePseudoTerminals(t);
  });

  it('shows live what runs, takes keys, is resized, and gives the terminal back', async (t) => {
    if (skip) return t.skip();
    const terminal = await top(shared.pid);
    const shown = await terminal.until(
      (text) => HAS_WORK.test(text) && /^ lag .* at most [\d.]+ m?s$/m.test(text) && /^ busy .* [\d.]+ %$/m.test(text),
      'the loop, and the function that works',
    );
    assert.ok(terminal.isOther && !terminal.hasCursor);
    assert.deepEqual(await terminal.modes(), { canonical: false, echo: false });
    assert.match(shown, new RegExp(`^ blocks\\.cjs · pid ${shared.pid} · Node ${process.versions.node} · sampled`));
    terminal.type('p');
    await terminal.until((text) => /\d {2}application\n/.test(text), 'packages');
    terminal.type('t');
    await terminal.until((text) => /busy %▾ .*\n.* main /.test(text), 'threads');
    terminal.type('f/WORK\r');
    await terminal.until((text) => /filter "WORK"/.test(text) && !text.includes('node:internal'), 'the filter');
    terminal.type(ESCAPE);
    await terminal.until((text) => !text.includes('filter "'), 'no filter');
    terminal.type('?');
    await terminal.until((text) => /by package/.test(text), 'the help');
    terminal.type('x');
    await terminal.until((text) => text.includes('q:quit'), 'the table');
    terminal.resize(60, 10);
    const small = await terminal.until(
      (text) => text.split('\n')[9]?.startsWith(' ?:help') === true,
      'the smaller screen',
    );
    assert.ok(small.split('\n').every((line) => line.length <= 60));
    terminal.resize(140, 30);
    await terminal.until((text) => text.split('\n')[29]?.startsWith(' ?:help') === true, 'the larger screen');
    terminal.type(' ');
    const paused = await terminal.until((text) => /paused/.test(text), 'the pause');
    await terminal.modes();
    assert.equal(terminal.shown().join('\n'), paused);
    terminal.type('q');
    assert.deepEqual(await terminal.ended, { code: 0, modes: GIVEN_BACK });
    assert.ok(!terminal.isOther && terminal.hasCursor);
    assert.doesNotMatch(terminal.shown().join(''), /own %/);
  });

  const LEAVING: readonly (readonly [how: string, leave: (terminal: PseudoTerminal) => void, code: number])[] = [
    ['Ctrl-C', (terminal) => terminal.type('\u0003'), 0],
    ['SIGINT', ({ pid }) => process.kill(pid, 'SIGINT'), 130],
    ['SIGTERM', ({ pid }) => process.kill(pid, 'SIGTERM'), 143],
    ['SIGHUP', ({ pid }) => process.kill(pid, 'SIGHUP'), 129],
    ['SIGQUIT', ({ pid }) => process.kill(pid, 'SIGQUIT'), -3],
  ];
  for (const [how, leave, code] of LEAVING) {
    it(`gives the terminal back on ${how}`, async (t) => {
      if (skip) return t.skip();
      const terminal = await top(shared.pid);
      await terminal.until((text) => HAS_WORK.test(text), 'the function that works');
      leave(terminal);
      assert.deepEqual(await terminal.ended, { code, modes: GIVEN_BACK });
      assert.ok(!terminal.isOther && terminal.hasCursor);
    });
  }

  it('gives the terminal back before an error is told', async (t) => {
    if (skip) return t.skip();
    const fault = 'data:text/javascript,process.on(`SIGUSR2`,()=>{throw(Error(`a_fault`))})';
    const terminal = await top(shared.pid, { env: { NODE_OPTIONS: `--import=${fault}` } });
    await terminal.until((text) => HAS_WORK.test(text), 'the function that works');
    process.kill(terminal.pid, 'SIGUSR2');
    const { modes } = await terminal.ended;
    assert.deepEqual(modes, GIVEN_BACK);
    assert.ok(!terminal.isOther && terminal.hasCursor);
    assert.match(terminal.shown().join('\n'), /Error: a_fault/);
  });

  it('is suspended by Ctrl-Z and continued', async (t) => {
    if (skip) return t.skip();
    const terminal = await shell();
    terminal.type(`${process.execPath} ${MAIN} top ${shared.pid} --interval 0.3\r`);
    await terminal.until((text) => HAS_WORK.test(text), 'the function that works');
    terminal.type('\u001a');
    await terminal.until((text) => /Stopped/.test(text), 'the stopped job');
    assert.ok(!terminal.isOther && terminal.hasCursor);
    terminal.type('echo al""ive\r');
    await terminal.until((text) => /^alive$/m.test(text), 'the shell');
    terminal.type('fg\r');
    await terminal.until((text) => HAS_WORK.test(text), 'the table again');
    assert.ok(terminal.isOther && !terminal.hasCursor);
    // What cannot be caught leaves the screen to the shell; the terminal is taken anew all the same.
    process.kill(childOf(terminal.pid), 'SIGSTOP');
    await terminal.until((text) => /Stopped/.test(text), 'the stopped job');
    terminal.type('fg\r');
    await terminal.until((text) => HAS_WORK.test(text) && !text.includes('Stopped'), 'the table again');
    assert.ok(terminal.isOther && !terminal.hasCursor);
    assert.deepEqual(await terminal.modes(), { canonical: false, echo: false });
    terminal.type('p');
    await terminal.until((text) => /\d {2}application\n/.test(text), 'packages');
    terminal.type('q');
    await terminal.until(() => !terminal.isOther, 'the usual screen');
    terminal.type('echo code $?\r');
    await terminal.until((text) => /^code 0$/m.test(text), 'the exit code');
    assert.ok(terminal.hasCursor);
  });

  it('has no colours with NO_COLOR, and some without', async (t) => {
    if (skip) return t.skip();
    const isPainted = (text: string) => text.includes(`${ESCAPE}[1m`) || text.includes(`${ESCAPE}[7m`);
    for (const [env, painted] of [
      [{ NO_COLOR: '1' }, false],
      [{}, true],
    ] as const) {
      const terminal = await top(shared.pid, { env });
      await terminal.until((text) => HAS_WORK.test(text), 'the function that works');
      assert.equal(isPainted(terminal.written()), painted);
      terminal.type('q');
      await terminal.ended;
    }
  });

  it('shows how long a blocked loop has not answered, and afterwards what blocked it', async (t) => {
    if (skip) return t.skip();
    const blocked = await target('6');
    const terminal = await top(blocked.pid);
    await terminal.until((text) => HAS_WORK.test(text), 'the function that works');
    blocked.child.kill('SIGUSR2');
    await terminal.until(
      (text) => /blocked for (?:1\.[2-9]\d*|[2-9][.\d]*) s: it sleeps in a call to the system/.test(text),
      'the blocked loop',
    );
    terminal.type('/execsync\r');
    await terminal.until((text) => /execSync +node:child_process/.test(text), 'the call that blocked it');
    terminal.type('q');
    assert.equal((await terminal.ended).code, 0);
    await blocked.kill();
  });

  it('leaves a process that ends its last frame in the usual screen', async (t) => {
    if (skip) return t.skip();
    const ending = await target();
    const terminal = await top(ending.pid);
    await terminal.until((text) => HAS_WORK.test(text), 'the function that works');
    await ending.kill();
    assert.deepEqual(await terminal.ended, { code: 0, modes: GIVEN_BACK });
    assert.ok(!terminal.isOther);
    const shown = terminal.shown().join('\n');
    assert.match(shown, HAS_WORK);
    assert.match(shown, new RegExp(`Process ${ending.pid} has ended`));
  });

  it('can be killed: the process runs on, and can be looked into again', async (t) => {
    if (skip) return t.skip();
    const running = await target();
    const killed = await top(running.pid);
    await killed.until((text) => HAS_WORK.test(text), 'the function that works');
    process.kill(killed.pid, 'SIGKILL');
    assert.equal((await killed.ended).code, -9);
    const terminal = await top(running.pid);
    await terminal.until((text) => HAS_WORK.test(text), 'the function that works');
    terminal.type('q');
    assert.equal((await terminal.ended).code, 0);
    // The inspector that the first one left open is closed.
    await eventually(
      () => listeningPorts(running.pid),
      (ports) => ports.length === 0,
    );
    running.child.kill('SIGUSR2');
    await running.line(/turns/);
    await running.kill();
  });
});
