// `loopsight tasks` of a real process: what waits, what blocks, who made whom, and where they wait.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import type { Task, Tasks } from '../../src/tasks/task.js';
import { eventually } from '../support/eventually.js';
import { startInstrumented } from '../support/instrumented.js';
import { type Run, root, runNode } from '../support/run-node.js';

const LONG_MS = 60_000;

const main = join(root, 'dist/esm/src/cli/main.js');

interface Program {
  readonly pid: number;
  /** What it was started with. */
  readonly env: Readonly<Record<string, string>>;
  /** Begins a traced call. */
  begin(path: string): Promise<void>;
  /** Runs the command as the user of the program would. */
  command(...args: readonly string[]): Promise<Run>;
  /** The tasks; `args` follow the id. */
  tasks(...args: readonly string[]): Promise<Tasks>;
}

async function start(t: TestContext, env: Readonly<Record<string, string>> = {}): Promise<Program> {
  const folder = mkdtempSync(join(tmpdir(), 'loopsight-tasks-'));
  mkdirSync(join(folder, 'run'), { mode: 0o700 });
  const own = { XDG_RUNTIME_DIR: join(folder, 'run'), TMPDIR: folder };
  const program = await startInstrumented<{ app: string }>('tasks.mjs', { ...own, ...env });
  t.after(async () => {
    await program[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });
  const pid = program.child.pid ?? 0;
  const command = (...args: readonly string[]) => runNode([main, 'tasks', ...args], { env: own });
  return {
    pid,
    env: own,
    command,
    async begin(path) {
      await (await fetch(program.said.app + path)).text();
    },
    async tasks(...args) {
      const { code, stdout, stderr } = await command(String(pid), '--json', ...args);
      assert.equal(code, 0, stderr);
      return JSON.parse(stdout) as Tasks;
    },
  };
}

const named = ({ tasks }: Tasks, name: string): Task | undefined => tasks.find((task) => task.name === name);

const settings = { skip: process.platform === 'win32' && 'no such sockets', concurrency: 4 };

describe('loopsight tasks', settings, () => {
  test('shows calls that wait, the one that made another, and its idle time', async (t) => {
    const program = await start(t);
    await program.begin('/wait');
    const tasks = await eventually(
      () => program.tasks(),
      (seen) => (named(seen, 'loadUser')?.idleMs ?? 0) > 2000 && seen.blockedMs === 0,
    );
    assert.deepEqual(tasks.tasks.map(({ name }) => name).sort(), ['loadUser', 'queryRows']);
    const [outer, inner] = [named(tasks, 'loadUser'), named(tasks, 'queryRows')];
    assert.notEqual(outer?.state, 'running');
    assert.deepEqual(inner?.parent, { id: outer?.id, name: 'loadUser' });
    // Its waiting is not its own; its first lines may be, on a machine that takes the processor away in them.
    assert.ok((outer?.ownMs ?? 999) < 500, `own is ${outer?.ownMs} ms`);
    assert.deepEqual([tasks.isOn, tasks.hidden], [true, 0]);
    const { stdout } = await program.command();
    assert.match(stdout, /^loopsight: 2 tasks of process \d+ at .*; the oldest is /);
    assert.match(stdout, /pending|waiting/);
    assert.match(stdout, / queryRows ← loadUser #\d+$/m);
  });

  test('shows a call whose maker has ended', async (t) => {
    const program = await start(t);
    await program.begin('/orphan');
    const tasks = await eventually(
      () => program.tasks(),
      (seen) => named(seen, 'queryRows') !== undefined,
    );
    assert.deepEqual(
      tasks.tasks.map(({ name, parent }) => [name, parent?.name, parent?.id]),
      [['queryRows', 'handleEvent', undefined]],
    );
    assert.ok((tasks.tasks[0]?.parent?.endedMs ?? -1) >= 0);
  });

  for (const [path, name, what] of [
    ['/compute', 'computeTotals', 'JavaScript'],
    ['/hash', 'hashPassword', 'one native call'],
  ] as const) {
    test(`shows the call that blocks the loop in ${what}, while it does`, async (t) => {
      const program = await start(t);
      await program.begin('/wait');
      await program.begin(`${path}?ms=${LONG_MS}`);
      const tasks = await eventually(
        () => program.tasks(),
        (seen) => (named(seen, name)?.inStateMs ?? 0) > 1100,
      );
      const culprit = named(tasks, name);
      assert.equal(culprit?.state, 'running');
      assert.deepEqual(culprit?.lints, ['never_yielded']);
      assert.ok((culprit?.ownMs ?? 0) > 1000, `own is ${culprit?.ownMs} ms`);
      assert.ok(tasks.blockedMs > 900, `blocked for ${tasks.blockedMs} ms`);
      assert.notEqual(named(tasks, 'loadUser')?.state, 'running');
      const { stdout } = await program.command(String(program.pid));
      assert.match(stdout, /^The main loop has not turned for /m);
      assert.match(stdout, /^ {6}odd: it has run for .* without yielding/m);
      assert.equal((await program.tasks('--where')).noPlaces, 'held');
    });
  }

  // Only calls that begin while that is asked for are measured, so they begin again and again.
  function beginAgain(t: TestContext, program: Program, path: string): void {
    const timer = setInterval(() => void program.begin(path).catch(() => {}), 200);
    t.after(() => clearInterval(timer));
  }

  test('finds a call that yields and does not wait', async (t) => {
    const program = await start(t);
    beginAgain(t, program, '/yield?ms=3000');
    const tasks = await eventually(
      () => program.tasks('--where'),
      (seen) => seen.tasks.some(({ lints }) => lints.includes('busy_yielding')),
    );
    const odd = tasks.tasks.find(({ lints }) => lints.includes('busy_yielding'));
    assert.equal(odd?.name, 'poll');
    assert.ok((odd?.wakes?.own ?? 0) > 25);
  });

  test('does not take ticks of a stream for yielding', async (t) => {
    const program = await start(t);
    beginAgain(t, program, '/read');
    const tasks = await eventually(
      () => program.tasks('--where'),
      (seen) => seen.tasks.some(({ wakes }) => (wakes?.all ?? 0) >= 50),
    );
    assert.deepEqual(
      tasks.tasks.flatMap(({ lints }) => lints),
      [],
    );
  });

  test('says where calls wait that begin while that is asked for', async (t) => {
    const program = await start(t);
    beginAgain(t, program, '/wait');
    const placeOf = ({ name, where }: Task) => `${name} in ${where?.function} (${where?.file}:${where?.line})`;
    const expected = [
      'queryRows in queryRows (test/fixtures/tasks.mjs:11)',
      'loadUser in loadUser (test/fixtures/tasks.mjs:14)',
    ];
    await eventually(
      () => program.tasks('--where'),
      (seen) => expected.every((place) => seen.tasks.map(placeOf).includes(place)),
    );
    const { stdout } = await program.command('--where');
    assert.match(stdout, /^ {6}waits in queryRows \(test\/fixtures\/tasks\.mjs:11\)$/m);
  });

  test('watches until the process ends', async (t) => {
    const program = await start(t);
    await program.begin('/wait');
    const watching = spawn(process.execPath, [main, 'tasks', String(program.pid), '--watch'], { env: program.env });
    t.after(() => watching.kill('SIGKILL'));
    const ended = once(watching, 'exit');
    let stdout = '';
    watching.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    await eventually(
      () => stdout,
      (text) => text.split('loopsight: 2 tasks').length >= 3,
    );
    process.kill(program.pid, 'SIGKILL');
    const [code] = await ended;
    assert.equal(code, 0);
  });

  test('asks which one is meant where there are several', async (t) => {
    const first = await start(t);
    const second = await startInstrumented<{ app: string }>('tasks.mjs', first.env);
    t.after(() => second[Symbol.asyncDispose]());
    const { code, stderr } = await first.command();
    assert.equal(code, 3);
    const pids = [first.pid, second.child.pid ?? 0].sort((a, b) => a - b);
    assert.equal(stderr, `Several processes can be asked: ${pids.join(', ')}. Say which.\n`);
  });

  const WRONG: readonly (readonly [args: readonly string[], code: number, says: RegExp])[] = [
    [['x'], 2, /Expected the id of a process, got "x"; see loopsight tasks --help/],
    [['1', '--socket', '/x'], 2, /Expected the id of one process or --socket, got 2 of them/],
    [['--nope'], 2, /Unknown option '--nope'/],
    [['--socket', '/nowhere.sock'], 3, /there is no such file/],
    [['999999999'], 3, /There is no process 999999999/],
  ];
  for (const [args, expected, says] of WRONG) {
    test(`explains tasks ${args.join(' ')}`, async () => {
      const { code, stderr } = await runNode([main, 'tasks', ...args]);
      assert.equal(code, expected, stderr);
      assert.match(stderr, says);
    });
  }

  test('says so where traced calls are not followed', async (t) => {
    const program = await start(t, { OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'traced' });
    const { code, stderr } = await program.command();
    assert.equal(code, 3, stderr);
    assert.match(stderr, /follows no traced calls/);
  });
});
