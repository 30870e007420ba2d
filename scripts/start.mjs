// `npm start`: installs, builds, runs the demo service instrumented and under load, and says what is wrong with it.
// Works on a bare clone, so it imports nothing but Node's own modules.
import { fork, spawn } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const at = (...parts) => join(root, ...parts);

const DEFAULT_FAULTS = ['sync-call', 'small-pool', 'unbounded-queue'];
const ANSWER_LIMIT_MS = 20_000;
const FIRST_STATUS_MS = 5_000;
const STATUS_EVERY_MS = 30_000;
const STATUS_LIMIT_MS = 10_000;
/** What a child gets to end by itself; the service drains for at most one second. */
const GRACE_MS = 2_000;

/** Ends everything: its message is the one sentence that is printed. */
class Failure extends Error {
  constructor(message, code = 1) {
    super(message);
    this.code = code;
  }
}

const children = new Set();
/** Aborted when everything is to end; the reason is a Failure, or undefined after Ctrl-C or at the end of --duration. */
const ending = new AbortController();

function say(line) {
  process.stdout.write(`${line}\n`);
}

/** Ends the run; the first call decides how. */
function end(failure) {
  if (!ending.signal.aborted) ending.abort(failure ?? 'asked to');
}

function readOptions() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19))
    throw new Failure(`Node.js 20.19 or later is needed, this is ${process.version}`);
  let values;
  try {
    values = parseArgs({
      options: {
        port: { type: 'string', default: '8080' },
        'metrics-port': { type: 'string', default: '9464' },
        version: { type: 'string', default: '1' },
        fault: { type: 'string', multiple: true },
        rate: { type: 'string', default: '25' },
        duration: { type: 'string' },
        'no-load': { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw new Failure(error.message.split('. To specify')[0], 2);
  }
  const { port, 'metrics-port': metricsPort, version, rate, duration } = values;
  if (!['1', '2'].includes(version)) throw new Failure(`Expected --version to be 1 or 2, got "${version}"`, 2);
  if (port === metricsPort && port !== '0') {
    throw new Failure(`Expected --metrics-port to differ from --port, got "${port}" for both`, 2);
  }
  return {
    port: readNumber('--port', port, 0, 65535, true),
    metricsPort: readNumber('--metrics-port', metricsPort, 0, 65535, true),
    version,
    // Which names there are is for the service to say: its sentence and exit code are passed on.
    faults: values.fault ?? DEFAULT_FAULTS,
    rate: readNumber('--rate', rate, 0.1, 1000),
    durationMs: duration === undefined ? undefined : readNumber('--duration', duration, 1, 86_400) * 1000,
    load: !values['no-load'],
  };
}

function readNumber(name, text, minimum, maximum, integer = false) {
  const value = /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (value >= minimum && value <= maximum && (!integer || Number.isInteger(value))) return value;
  const kind = integer ? 'an integer' : 'a number';
  throw new Failure(`Expected ${name} to be ${kind} from ${minimum} to ${maximum}, got "${text}"`, 2);
}

/** `port` if it can be listened on, or a free one for 0. */
async function claimPort(port, option, user) {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      const reason = error.code === 'EADDRINUSE' ? 'is in use' : `cannot be listened on (${error.code})`;
      const remedy = `choose another one with \`npm start -- ${option} ${port === 65535 ? 1024 : port + 1}\``;
      reject(new Failure(`Port ${port}, which ${user} needs, ${reason}; ${remedy}`));
    });
    server.listen(port, '127.0.0.1', () => {
      const { port: claimed } = server.address();
      server.close(() => resolve(claimed));
    });
  });
}

/** When `path`, or the newest file or folder in it, was changed; 0 when it is not there. */
function changedMs(path) {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return 0;
  if (!stats.isDirectory()) return stats.mtimeMs;
  return Math.max(stats.mtimeMs, ...readdirSync(path).map((name) => changedMs(join(path, name))));
}

