// `loopsight record`: a process by its id, and a program from its first line, by whoever starts it and however it ends.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { childrenOf, threadName, threadsOf } from '../../src/attach/system-threads.js';
import { timeOf } from '../../src/profile/hot.js';
import type { Profile } from '../../src/profile/profile.js';
import { eventually } from '../support/eventually.js';
import { root, runNode } from '../support/run-node.js';
import { nodes, startTarget, type Target } from '../support/target.js';
import { read, shareOf } from './shares.js';

const CLI = join(root, 'dist/esm/src/cli/main.js');
const folder = mkdtempSync(join(tmpdir(), 'loopsight-records-'));
after(() => rmSync(folder, { recursive: true, force: true }));
/** Where the commands put what they need for a while: it must be empty behind them. */
const temporary = mkdtempSync(join(tmpdir(), 'loopsight-left-'));
after(() => rmSync(temporary, { recursive: true, force: true }));
const env = { TMPDIR: temporary };

const programPath = (name: string) => join(root, 'test/record/programs', name);
const namesOf = ({ threads }: Profile) => threads.map(({ thread }) => thread);

for (const [version, node] of nodes()) {
  test(`a process is recorded and left as it was: Node ${version}`, async (t) => {
    const target = await startTarget('shares.mjs', { node });
    t.after(() => target.kill());
    const file = join(folder, `shares-${version}.json`);
    writeFileSync(file, 'what was there before');
    const { code, stdout, stderr } = await runNode(
      [CLI, 'record', String(target.pid), '--duration', '1.5s', '-o', file],
      { env },
    );
    assert.equal(code, 0, stderr);
    assert.equal(stdout, '');
    const [, seconds] =
      /shares-\d+\.json: ([\d.]+) s of process \d+ \(shares\.mjs\), [\d,]+ samples of 1 thread\n$/.exec(stderr) ?? [];
    assert.ok(Number(seconds) >= 1.4, stderr);
    const profile = read(file);
    assert.equal(profile.pid, target.pid);
    // How exact shares are is told in test/profile: on a machine with too much to do, 1.5 s are little.
    const [largest, middle, smallest] = ['largest', 'middle', 'smallest'].map((name) => shareOf(profile, name));
    assert.ok((largest ?? 0) > (smallest ?? 0) && (smallest ?? 0) > 0, `${largest} ${middle} ${smallest}`);
    assert.ok((largest ?? 0) + (middle ?? 0) + (smallest ?? 0) > 0.8, `${largest} ${middle} ${smallest}`);
    assert.equal(target.child.exitCode, null);
    assert.match(target.output().stderr, /^(?:Debugger listening .*\nFor help, .*\n(?:Debugger attached\.\n)?)?$/);
  });

  test(`a program is recorded from its first line, with workers and children, and ends as it would: Node ${version}`, async () => {
    const file = join(folder, `early-${version}.json`);
    const { code, stdout, stderr } = await runNode(
      [CLI, 'record', '-o', file, '--', node, programPath('early-and-late.mjs')],
      { env },
    );
    assert.equal(code, 7, stderr);
    assert.equal(stdout, 'exits with 7\n');
    assert.match(stderr, /The end of .* \(worker 2\) of process \d+ is missing: it was killed or terminated/);
    const profile = read(file);
    for (const name of ['workedEarly', 'workedLate', 'workedInChild', 'workedInWorker', 'workedUntilEnded']) {
      assert.ok(shareOf(profile, name) > 0.03, `${name} ${shareOf(profile, name)}`);
    }
    const [main, ...others] = namesOf(profile);
    assert.equal(main, 'main');
    assert.equal(others.length, 3);
    assert.match(others.at(-1) ?? '', /^process \d+ \(early-and-late\.mjs\) main$/);
    // What began later is drawn later.
    const starts = profile.threads.map(({ startUs }) => startUs);
    assert.ok(
      starts.slice(1).every((start) => start > (starts[0] ?? 0) + 100_000),
      starts.join(' '),
    );
    assert.deepEqual(readdirSync(temporary), []);
  });
}

async function attached(target: Target): Promise<void> {
  await eventually(
    () => target.output().stderr,
    (text) => text.includes('Debugger attached'),
  );
}

