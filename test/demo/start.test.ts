// `npm start`, by the script behind it.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { freePort } from '../support/prometheus.js';
import { type Child, descendantsOf, spawnStart, spawnStartInShell, takePort, waitUntilGone } from './children.js';

const POSIX = process.platform === 'win32' ? { skip: 'needs process groups' } : {};

interface Running {
  readonly start: Child;
  readonly pid: number;
  readonly service: number;
  /** The service and the load generator. */
  readonly children: readonly number[];
}

/** Machines that do much else are slow to end something. */
const PATIENCE_MS = 30_000;

async function startDemo(context: TestContext, ...args: string[]): Promise<Running> {
  const start = spawnStart(...(await freePorts()), ...args);
  const pid = start.process.pid ?? 0;
  context.after(() => start.process.kill('SIGKILL'));
  await start.waitFor(/Its metrics {3}http:/);
  const [service, ...others] = descendantsOf(pid, /dist\/demo\/main\.js/);
  const load = descendantsOf(pid, /dist\/demo\/load\.js/);
  assert.ok(service !== undefined && others.length === 0 && load.length === 1, `${service} ${others} ${load}`);
  return { start, pid, service, children: [service, ...load] };
}

// Not 0: the system may have given the same port to another test before the service listens.
const freePorts = async () => [`--port=${await freePort()}`, `--metrics-port=${await freePort()}`];

for (const [name, signal, toGroup] of [
  ['Ctrl-C', 'SIGINT', true],
  ['SIGINT to the script alone', 'SIGINT', false],
  ['SIGTERM', 'SIGTERM', false],
  ['the end of the terminal', 'SIGHUP', true],
] as const) {
  test(`${name} ends everything with exit code 0`, POSIX, async (context) => {
    const { start, pid, children } = await startDemo(context);
    process.kill(toGroup ? -pid : pid, signal);
    assert.equal(await start.ended, 0, start.output());
    // The script waits for its children, so there is nothing left to wait for.
    await waitUntilGone(children, 0);
  });
}

test('the children end by themselves when the script is killed', POSIX, async (context) => {
  const { start, children } = await startDemo(context);
  start.process.kill('SIGKILL');
  assert.equal(await start.ended, 'SIGKILL');
  await waitUntilGone(children, PATIENCE_MS);
});

test('everything ends when npm ends its shell alone', POSIX, async (context) => {
  const shell = spawnStartInShell(...(await freePorts()));
  context.after(() => shell.process.kill('SIGKILL'));
  await shell.waitFor(/Its metrics {3}http:/);
  const children = descendantsOf(shell.process.pid ?? 0, /scripts\/start\.mjs|dist\/demo\//);
  assert.equal(children.length, 3, `the script, the service and the load: ${children}`);
  shell.process.kill('SIGTERM');
  await waitUntilGone(children, PATIENCE_MS);
});

test('when the service crashes, it says so and ends with exit code 1', POSIX, async (context) => {
  const { start, service, children } = await startDemo(context);
  process.kill(service, 'SIGKILL');
  assert.equal(await start.ended, 1);
  assert.match(start.output(), /The demo service ended by itself \(SIGKILL\)\.\n$/);
  await waitUntilGone(children, 0);
});

test('--duration ends it with exit code 0, after the status was printed', POSIX, async (context) => {
  const { start, children } = await startDemo(context, '--duration=1');
  assert.equal(await start.ended, 0);
  assert.match(start.output(), /What is wrong right now \(loopsight status http:\S+\), .+:\n.+/);
  assert.doesNotMatch(start.output(), /status failed/);
  await waitUntilGone(children, 0);
});

for (const [option, other, user] of [
  ['--port', '--metrics-port', 'the demo service'],
  ['--metrics-port', '--port', 'the metrics endpoint'],
] as const) {
  test(`a busy ${option} is one sentence that names port and option, and exit code 1`, async (context) => {
    const { port, server } = await takePort();
    context.after(() => server.close());
    const start = spawnStart(`${option}=${port}`, `${other}=0`);
    context.after(() => start.process.kill('SIGKILL'));
    assert.equal(await start.ended, 1);
    const sentence = `Port ${port}, which ${user} needs, is in use; choose another one with`;
    assert.match(start.output(), new RegExp(`^${sentence} \`npm start -- ${option} \\d+\`\\.\\n$`));
  });
}

for (const [args, message] of [
  [['--port=x'], 'Expected --port to be an integer from 0 to 65535, got "x".'],
  [['--version=9'], 'Expected --version to be 1 or 2, got "9".'],
  [['--rate=0'], 'Expected --rate to be a number from 0.1 to 1000, got "0".'],
  [['--port=9000', '--metrics-port=9000'], 'Expected --metrics-port to differ from --port, got "9000" for both.'],
  [['--nope'], "Unknown option '--nope'."],
] as const) {
  test(`"${args.join(' ')}" is one sentence and exit code 2`, async (context) => {
    const start = spawnStart(...args);
    context.after(() => start.process.kill('SIGKILL'));
    assert.equal(await start.ended, 2);
    assert.equal(start.output(), `${message}\n`);
  });
}

test('a fault that does not exist is told by the service, and exit code 2', async (context) => {
  const start = spawnStart('--port=0', '--metrics-port=0', '--fault=gremlins');
  context.after(() => start.process.kill('SIGKILL'));
  assert.equal(await start.ended, 2);
  assert.match(start.output(), /mayhem: Expected --fault to be one of .+ or none, got "gremlins"\.\n$/);
});
