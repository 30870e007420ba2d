// `npm start`: installs, builds, runs the demo service instrumented and under load, and says what is wrong with it.
// Works on a bare clone, so it imports nothing but Node's own modules.
import { setTimeout as wait } from 'node:timers/promises';
import { neededSteps } from './setup.mjs';
import { end, endChildren, ending, runToEnd, signalChildren } from './start/children.mjs';
import { printStatus, startLoad, startService, waitForAnswer } from './start/demo.mjs';
import { Failure } from './start/failure.mjs';
import { claimPort, readOptions } from './start/options.mjs';

const FIRST_STATUS_MS = 5_000;
const STATUS_EVERY_MS = 30_000;

/** Installs and builds, as far as that is needed; the output of a step is shown only when it fails. */
async function setUp() {
  for (const { title, command, args, options, done } of neededSteps()) {
    console.log(`${title} …`);
    const { code, output } = await runToEnd(command, args, options);
    if (ending.signal.aborted) return;
    if (code !== 0) {
      const tail = output.trim().split('\n').slice(-15).join('\n');
      throw new Failure(
        `\`${[command, ...args].join(' ')}\` failed (${code}); run it by itself once its reason is gone:\n${tail}`,
      );
    }
    done();
  }
}

async function run() {
  const options = readOptions();
  const port = await claimPort(options.port, '--port', 'the demo service');
  const metricsPort = await claimPort(options.metricsPort, '--metrics-port', 'the metrics endpoint');
  await setUp();
  if (ending.signal.aborted) return;

  const service = `http://127.0.0.1:${port}`;
  const metrics = `http://127.0.0.1:${metricsPort}/metrics`;
  const pid = startService({ ...options, port, metricsPort });
  await waitForAnswer(`${service}/healthz`, 'The demo service');
  await waitForAnswer(metrics, 'The metrics endpoint');
  if (options.load) startLoad({ ...options, port });
  // Not before the status was printed once, however slow the machine is: that is what it is run for.
  let tellFirst = () => {};
  const first = new Promise((resolve) => {
    tellFirst = resolve;
  });
  if (options.durationMs !== undefined) setTimeout(() => void first.then(() => end()), options.durationMs).unref();

  const what = `process ${pid}, mayhem ${options.version}.0.0, faults: ${options.faults.join(', ')}`;
  console.log(`The service   ${service}   (${what})`);
  console.log(`Its live page ${new URL('/', metrics).href}`);
  console.log(`Its metrics   ${metrics}`);
  console.log('Ctrl-C ends everything. What is wrong is told in a few seconds …');
  await wait(FIRST_STATUS_MS, undefined, { signal: ending.signal });
  for (let found = ''; ; ) {
    found = await printStatus(metrics, found);
    tellFirst();
    await wait(STATUS_EVERY_MS, undefined, { signal: ending.signal });
  }
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