/** Installs and builds, as far as that is needed. */
async function setUp() {
  // npm writes this file at the end of an install.
  if (changedMs(at('node_modules/.package-lock.json')) < changedMs(at('package-lock.json'))) {
    say('Installing what the build needs (npm ci) …');
    const npm = process.env.npm_execpath;
    if (npm !== undefined && existsSync(npm) && /npm-cli\.c?js$/.test(npm)) {
      await runStep('npm ci', process.execPath, [npm, 'ci']);
    } else {
      await runStep('npm ci', 'npm', ['ci'], { shell: process.platform === 'win32' });
    }
  }
  const sources = ['src', 'instrumentations', 'demo', 'scripts/build.mjs', 'package.json', 'package-lock.json'];
  sources.push('tsconfig.json', 'tsconfig.esm.json', 'tsconfig.cjs.json');
  // The build writes the demo last.
  if (changedMs(at('dist/demo/main.js')) < Math.max(...sources.map((name) => changedMs(at(name))))) {
    say('Building …');
    await runStep('node scripts/build.mjs', process.execPath, [at('scripts/build.mjs')]);
  }
}

/** Runs a command of the set-up to its end; its output is shown only when it fails. */
async function runStep(name, command, args, options) {
  const { code, output } = await runToEnd(command, args, options);
  if (ending.signal.aborted || code === 0) return;
  const tail = output.trim().split('\n').slice(-15).join('\n');
  throw new Failure(`\`${name}\` failed (${code}); run it by itself once its reason is gone:\n${tail}`);
}

/** Runs a command to its end, or until everything ends. */
function runToEnd(command, args, options = {}) {
  return new Promise((resolve) => {
    // A process group of its own, so that its own children can be ended with it.
    const child = track(
      spawn(command, args, {
        cwd: root,
        stdio: ['ignore', 'pipe', 'pipe'],
        detached: process.platform !== 'win32',
        windowsHide: true,
        ...options,
      }),
      { group: process.platform !== 'win32' },
    );
    let stdout = '';
    let output = '';
    child.stdout.on('data', (data) => {
      stdout += data;
      output += data;
    });
    child.stderr.on('data', (data) => {
      output += data;
    });
    child.once('error', (error) => resolve({ code: error.message, stdout, output }));
    child.once('close', (code, signal) => resolve({ code: code ?? signal, stdout, output }));
  });
}

/** Remembers `child` until it has ended. */
function track(child, { group = false } = {}) {
  const tracked = { child, group };
  children.add(tracked);
  child.once('error', () => child.pid === undefined && children.delete(tracked));
  child.once('exit', () => children.delete(tracked));
  return child;
}

function signalChildren(signal) {
  for (const { child, group } of children) {
    try {
      if (group) process.kill(-child.pid, signal);
      else child.kill(signal);
    } catch {
      // It has just ended.
    }
  }
}

function startService({ port, metricsPort, version, faults }) {
  const args = ['--port', `${port}`, '--version', version, ...faults.map((fault) => `--fault=${fault}`)];
  const service = track(
    fork(at('dist/demo/main.js'), args, {
      cwd: root,
      execArgv: ['--import', pathToFileURL(at('dist/esm/src/register.js')).href],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      env: {
        ...process.env,
        OTEL_SERVICE_NAME: 'mayhem',
        OTEL_RESOURCE_ATTRIBUTES: `service.version=${version}.0.0`,
        OTEL_EXPORTER_PROMETHEUS_HOST: '127.0.0.1',
        OTEL_EXPORTER_PROMETHEUS_PORT: `${metricsPort}`,
      },
    }),
  );
  service.once('exit', (code, signal) => {
    // 2 is a bad flag, which the service has told of.
    end(
      code === 2
        ? new Failure('', 2)
        : new Failure(`The demo service ended by itself (${signal ?? `exit code ${code}`})`),
    );
  });
}

