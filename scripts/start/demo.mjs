// The demo service, its load, and what `loopsight status` says of it.
import { fork } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { root } from '../setup.mjs';
import { end, ending, runToEnd, track } from './children.mjs';
import { Failure } from './failure.mjs';

const ANSWER_LIMIT_MS = 20_000;
const STATUS_LIMIT_MS = 30_000;
const at = (...parts) => join(root, ...parts);

/** Starts the service under `loopsight/register`; the run ends when it does. Returns its process id. */
export function startService({ port, metricsPort, version, faults }) {
  const args = ['--port', `${port}`, '--version', version, ...faults.map((fault) => `--fault=${fault}`)];
  const service = track(
    fork(at('dist/demo/main.js'), args, {
      cwd: root,
      execArgv: ['--import', pathToFileURL(at('dist/esm/src/register.js')).href],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      env: {
        LOOPSIGHT_PAGE: 'on',
        ...process.env,
        OTEL_SERVICE_NAME: 'mayhem',
        OTEL_RESOURCE_ATTRIBUTES: `service.version=${version}.0.0`,
        OTEL_EXPORTER_PROMETHEUS_HOST: '127.0.0.1',
        OTEL_EXPORTER_PROMETHEUS_PORT: `${metricsPort}`,
      },
    }),
  );
  service.once('exit', (code, signal) => {
    if (wasAsked(signal)) end();
    // 2 is a bad flag, which the service has told of.
    else end(code === 2 ? new Failure('', 2) : byItself('The demo service', code, signal));
  });
  return service.pid;
}

/** Starts the load generator; the run ends when it does. */
export function startLoad({ port, rate }) {
  const args = [`--url=http://127.0.0.1:${port}`, `--rate=${rate}`];
  const load = track(
    fork(at('dist/demo/load.js'), args, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'], execArgv: [] }),
  );
  load.once('exit', (code, signal) => end(wasAsked(signal) ? undefined : byItself('The load generator', code, signal)));
}

// A terminal that closes ends the whole group, and the word of a child's end may come before the signal of our own.
function wasAsked(signal) {
  return signal === 'SIGHUP' || signal === 'SIGINT';
}

function byItself(who, code, signal) {
  return new Failure(`${who} ended by itself (${signal ?? `exit code ${code}`})`);
}

/** Waits until `url` answers. */
export async function waitForAnswer(url, what) {
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
export async function printStatus(url, last) {
  const command = runToEnd(process.execPath, [at('dist/esm/src/cli/main.js'), 'status', url]);
  const result = await Promise.race([command, wait(STATUS_LIMIT_MS, undefined, { signal: ending.signal })]);
  // 1 says that something is wrong, which is what a status is for.
  const failed = result === undefined || ![0, 1].includes(result.code) || result.stdout.trim() === '';
  const text = failed ? `loopsight status failed (${result?.code ?? 'no answer'})` : result.stdout.trimEnd();
  // The figures in the sentences move all the time; a change is another sentence.
  const found = text.replaceAll(/\d[\d.,]*/g, '0');
  if (found !== last && !ending.signal.aborted) {
    console.log(`\nWhat is wrong right now (loopsight status ${url}), ${new Date().toLocaleTimeString()}:`);
    console.log(text);
  }
  return found;
}