/** Processor time that a process has used, in milliseconds. */
function usedMs(pid: number): number {
  const [, , , , , , , , , , , user, system] = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  return (Number(user) + Number(system)) * 10;
}

/** Resolves when the process has worked for so long, however little of the processor it gets. */
async function worked(pid: number, ms: number): Promise<void> {
  const before = usedMs(pid);
  await eventually(
    () => usedMs(pid) - before,
    (used) => used >= ms,
  );
}

test('a process that ends by itself meanwhile is not held, and what it did is written', async (t) => {
  const target = await startTarget(programPath('ends-when-told.cjs'));
  t.after(() => target.kill());
  const file = join(folder, 'ended.json');
  const recorded = runNode([CLI, 'record', String(target.pid), '--duration', '5m', '-o', file], { env });
  // V8 has a thread for a profiler that runs.
  await eventually(
    () => threadsOf(target.pid).map((tid) => threadName(target.pid, tid)),
    (names) => names.includes('v8:ProfEvntProc'),
  );
  await worked(target.pid, 500);
  target.child.kill('SIGUSR2');
  const run = await recorded;
  assert.equal(run.code, 0, run.stderr);
  // Not by its name: V8 has inlined the function by then, and charges its caller.
  const { busyUs, idleUs } = timeOf(read(file));
  assert.ok(busyUs > 200_000 && busyUs > idleUs, `${busyUs} ${idleUs} ${run.stderr}`);
  await target.ended;
  assert.equal(target.child.exitCode, 0);
});

test('a process that is killed meanwhile: a sentence, and no file', async (t) => {
  const target = await startTarget('shares.mjs');
  t.after(() => target.kill());
  const run = runNode([CLI, 'record', String(target.pid), '--duration', '5m', '-o', join(folder, 'killed.json')], {
    env,
  });
  await attached(target);
  await target.kill();
  const { code, stderr } = await run;
  assert.ok(code === 2 || code === 3, `${code}`);
  assert.match(stderr, /ended meanwhile\.\n$/);
  assert.ok(!readdirSync(folder).some((name) => name.includes('killed')));
});

test('without a file the functions with the most time are shown', async () => {
  const { code, stdout, stderr } = await runNode(
    [CLI, 'record', '--threads', 'main', '--', process.execPath, programPath('early-and-late.mjs')],
    { env },
  );
  assert.equal(code, 7, stderr);
  assert.match(
    stdout,
    /^exits with 7\nloopsight: .* of process \d+ \(early-and-late\.mjs\), [\d,]+ samples of 2 threads\n/,
  );
  assert.match(stdout, /\n +own +total +function\n/);
  assert.match(stdout, / % +burn +test\/record\/programs\/early-and-late\.mjs:\d+\n/);
  assert.deepEqual(readdirSync(temporary), []);
});