function startLoad({ port, rate }) {
  const args = [`--url=http://127.0.0.1:${port}`, `--rate=${rate}`];
  const load = track(
    fork(at('dist/demo/load.js'), args, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'], execArgv: [] }),
  );
  load.once('exit', (code, signal) => {
    end(new Failure(`The load generator ended by itself (${signal ?? `exit code ${code}`})`));
  });
}

/** Waits until `url` answers. */
async function waitForAnswer(url, what) {
  const endMs = performance.now() + ANSWER_LIMIT_MS;
  for (;;) {
    try {
      const response = await fetch(url, { signal: AbortSignal.any([ending.signal, AbortSignal.timeout(2_000)]) });
      await response.arrayBuffer();
      if (response.ok) return;
    } catch {
      // Not there yet.
    }
    if (performance.now() > endMs)
      throw new Failure(`${what} did not answer at ${url} within ${ANSWER_LIMIT_MS / 1000} s`);
    await wait(100, undefined, { signal: ending.signal });
  }
}

/** Prints what is wrong with the service, if it is not what was printed last; returns what was found. */
async function printStatus(url, last) {
  const command = runToEnd(process.execPath, [at('dist/esm/src/cli/main.js'), 'status', url]);
  const result = await Promise.race([command, wait(STATUS_LIMIT_MS, undefined, { signal: ending.signal })]);
  // 1 says that something is wrong, which is what a status is for.
  const failed = result === undefined || ![0, 1].includes(result.code) || result.stdout.trim() === '';
  const text = failed ? `loopsight status failed (${result?.code ?? 'no answer'})` : result.stdout.trimEnd();
  // The figures in the sentences move all the time; a change is another sentence.
  const found = text.replaceAll(/\d[\d.,]*/g, '0');
  if (found !== last && !ending.signal.aborted) {
    say(`\nWhat is wrong right now (loopsight status ${url}), ${new Date().toLocaleTimeString()}:`);
    say(text);
  }
  return found;
}

async function run() {
  const options = readOptions();
  const port = await claimPort(options.port, '--port', 'the demo service');
  const metricsPort = await claimPort(options.metricsPort, '--metrics-port', 'the metrics endpoint');
  await setUp();
  if (ending.signal.aborted) return;

  const service = `http://127.0.0.1:${port}`;
  const metrics = `http://127.0.0.1:${metricsPort}/metrics`;
  startService({ ...options, port, metricsPort });
  await waitForAnswer(`${service}/healthz`, 'The demo service');
  await waitForAnswer(metrics, 'The metrics endpoint');
  if (options.load) startLoad({ ...options, port });
  if (options.durationMs !== undefined) setTimeout(end, options.durationMs).unref();

  say(`The service   ${service}   (mayhem ${options.version}.0.0; faults: ${options.faults.join(', ')})`);
  say(`Its metrics   ${metrics}`);
  say('Ctrl-C ends everything. What is wrong is told in a few seconds …');
  await wait(FIRST_STATUS_MS, undefined, { signal: ending.signal });
  for (let found = ''; ; ) {
    found = await printStatus(metrics, found);
    await wait(STATUS_EVERY_MS, undefined, { signal: ending.signal });
  }
}

/** Ends all children, hard after the grace. */
async function endChildren() {
  signalChildren('SIGTERM');
  const endMs = performance.now() + GRACE_MS;
  while (children.size > 0 && performance.now() < endMs) await wait(20);
  signalChildren('SIGKILL');
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => end());
// The terminal, or the reader of a pipe, has gone.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => end());
// npm passes signals to the shell that it runs scripts in, and some shells end without passing them on.
if (process.env.npm_lifecycle_event === 'start') {
  const { ppid } = process;
  setInterval(() => process.ppid !== ppid && end(), 250).unref();
}
// Whatever else ends this process must not leave a child; those that it cannot reach watch for its end themselves.
process.on('exit', () => signalChildren('SIGKILL'));

// What is under way when the end comes is not waited for; why it came is in the signal.
await Promise.race([run().catch(end), new Promise((resolve) => ending.signal.addEventListener('abort', resolve))]);
const { reason } = ending.signal;
await endChildren();
if (reason instanceof Error) {
  if (reason.message !== '') console.error(reason instanceof Failure ? `${reason.message}.` : reason);
  process.exit(reason instanceof Failure ? reason.code : 1);
}
process.exit(0);