/** Starts the command, and resolves when the program says that it is ready. */
async function startCommand(args: readonly string[]): Promise<Ended & { readonly command: ChildProcess }> {
  const { PATH = '', HOME = '' } = process.env;
  const command = spawn(process.execPath, [CLI, ...args], {
    env: { PATH, HOME, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  const ended = new Promise<number | null>((resolve) => command.once('close', resolve));
  command.stderr.setEncoding('utf8').on('data', (text: string) => {
    output.stderr += text;
  });
  await new Promise<void>((resolve) => {
    command.stdout.setEncoding('utf8').on('data', (text: string) => {
      output.stdout += text;
      if (output.stdout.includes('ready\n')) resolve();
    });
    void ended.then(() => resolve());
  });
  return { command, output, ended };
}

interface Ended {
  readonly output: { readonly stdout: string; readonly stderr: string };
  readonly ended: Promise<number | null>;
}

for (const { what, program, signal, code, name, said } of [
  {
    what: 'ends in its own way',
    program: 'service.cjs',
    signal: 'SIGTERM',
    code: 3,
    name: 'serveOne',
    said: /ends in peace/,
  },
  {
    what: 'has no handler of the signal',
    program: 'service.cjs',
    signal: 'SIGINT',
    code: 130,
    name: 'serveOne',
    said: /^ready\n$/,
  },
  { what: 'never turns', program: 'endless.cjs', signal: 'SIGINT', code: 130, name: 'neverEnds', said: /^ready\n$/ },
] as const) {
  test(`${signal} is passed on after what the program did was written: one that ${what}`, async (t) => {
    const file = join(folder, `${what}.json`);
    const args = ['record', '-o', file, '--', process.execPath, '--inspect-port=0', programPath(program)];
    const { command, output, ended } = await startCommand(args);
    t.after(() => command.kill('SIGKILL'));
    // Its start is in the profile as well, and is to be the smaller part.
    const [{ pid } = { pid: 0 }] = childrenOf(command.pid ?? 0, command.pid ?? 0);
    await worked(pid, 3 * usedMs(pid));
    command.kill(signal);
    assert.equal(await ended, code, output.stderr);
    assert.match(output.stdout, said);
    assert.ok(shareOf(read(file), name) > 0.5, `${shareOf(read(file), name)}\n${output.stderr}`);
    assert.deepEqual(readdirSync(temporary), []);
  });
}

test('a program behind npm is recorded, and npm is not', async (t) => {
  const service = join(folder, 'service');
  mkdirSync(service);
  const scripts = { start: `"${process.execPath}" "${programPath('service.cjs')}"` };
  writeFileSync(join(service, 'package.json'), JSON.stringify({ name: 'service', scripts }));
  const args = ['record', '-o', join(folder, 'npm.json'), '--', 'npm', '--prefix', service, 'start'];
  const { command, output, ended } = await startCommand(args);
  t.after(() => command.kill('SIGKILL'));
  command.kill('SIGTERM');
  await ended;
  assert.match(output.stdout, /ends in peace/);
  const profile = read(join(folder, 'npm.json'));
  assert.equal(profile.title, 'service.cjs');
  assert.deepEqual(namesOf(profile), ['main']);
  assert.deepEqual(readdirSync(temporary), []);
});

test('a program whose command was killed goes on, and cleans up behind it', async (t) => {
  const program = "console.log(process.pid); console.log('ready'); setInterval(() => {}, 1000)";
  const { command, output } = await startCommand(['record', '--', process.execPath, '-e', program]);
  const pid = Number.parseInt(output.stdout, 10);
  t.after(() => process.kill(pid, 'SIGKILL'));
  assert.notDeepEqual(readdirSync(temporary), []);
  command.kill('SIGKILL');
  await eventually(
    () => readdirSync(temporary),
    (names) => names.length === 0,
  );
  assert.ok(process.kill(pid, 0));
});

test('a program that another one started gets no signal of the command', async (t) => {
  const program = [process.execPath, programPath('starts-another.cjs')];
  const { command, output, ended } = await startCommand(['record', '-o', join(folder, 'two.json'), '--', ...program]);
  t.after(() => command.kill('SIGKILL'));
  command.kill('SIGTERM');
  assert.equal(await ended, 4, output.stderr);
  assert.equal(output.stdout, 'ready\nthe child ended with 0\n');
  assert.equal(read(join(folder, 'two.json')).threads.length, 2);
  assert.deepEqual(readdirSync(temporary), []);
});

test('a program that deletes the folder that it is in', async () => {
  const cwd = mkdtempSync(join(folder, 'deleted-'));
  const file = join(folder, 'deleted.json');
  const program = "require('fs').rmSync(process.cwd(), { recursive: true }); process.exitCode = 6";
  const args = [CLI, 'record', '-o', file, '--', process.execPath, '-e', program];
  const { code, stderr } = await runNode(args, { env, cwd });
  assert.equal(code, 6, stderr);
  assert.equal(read(file).threads.length, 1);
});

test('a program is ended when its time is up', async () => {
  const file = join(folder, 'time.json');
  const { code, stdout, stderr } = await runNode(
    [CLI, 'record', '--duration', '3s', '-o', file, '--', process.execPath, programPath('service.cjs')],
    { env },
  );
  assert.equal(code, 0, stderr);
  assert.match(stdout, /ends in peace/);
  assert.ok(shareOf(read(file), 'serveOne') > 0.5);
});

test('--help has examples', async () => {
  const { code, stdout } = await runNode([CLI, 'record', '--help']);
  assert.equal(code, 0);
  assert.ok((stdout.match(/^ {2}loopsight record /gm) ?? []).length >= 2);
  assert.ok(
    stdout.split('\n').every((line) => line.length <= 100),
    stdout,
  );
});
